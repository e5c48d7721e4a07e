"""What is owed, which rung comes next, and the one moment at which the cluster must wake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from domain.bodies import lapses
from domain.calendar import offset_seconds
from domain.cluster import Cluster
from domain.gates import missing
from domain.provisions import Rung
from domain.records import Duty
from domain.schedule import upcoming, window_closes

SPREAD_SECONDS = 480
"""Clusters wake within eight minutes after the opening, each at its own second (engine rule 7)."""


class NextRung(NamedTuple):
    """A rung that has neither fired nor been skipped, and the day it is for."""

    rung: Rung
    on: date


def next_due(cluster: Cluster) -> datetime | None:
    """The next moment (UTC) at which time alone changes something, or None when nothing is owed."""
    day = min(_days(cluster), default=None) if cluster.is_open else None
    return None if day is None else moment(cluster, day)


def rungs_ahead(cluster: Cluster, duty: Duty) -> list[NextRung]:
    """The rungs of the duty that may still fire, in their order.

    A rung before the due date whose day lies before the opening does not belong to the duty; one after it
    does, so that a duty that opens late, after an outage, is still told to the right people. A snooze
    postpones all but the escalations.
    """
    ladder = cluster.methodology.ladder_by_key[duty.ladder]
    ahead = []
    for rung in ladder.rungs:
        if rung.key in duty.rungs:
            continue
        if ladder.unit == "working_days":
            day = cluster.calendar.add_working_days(duty.since, rung.at) if rung.at else duty.since
        elif duty.due_on is None:
            continue  # its clock stands
        else:
            day = cluster.calendar.next_working(duty.due_on + timedelta(days=rung.at))
        if day > duty.since or rung.at >= 0:
            if duty.snoozed_until and not rung.level:
                day = max(day, duty.snoozed_until)
            ahead.append(NextRung(rung, day))
    return ahead


def moment(cluster: Cluster, day: date) -> datetime:
    """When this cluster acts on that day: the office's opening plus the cluster's own offset."""
    return cluster.calendar.opening(day, offset_seconds(cluster.id, SPREAD_SECONDS))


def is_paused(cluster: Cluster, duty: Duty) -> bool:
    """True for the agent's duties while there is none: from notice to the successor's assignment, and before the
    first one of a cluster that came with a past.
    """
    absent = cluster.agent is None or cluster.agent.notice_on is not None
    return absent and duty.owner == cluster.methodology.term.agent_role


def _days(cluster: Cluster) -> Iterator[date]:
    for duty in cluster.duties.values():
        if not is_paused(cluster, duty) and (ahead := rungs_ahead(cluster, duty)):
            yield min(rung.on for rung in ahead)
    today = cluster.calendar.day_of(cluster.last_at) if cluster.last_at else date.min
    for planned in upcoming(cluster, today):
        yield planned.opens_on
    for day in _days_beside(cluster, today):
        if day > today:  # what was due earlier has had its turn
            yield day


def _days_beside(cluster: Cluster, today: date) -> Iterator[date]:
    for stage in cluster.active_stages:
        state = cluster.gates.get(stage.gate.key) if stage.gate else None
        until = state.holds_until if state and state.state == "held" else None
        # A gate that lacks something is asked by whatever makes the last condition hold.
        if stage.gate and until and not missing(cluster, stage.gate, until):
            yield until
    if cluster.clock and "term" not in cluster.duties and not cluster.handed_over_on and not cluster.extension:
        yield cluster.clock.ends_on
    yield from lapses(cluster, today)
    closes, _ = window_closes(cluster)
    if closes is not None:
        yield closes
