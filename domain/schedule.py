"""When things are due: dates from anchors and cadences, and the occurrences that are still to open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from domain import jalali
from domain.cluster import Cluster, occurrence
from domain.events import DueReason
from domain.records import Duty
from domain.stages import Cadence, Deliverable, Due, Stage

LATEST_START_DAYS = 15
"""A duty whose rule would make it due before it opens is due this many days after its opening."""
OPENING_BALANCE_DAYS = 90
"""What an imported cluster still owes from before its file was opened is due this many days after that."""

MOST_OPEN_OF_A_SERIES = 4
"""No more reports of one series are owed at once: the next one opens, with its own date, when one is sent."""


class Occurrence(NamedTuple):
    """One duty of a deliverable that is to open on `opens_on`; `due_on` None: nobody knows the anchor yet."""

    duty: str
    stage: str
    deliverable: Deliverable
    opens_on: date
    due_on: date | None
    reason: DueReason
    counted_on: date | None = None  # the day the next one is counted from, where that is a rule


def upcoming(cluster: Cluster, today: date) -> Iterator[Occurrence]:
    """The next occurrence of every deliverable of the active stages that has not opened yet."""
    for stage in cluster.active_stages:
        start = cluster.stages[stage.key].started_on
        for deliverable in stage.deliverables:
            yield from _next(cluster, stage, deliverable, start, today)


def _next(cluster: Cluster, stage: Stage, kind: Deliverable, start: date | None, today: date) -> Iterator[Occurrence]:
    opened = cluster.opened.get(kind.key, 0)
    if kind.cadence is not None:
        if start is not None and _open_of(cluster, kind) < MOST_OPEN_OF_A_SERIES:
            after = cluster.last_due.get(kind.key) or _counted_from(cluster, kind.cadence, start)
            opens_on, due_on = _cadence(kind.cadence, after, kind.opens_days)
            yield Occurrence(f"{kind.key}.{opened + 1}", stage.key, kind, opens_on, due_on, "calendar", due_on)
        return
    if kind.dues and kind.dues[0].anchor in ("planned", "released"):
        yield from _by_tranche(cluster, stage, kind, kind.dues[0])
        return
    if kind.dues and kind.dues[0].anchor == "licence_end":
        yield from _renewal(cluster, stage, kind, start or today, today)
        return
    for place, due in enumerate(kind.dues, start=1):
        if place <= opened:
            continue
        duty = occurrence(kind.key, place, repeats=kind.repeats)
        known = date_of(cluster, due, start)
        if known is None:
            if due.anchor == "stage_start":  # imported without a date: it is owed, its clock stands
                yield Occurrence(duty, stage.key, kind, today, None, "opening_balance")
            return
        due_on = known
        if cluster.file_on and due_on < cluster.file_on:
            if kind.repeats:
                continue  # before the file was opened; nobody invents that it was done, or late
            due_on = cluster.file_on + timedelta(days=OPENING_BALANCE_DAYS)
        opens_on = start or today
        if kind.opens_days is not None:
            opens_on = max(opens_on, due_on - timedelta(days=kind.opens_days))
        elif place > 1:
            opens_on = max(opens_on, date_of(cluster, kind.dues[place - 2], start) or opens_on)
        if due_on <= opens_on:
            due_on = opens_on + timedelta(days=LATEST_START_DAYS)
        yield Occurrence(duty, stage.key, kind, opens_on, due_on, "stage_rule")
        return


def date_of(cluster: Cluster, due: Due, start: date | None) -> date | None:
    """The day an anchor gives, or None while the anchor is not known."""
    anchors: dict[str, date | None] = {
        "stage_start": start,
        "clock_start": cluster.clock.started_on if cluster.clock else None,
        "clock_end": cluster.clock.ends_on if cluster.clock else None,
        "exit": cluster.handed_over_on,
        "licence_end": cluster.licence.valid_until if cluster.licence else None,
    }
    anchor = anchors.get(due.anchor)
    if anchor is None:
        return None
    return jalali.add_months(anchor, due.months) + timedelta(days=due.days)


def due_of(cluster: Cluster, duty: Duty) -> Due | None:
    """The rule a deliverable's duty took its date from; None when that was a cadence or a decision."""
    key, _, number = duty.id.partition(".")
    _, kind = cluster.methodology.deliverable_by_key[key]
    place = int(number or 1)
    return kind.dues[place - 1] if place <= len(kind.dues) else None


