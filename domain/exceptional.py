"""What an auditor looks at first: decisions that were allowed, and are not the usual course.

Each kind is one line of KINDS: how it shows in one cluster's record and, where that is not enough, what it comes to
over all of them. A later command adds its kind there; its words stand under `exception.…` and `exception_why.…`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from domain.calendar import WorkingCalendar
from domain.people import OWN_ROLES
from domain.recording import Fact, persons_of

SWIFT = timedelta(minutes=10)
"""An approval so soon after what it approves was sent: was it read?"""
LEAST_JUDGED = 4
"""So many judgements of a pair are needed before "always" means anything, at least one in each direction."""
DECISIONS = frozenset({
    "deliverable.approved", "deliverable.returned", "vote.cast", "gate.decided", "gate.condition_waived",
    "extension.decided", "evaluation.moderated", "stall.reviewed", "programme.ended", "cluster.withdrawn",
    "agent.chosen", "finding.closed",
})  # fmt: skip

STANDS = frozenset({"agent.notice_given"})
"""From such a fact on clocks stand; when they run again, due dates move with the reason "pause"."""


class Noticed(NamedTuple):
    """One exception: the fact it shows in, and what makes it one."""

    kind: str
    cluster: str
    fact: Fact
    detail: dict[str, Any]


Record = tuple[str, Sequence[Fact], WorkingCalendar]
"""A cluster's id, its facts in their order, and the calendar its days are counted by."""
Look = Callable[[Record], Iterator[tuple[Fact, dict[str, Any]]]]
Conclude = Callable[[Sequence[Noticed]], Iterable[Noticed]]


class Kind(NamedTuple):
    """`look` finds it in one record; `conclude` makes of what was found everywhere what is told."""

    key: str
    look: Look
    conclude: Conclude = iter


def noticed(record: Record, kinds: Iterable[Kind]) -> list[Noticed]:
    """What shows in one record, kind by kind."""
    return [
        Noticed(kind.key, record[0], fact, {**_about(fact), **detail})
        for kind in kinds for fact, detail in kind.look(record)
    ]  # fmt: skip


def concluded(found: Sequence[Noticed], kinds: Iterable[Kind]) -> list[Noticed]:
    """What it comes to over all records, kind by kind, the latest first."""
    told: list[Noticed] = []
    for kind in kinds:
        of_it = list(kind.conclude([one for one in found if one.kind == kind.key]))
        told += sorted(of_it, key=lambda one: (one.fact.recorded_at, one.cluster, one.fact.seq), reverse=True)
    return told


def _about(fact: Fact) -> dict[str, Any]:
    return {key: fact.data[key] for key in ("duty", "gate", "deliverable", "condition", "answer") if key in fact.data}


def _where(is_one: Callable[[Fact], bool]) -> Look:
    """Every fact of which this holds; once for each command."""

    def look(record: Record) -> Iterator[tuple[Fact, dict[str, Any]]]:
        told = ""
        for fact in record[1]:
            if fact.command.id != told and is_one(fact):
                told = fact.command.id
                yield fact, {}

    return look


def _back_dated(record: Record) -> Iterator[tuple[Fact, dict[str, Any]]]:
    _, facts, calendar = record
    for fact in facts:
        happened, told = calendar.day_of(fact.occurred_at), calendar.day_of(fact.recorded_at)
        if happened < told and fact.command.n == 1:
            yield fact, {"days": (told - happened).days, "happened_on": happened}


def _swift(record: Record) -> Iterator[tuple[Fact, dict[str, Any]]]:
    """Approved by a decision of its own; what is accepted when sent needs none."""
    sent: dict[str, Fact] = {}
    for fact in record[1]:
        if fact.type == "deliverable.submitted":
            sent[fact.data["duty"]] = fact
        elif fact.type == "deliverable.approved" and (before := sent.get(fact.data["duty"])) is not None:
            took = fact.recorded_at - before.recorded_at
            if took <= SWIFT and fact.command.id != before.command.id:
                yield (
                    fact,
                    {"seconds": int(took.total_seconds()), "sent_seq": before.seq, "sent_by": before.actor.person},
                )


def _judged(record: Record) -> Iterator[tuple[Fact, dict[str, Any]]]:
    """Every judgement of one person on what another sent: an approval, a return, or a vote for one of them."""
    sent: dict[str, tuple[str, ...]] = {}
    for fact in record[1]:
        duty = str(fact.data.get("duty", "")).partition(":")[0]
        if fact.type == "deliverable.submitted":
            sent[duty] = persons_of(fact.actor)
        is_vote = fact.type == "vote.cast" and fact.data["duty"].endswith(":approval")
        if is_vote or (fact.type in ("deliverable.approved", "deliverable.returned") and fact.cause.ref != "CastVote"):
            approved = fact.data["answer"] != "return" if is_vote else fact.type == "deliverable.approved"
            for author in sent.get(duty, ()):
                if author != fact.actor.person and fact.actor.role not in OWN_ROLES:
                    yield fact, {"whose": author, "approved": approved}


def _mutual(found: Sequence[Noticed]) -> Iterator[Noticed]:
    """Two people who judge each other's work and never sent any back: told once, at their last judgement."""
    pairs: dict[frozenset[str], list[Noticed]] = defaultdict(list)
    for one in found:
        pairs[frozenset((one.fact.actor.person, one.detail["whose"]))].append(one)
    for of_pair in pairs.values():
        judges = {one.fact.actor.person for one in of_pair}
        if len(judges) == 2 and len(of_pair) >= LEAST_JUDGED and all(one.detail["approved"] for one in of_pair):
            last = max(of_pair, key=lambda one: (one.fact.recorded_at, one.cluster, one.fact.seq))
            yield last._replace(detail={**last.detail, "times": len(of_pair)})


KINDS: tuple[Kind, ...] = (
    Kind("waiver", _where(lambda fact: fact.type == "gate.condition_waived")),
    Kind("back_dated", _back_dated),
    Kind("correction", _where(lambda fact: "corrects" in fact.data)),
    Kind("swift_approval", _swift),
    Kind("delegated", _where(lambda fact: fact.actor.on_behalf_of is not None)),
    Kind("local_key", _where(lambda fact: fact.type in DECISIONS and fact.authenticated_by == "local_key")),
    Kind("recovery", _where(lambda fact: str(fact.cause.kind) == "recovery")),
    Kind(
        "suspended_clock", _where(lambda fact: fact.type == "agent.notice_given" or fact.data.get("reason") == "pause")
    ),
    Kind("mutual_approval", _judged, _mutual),
    # A further kind: one line here and its two texts in either language.
)
KIND_BY_KEY = {kind.key: kind for kind in KINDS}


def since(found: Iterable[Noticed], day: date, calendar: WorkingCalendar) -> list[Noticed]:
    """Those recorded on that day or later."""
    return [one for one in found if calendar.day_of(one.fact.recorded_at) >= day]
