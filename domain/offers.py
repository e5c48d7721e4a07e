"""What may be asked of a cluster now, by whom, and what is still to be filled in: complete for the state.

A program that knows nothing but this and the vocabulary can take a cluster from identified to licence.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from domain.cluster import Cluster, Duty, occurrence
from domain.duties import is_paused
from domain.gates import has_critical_finding, missing, unmet
from domain.methodology import Deliverable, FieldSpec
from domain.rubric import gaps
from domain.values import Frozen

REASON = {"field": "reason", "kind": "text", "required": False}
NEEDED_REASON = {"field": "reason", "kind": "text", "required": True}


class Offer(Frozen):
    """One request that would be accepted once `missing` is filled in. `persons` empty: anyone in the role.

    `forward` is False for what turns back, waives or ends, and for what nobody owes.
    """

    type: str
    role: str
    persons: tuple[str, ...] = ()
    duty: str = ""
    forward: bool = True
    fields: dict[str, Any]
    missing: tuple[dict[str, Any], ...] = ()


def offers(cluster: Cluster, today: date) -> list[Offer]:
    """Everything the state allows, the duties first in the order of their due dates."""
    if not cluster.is_open:
        return []
    duties = sorted(cluster.duties.values(), key=lambda d: (d.due_on or date.max, d.id))
    found = [offer for duty in duties for offer in _for_duty(cluster, duty, today)]
    beside = [offer.model_copy(update={"forward": False}) for offer in _beside(cluster, today)]
    return [*found, *beside]


def _for_duty(c: Cluster, duty: Duty, today: date) -> Iterator[Offer]:
    match duty.kind:
        case "deliverable":
            if not is_paused(c, duty):
                yield from _submission(c, duty, today)
        case "approval":
            yield from _approval(c, duty, today)
        case "gate":
            _, gate = c.methodology.gate_by_key[duty.ref]
            answers = tuple(answer.key for answer in gate.answers)
            yield from _decision(c, duty, "DecideGate", {"gate": gate.key}, answers)
        case "extension":
            yield from _decision(c, duty, "DecideExtension", {}, ("grant", "refuse"))
        case "body":
            yield Offer(type="SeatBody", role=duty.owner, duty=duty.id, fields={"body": duty.ref}, missing=(
                {"field": "members", "kind": "persons", "role": duty.ref, "required": True, "min": 3, "max": 15},
                {"field": "quorum", "kind": "integer", "required": True, "more_than_half_of": "members"},
                {"field": "until", "kind": "date", "required": True, "min": str(today + timedelta(days=1)),
                 "max": str(today + timedelta(days=4 * 365))},
            ))  # fmt: skip
        case "agent":
            agent = {"field": "agent", "kind": "choice", "required": True, "choices": list(c.candidates)}
            if not c.candidates:  # nobody fits: any registered agent may be named
                agent = {
                    "field": "agent",
                    "kind": "persons",
                    "role": c.methodology.term.agent_role,
                    "required": True,
                }
            yield Offer(type="ConfirmAgent", role=duty.owner, duty=duty.id, fields={}, missing=(agent,))
        case "milestone":
            number = int(duty.id.partition(".")[2])
            yield Offer(
                type="CompleteMilestone", role=duty.owner, persons=_agent(c, duty.owner), duty=duty.id,
                fields={"milestone": number, "done_on": str(today), "spent": c.milestones[number].budget},
            )  # fmt: skip
        case "moderation":
            evaluation = c.evaluations[duty.ref]
            criteria = gaps(evaluation.sheets, c.methodology.rubric)
            scores = {
                "field": "scores",
                "kind": "scores",
                "required": True,
                "keys": list(criteria),
                "min": 0,
                "max": 100,
            }
            yield Offer(type="ModerateEvaluation", role=duty.owner, duty=duty.id, fields={"duty": duty.ref},
                        missing=(scores, NEEDED_REASON))  # fmt: skip
        case "term":
            yield Offer(
                type="EndProgramme",
                role=duty.owner,
                duty=duty.id,
                forward=False,
                fields={},
                missing=(NEEDED_REASON,),
            )
        case "start_date":
            yield Offer(type="ConfirmStart", role=duty.owner, duty=duty.id, fields={}, missing=(
                {"field": "started_on", "kind": "date", "required": True, "min": "1990-01-01", "max": str(today)},
                {"field": "clock_started_on", "kind": "date", "required": False, "min": "1990-01-01", "max": str(today)},
            ))  # fmt: skip
        case "licence_statement":
            yield Offer(type="StateLicence", role=duty.owner, duty=duty.id, fields={}, missing=(
                {"field": "number", "kind": "text", "required": False, "inline": True},
                {"field": "valid_until", "kind": "date", "required": False, "min": "1990-01-01"},
            ))  # fmt: skip
        case "stall_review":
            yield Offer(type="ReviewStall", role=duty.owner, duty=duty.id, fields={"duty": duty.id}, missing=(
                {"field": "answer", "kind": "choice", "required": True, "choices": ["continue", "give_new_date"]},
                NEEDED_REASON,
                {"field": "due_on", "kind": "date", "required": False, "min": str(today + timedelta(days=1)),
                 "max": str(today + timedelta(days=365))},
            ))  # fmt: skip
        case "finding":
            text = {"field": "text", "kind": "text", "required": True}
            yield Offer(type="AnswerFinding", role=duty.owner, persons=_agent(c, duty.owner), duty=duty.id,
                        fields={"finding": int(duty.ref)}, missing=(text,))  # fmt: skip


def _submission(c: Cluster, duty: Duty, today: date) -> Iterator[Offer]:
    _, kind = c.methodology.deliverable_by_key[duty.ref.partition(".")[0]]
    if duty.owner == c.methodology.term.agent_role and c.agent is None:
        return
    if kind.raters:
        evaluation = c.evaluations.get(duty.id)
        if evaluation is None or len(evaluation.sheets) < kind.raters:
            keys = [criterion.key for criterion in c.methodology.rubric.criteria]
            scores = {"field": "scores", "kind": "scores", "required": True, "keys": keys, "min": 0, "max": 100,
                      "evidence": True, "not_by": list(evaluation.sheets) if evaluation else []}  # fmt: skip
            yield Offer(
                type="ScoreEvaluation",
                role=duty.owner,
                duty=duty.id,
                fields={"duty": duty.id},
                missing=(scores,),
            )
        return
    yield _submit(c, duty.id, kind, today)


def _submit(c: Cluster, duty_id: str, kind: Deliverable, today: date) -> Offer:
    return Offer(
        type="SubmitDeliverable", role=kind.owner, persons=_agent(c, kind.owner), duty=duty_id,
        fields={"duty": duty_id}, missing=tuple(_told(spec, today) | {"field": f"values.{spec.key}"} for spec in kind.fields),
    )  # fmt: skip


def _told(spec: FieldSpec, today: date) -> dict[str, Any]:
    told: dict[str, Any] = spec.model_dump(mode="json", exclude_defaults=True) | {"required": spec.required}
    if spec.kind == "date":
        told["usual"] = str(today)
    if spec.columns:
        told["columns"] = [_told(column, today) for column in spec.columns]
    return told


def _approval(c: Cluster, duty: Duty, today: date) -> Iterator[Offer]:
    sent = c.sent.get(duty.ref)
    if sent is None:
        return
    kind = c.methodology.deliverable_by_key[sent.deliverable][1]
    blocked = bool(unmet(c, kind.approve_when, today)) or (kind.yields == "release" and has_critical_finding(c))
    answers = () if blocked else kind.answers or ("approve",)
    if c.methodology.role_by_key[duty.owner].body:
        returns = ("return",) if sent.round + 1 < kind.max_rounds else ()
        yield from _decision(c, duty, "", {}, (*answers, *returns), not_by=sent.by)
        return
    not_by = {"not_by": list(sent.by)}
    if not blocked:
        answer = {
            "field": "answer",
            "kind": "choice",
            "required": True,
            "choices": list(kind.answers),
        } | not_by
        yield Offer(type="ApproveDeliverable", role=duty.owner, duty=duty.id, fields={"duty": duty.ref},
                    missing=(answer,) if kind.answers else ())  # fmt: skip
    if sent.round + 1 < kind.max_rounds:
        yield Offer(type="ReturnDeliverable", role=duty.owner, duty=duty.id, forward=False, fields={"duty": duty.ref},
                    missing=(NEEDED_REASON,))  # fmt: skip


def _decision(
    c: Cluster,
    duty: Duty,
    alone: str,
    fields: dict[str, Any],
    answers: tuple[str, ...],
    not_by: tuple[str, ...] = (),
) -> Iterator[Offer]:
    """A decision by one office, or by the votes of a seated body."""
    answer = {"field": "answer", "kind": "choice", "required": True, "choices": list(answers)}
    if not answers:
        return
    if not c.methodology.role_by_key[duty.owner].body:
        yield Offer(type=alone, role=duty.owner, duty=duty.id, fields=fields, missing=(answer, REASON))
        return
    seat = c.bodies.get(duty.owner)
    members = tuple(m for m in seat.members if m not in duty.votes and m not in not_by) if seat else ()
    only_back = answers == ("return",)
    if members:
        yield Offer(type="CastVote", role=duty.owner, persons=members, duty=duty.id, forward=not only_back,
                    fields={"duty": duty.id}, missing=(answer, NEEDED_REASON if only_back else REASON))  # fmt: skip


def _beside(c: Cluster, today: date) -> Iterator[Offer]:
    """What may be asked although nobody owes it."""
    for stage in c.active_stages:
        for kind in stage.deliverables:
            duty_id = occurrence(kind.key, c.opened.get(kind.key, 0) + 1, kind.repeats)
            if kind.on_demand and not any(d.startswith(f"{kind.key}.") for d in c.duties):
                yield _submit(c, duty_id, kind, today)
        gate = stage.gate
        if gate and gate.waives and (lacking := missing(c, gate, today)):
            places = {
                "field": "condition",
                "kind": "choice",
                "required": True,
                "choices": [m.condition for m in lacking],
            }
            yield Offer(
                type="WaiveCondition",
                role=gate.waives,
                fields={"gate": gate.key},
                missing=(places, NEEDED_REASON),
            )
    coordinator = "provincial_coordinator"
    for number, finding in c.findings.items():
        if finding.answered:
            yield Offer(type="CloseFinding", role="technical_supervisor", fields={"finding": number})
    level = {
        "field": "level",
        "kind": "choice",
        "required": True,
        "choices": ["note", "minor", "major", "critical"],
    }
    text = {"field": "text", "kind": "text", "required": True}
    yield Offer(type="OpenFinding", role="technical_supervisor", fields={}, missing=(level, text))
    term = c.methodology.term
    if c.clock and c.extension is None and c.handed_over_on is None:
        left = term.extension_months - c.clock.extended_months
        if left > 0:
            months = {"field": "months", "kind": "integer", "required": True, "min": 1, "max": left}
            yield Offer(type="AskExtension", role=coordinator, fields={}, missing=(months, NEEDED_REASON))
    if c.agent and c.agent.notice_on is None:
        causes = [
            "resignation",
            "illness",
            "contract_breach",
            "missed_reports",
            "supervisor_advice",
            "conflict",
        ]
        cause = {"field": "cause", "kind": "choice", "required": True, "choices": causes}
        yield Offer(type="GiveNotice", role=term.agent_role, persons=(c.agent.person,), fields={}, missing=(cause,))
    if not c.approved:
        yield Offer(type="WithdrawCluster", role=coordinator, fields={}, missing=(NEEDED_REASON,))


def _agent(c: Cluster, role: str) -> tuple[str, ...]:
    return (c.agent.person,) if c.agent and role == c.methodology.term.agent_role else ()