def window_closes(cluster: Cluster) -> tuple[date | None, str]:
    """The first day on which the licence can no longer be renewed, while its renewal is owed, and that duty."""
    licence = cluster.licence
    for duty in cluster.duties.values() if licence and licence.valid_until else ():
        found = cluster.methodology.deliverable_by_key.get(duty.id)
        if found and found[1].yields == "licence" and duty.round == 0:
            return _window_end(cluster) + timedelta(days=1), duty.id
    return None, ""


def _window_end(cluster: Cluster) -> date:
    until = cluster.licence.valid_until if cluster.licence else None
    return (until or date.min) + timedelta(days=cluster.methodology.term.renewal_window_days)


def _renewal(cluster: Cluster, stage: Stage, kind: Deliverable, start: date, today: date) -> Iterator[Occurrence]:
    """One duty for each end the licence has had, while it can still be renewed."""
    ends_on = cluster.licence.valid_until if cluster.licence else None
    if ends_on is None or kind.key in cluster.duties or kind.key in cluster.sent:
        return
    if cluster.last_due.get(kind.key) == ends_on or _window_end(cluster) < today:
        return
    due_on = ends_on
    if cluster.file_on and due_on < cluster.file_on:
        due_on = min(cluster.file_on + timedelta(days=OPENING_BALANCE_DAYS), _window_end(cluster))
    opens_on = max(start, due_on - timedelta(days=kind.opens_days or 0))
    yield Occurrence(kind.key, stage.key, kind, opens_on, due_on, "stage_rule", ends_on)


def _open_of(cluster: Cluster, kind: Deliverable) -> int:
    return sum(1 for duty in cluster.duties if duty.startswith(f"{kind.key}."))


def _by_tranche(cluster: Cluster, stage: Stage, kind: Deliverable, due: Due) -> Iterator[Occurrence]:
    """One duty per tranche: the request when the one before is accounted for, the accounts after the release."""
    for n, tranche in sorted(cluster.tranches.items()):
        duty = f"{kind.key}.{n}"
        if duty in cluster.duties or duty in cluster.sent:
            return
        if due.anchor == "released":
            if tranche.released_on and not tranche.accounted:
                due_on = tranche.released_on + timedelta(days=due.days)
                yield Occurrence(duty, stage.key, kind, tranche.released_on, due_on, "release_plan")
                return
        elif tranche.released_on is None:
            opens_on = tranche.planned_on - timedelta(days=kind.opens_days or 30)
            yield Occurrence(duty, stage.key, kind, opens_on, tranche.planned_on, "release_plan")
            return
        if not tranche.accounted and due.anchor == "planned":
            return  # no tranche n+1 before the accounts of n are accepted


def _counted_from(cluster: Cluster, cadence: Cadence, start: date) -> date:
    """The last due day not owed: the stage's start or, for a cluster with a past, the last one before its file."""
    if cluster.file_on is None or start >= cluster.file_on:
        return start
    if cadence.every != "days":
        return cluster.file_on
    return start + timedelta(days=cadence.n * ((cluster.file_on - start).days // cadence.n))


def _cadence(cadence: Cadence, after: date, opens_days: int | None) -> tuple[date, date]:
    """When the occurrence due next after the day `after` opens, and its due day.

    Days: it opens `opens_days` before, or when the one before is due. Month, quarter, year: it opens on the
    first day after the period, on which the period's report can be written; for a year with negative `n`,
    30 days before that.
    """
    if cadence.every == "days":
        due_on = after + timedelta(days=cadence.n)
        return (after if opens_days is None else max(after, due_on - timedelta(days=opens_days))), due_on
    following = {
        "month": jalali.next_month_start,
        "quarter": jalali.next_quarter_start,
        "year": jalali.next_year_start,
    }
    first = following[cadence.every](after)
    if cadence.n < 0:
        if first + timedelta(days=cadence.n) <= after:
            first = following[cadence.every](first)
        due_on = first + timedelta(days=cadence.n)
        return due_on - timedelta(days=30), due_on
    return first, first + timedelta(days=cadence.n - 1)
