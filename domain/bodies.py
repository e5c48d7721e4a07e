"""Councils and committees: who may vote on what, how the votes are counted, and when members must be named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from domain.cluster import Cluster, deliverable_of
from domain.records import Duty, Seat

CAREFUL = ("return", "refuse", "hold", "rework", "stop")


def seat_of(c: Cluster, body: str, today: date) -> Seat | None:
    """The body's seating, while it lasts."""
    seat = c.bodies.get(body)
    return seat if seat is not None and seat.until >= today else None


def barred(c: Cluster, duty: Duty) -> tuple[str, ...]:
    """Those who made what the duty is to judge."""
    if duty.kind == "extension":
        return c.extension.by if c.extension else ()
    sent = c.sent.get(duty.ref) if duty.kind == "approval" else None
    return sent.by if sent else ()


def electors(c: Cluster, duty: Duty, today: date) -> tuple[str, ...]:
    """The members who may vote on this duty, whether or not they have."""
    seat = seat_of(c, duty.owner, today)
    return tuple(m for m in seat.members if m not in barred(c, duty)) if seat else ()


def counted(c: Cluster, duty: Duty, today: date, careful: tuple[str, ...]) -> str | None:
    """The body's answer, once `quorum` votes are cast and one answer leads; a tie of all votes is answered
    by the most careful one. None while more votes are needed.
    """
    votes = c.duties[duty.id].votes
    if len(votes) < c.bodies[duty.owner].quorum:
        return None
    ranked = Counter(votes.values()).most_common()
    if len(ranked) == 1 or ranked[0][1] > ranked[1][1]:
        return ranked[0][0]
    if len(votes) < len(electors(c, duty, today)):
        return None
    tied = [answer for answer, count in ranked if count == ranked[0][1]]
    return next((answer for answer in tied if answer in careful), tied[-1])


def unseated(c: Cluster, today: date) -> tuple[str, ...]:
    """The bodies that have something to decide and cannot: no members, a lapsed seating, or too few without a
    part in what they judge.
    """
    return tuple(body for body in _asked(c) if seat_of(c, body, today) is None or _is_stuck(c, body, today))


def lapses(c: Cluster, today: date) -> Iterator[date]:
    """The days to come on which a body that has something to decide is no longer seated."""
    for body in _asked(c):
        if (seat := seat_of(c, body, today)) is not None:
            yield seat.until + timedelta(days=1)


def _is_stuck(c: Cluster, body: str, today: date) -> bool:
    quorum = c.bodies[body].quorum
    return any(duty.owner == body and len(electors(c, duty, today)) < quorum for duty in c.duties.values())


def _asked(c: Cluster) -> tuple[str, ...]:
    """Who decides in the active stages, or owes a decision, or will once open work is sent."""
    kinds = c.methodology.deliverable_by_key
    work = [deliverable_of(duty.id) for duty in c.duties.values() if duty.kind == "deliverable"]
    roles = [*(duty.owner for duty in c.duties.values()), *(kinds[key][1].approver for key in work if key in kinds)]
    for stage in c.active_stages:
        roles += [kind.approver for kind in stage.deliverables]
        if stage.gate:
            roles += [*stage.gate.decides, *(x.of for x in stage.gate.conditions if x.predicate == "seated")]
    bodies = {role.key for role in c.methodology.roles if role.body}
    return tuple(role for role in dict.fromkeys(roles) if role in bodies)
