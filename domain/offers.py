"""What may be asked of a cluster now, by whom, and what is still to be filled in: complete for the state.

A program that knows nothing but this and the vocabulary can take a cluster from identified to licence.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from domain import commands
from domain.bodies import barred, electors
from domain.cluster import Cluster
from domain.duties import is_paused
from domain.forms import NEEDED_REASON, REASON, Offer, agent_as, asked, chosen, is_vacant, submission
from domain.gates import has_critical_finding, unmet
from domain.offers_beside import beside
from domain.people import roles_that_may
from domain.records import Duty
from domain.rubric import gaps
from domain.values import Frozen

EARLIEST = "1990-01-01"


def offers(cluster: Cluster, today: date) -> list[Offer]:
    """Everything the state allows, the duties first in the order of their due dates; beside them, a closed file
    allows nothing.
    """
    duties = sorted(cluster.duties.values(), key=lambda d: (d.due_on or date.max, d.id))
    found = [offer for duty in duties for offer in offers_for(cluster, duty, today)]
    if not cluster.is_open:
        return found
    return [*found, *(offer.model_copy(update={"forward": False}) for offer in beside(cluster, today))]


def offers_for(c: Cluster, duty: Duty, today: date) -> Iterator[Offer]:
    """How this duty can be met. While its clock stands, nobody is pressed to: then no offer leads forward."""
    stands = is_paused(c, duty)
    for offer in _ways(c, duty, today):
        if not stands:
            yield offer
        elif not is_vacant(c, duty.owner):
            yield offer.model_copy(update={"forward": False})


def _ways(c: Cluster, duty: Duty, today: date) -> Iterator[Offer]:
    match duty.kind:
        case "deliverable":
            yield from _work(c, duty, today)
        case "approval":
            yield from _approval(c, duty, today)
        case "gate":
            _, gate = c.methodology.gate_by_key[duty.ref]
            answers = tuple(answer.key for answer in gate.answers)
            yield from _decision(c, duty, today, answers, alone="DecideGate", fields={"gate": gate.key})
        case "extension":
            yield from _decision(c, duty, today, ("grant", "refuse"), alone="DecideExtension")
        case "agent":
            known = chosen("agent", c.candidates)
            anyone = asked("agent", "persons", role=c.methodology.term.agent_role)  # nobody fits: any registered one
            yield Offer(type="ConfirmAgent", role=duty.owner, duty=duty.id, fields={},
                        missing=(known if c.candidates else anyone,))  # fmt: skip
        case "moderation":
            sheets = c.evaluations[duty.ref].sheets
            scores = asked("scores", "scores", keys=list(gaps(sheets, c.methodology.rubric)), min=0, max=100,
                           not_by=list(c.evaluations[duty.ref].raters))  # fmt: skip
            yield Offer(type="ModerateEvaluation", role=duty.owner, duty=duty.id, fields={"duty": duty.ref},
                        missing=(scores, NEEDED_REASON))  # fmt: skip
        case "milestone":
            number = int(duty.id.partition(".")[2])
            yield Offer(type="CompleteMilestone", role=duty.owner, persons=agent_as(c, duty.owner), duty=duty.id,
                        fields={"milestone": number, "done_on": str(today),
                                "spent": c.milestones[number].budget})  # fmt: skip
        case "finding":
            yield Offer(type="AnswerFinding", role=duty.owner, persons=agent_as(c, duty.owner), duty=duty.id,
                        fields={"finding": int(duty.ref)}, missing=(asked("text", "text"),))  # fmt: skip
        case _:
            yield from _office(c, duty, today)


def _office(c: Cluster, duty: Duty, today: date) -> Iterator[Offer]:
    """What the coordinator or the office owes: bodies, dates, reviews and the end of the term."""
    tomorrow = str(today + timedelta(days=1))
    kind: type[Frozen]
    fields: dict[str, Any] = {}
    match duty.kind:
        case "body":
            kind, fields = commands.SeatBody, {"body": duty.ref}
            missing = [
                asked("members", "persons", role=duty.ref, min=3, max=15),
                asked("quorum", "integer", more_than_half_of="members"),
                asked("until", "date", min=tomorrow, max=str(today + timedelta(days=4 * 365))),
            ]
        case "start_date":
            kind = commands.ConfirmStart
            missing = [
                asked("started_on", "date", min=EARLIEST, max=str(today)),
                asked("clock_started_on", "date", required=_term_is_older(c), min=EARLIEST, max=str(today)),
            ]
        case "licence_statement":
            kind = commands.StateLicence
            missing = [
                asked("number", "text", required=False, inline=True),
                asked("valid_until", "date", required=False, min=EARLIEST),
            ]
        case "stall_review":
            kind, fields = commands.ReviewStall, {"duty": duty.id}
            missing = [
                chosen("answer", ["continue", "give_new_date"]),
                NEEDED_REASON,
                asked("due_on", "date", required=False, min=tomorrow, max=str(today + timedelta(days=365))),
            ]
        case "interim":
            kind, missing = commands.NameInterim, [asked("person", "persons", role="cda", one=True)]
        case "inventory":
            kind, missing = commands.ListInventory, [asked("inventory", "document")]
        case "effect":
            kind, fields, missing = commands.AskAgain, {"duty": duty.id}, []
        case "term":
            kind, missing = commands.EndProgramme, [NEEDED_REASON]
        case _:
            return
    others = [role for role in roles_that_may(kind) if role != duty.owner]
    for role in (duty.owner, *others):
        yield Offer(type=kind.__name__, role=role, duty=duty.id, forward=duty.kind != "term", fields=fields,
                    missing=tuple(missing))  # fmt: skip


def _work(c: Cluster, duty: Duty, today: date) -> Iterator[Offer]:
    _, kind = c.methodology.deliverable_by_key[duty.ref.partition(".")[0]]
    if not kind.raters:
        yield submission(c, duty.id, kind, today)
        return
    evaluation = c.evaluations.get(duty.id)
    if evaluation is None or len(evaluation.sheets) < kind.raters:
        keys = [criterion.key for criterion in c.methodology.rubric.criteria]
        scores = asked("scores", "scores", keys=keys, min=0, max=100, evidence=True,
                       not_by=[*(evaluation.raters if evaluation else ()), *c.led_by])  # fmt: skip
        yield Offer(type="ScoreEvaluation", role=duty.owner, duty=duty.id, fields={"duty": duty.id},
                    missing=(scores,))  # fmt: skip


def _approval(c: Cluster, duty: Duty, today: date) -> Iterator[Offer]:
    sent = c.sent.get(duty.ref)
    if sent is None:
        return
    kind = c.methodology.deliverable_by_key[sent.deliverable][1]
    blocked = bool(unmet(c, kind.approve_when, today)) or (kind.yields == "release" and has_critical_finding(c))
    answers = () if blocked else kind.answers or ("approve",)
    returns = ("return",) if sent.round + 1 < kind.max_rounds else ()
    if c.methodology.role_by_key[duty.owner].body:
        yield from _decision(c, duty, today, (*answers, *returns))
        return
    fields = {"duty": duty.ref}
    if answers:
        answer = chosen("answer", kind.answers, not_by=list(sent.by))
        yield Offer(type="ApproveDeliverable", role=duty.owner, duty=duty.id, fields=fields,
                    missing=(answer,) if kind.answers else ())  # fmt: skip
    if returns:
        yield Offer(type="ReturnDeliverable", role=duty.owner, duty=duty.id, forward=False, fields=fields,
                    missing=(NEEDED_REASON,))  # fmt: skip


def _decision(
    c: Cluster,
    duty: Duty,
    today: date,
    answers: tuple[str, ...],
    *,
    alone: str = "",
    fields: dict[str, Any] | None = None,
) -> Iterator[Offer]:
    """A decision by one office, or by the votes of a seated body."""
    if not answers:
        return
    if not c.methodology.role_by_key[duty.owner].body:
        answer = chosen("answer", answers, not_by=list(barred(c, duty)))
        yield Offer(type=alone, role=duty.owner, duty=duty.id, fields=fields or {}, missing=(answer, REASON))
        return
    members = tuple(member for member in electors(c, duty, today) if member not in duty.votes)
    only_back = answers == ("return",)
    if members:
        yield Offer(type="CastVote", role=duty.owner, persons=members, duty=duty.id, forward=not only_back,
                    fields={"duty": duty.id},
                    missing=(chosen("answer", answers), NEEDED_REASON if only_back else REASON))  # fmt: skip


def _term_is_older(c: Cluster) -> bool:
    """True when the agent's term began with a stage before the present one."""
    term = c.methodology.term
    return c.stage not in (term.clock_starts, term.exit_stage) and c.methodology.reaches(c.stage, term.clock_starts)
