"""Every duty a cluster ever had: when it opened, until when it was due, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from domain import events as e
from domain.cluster import Cluster
from exports.case import Sealed


class Owed(NamedTuple):
    """`closed_on` None: still owed. `reminders` counts the rungs that fired; `due_on` is the last date it had."""

    duty: str
    kind: str
    owner: str
    person: str | None
    opened_on: date
    due_on: date | None
    closed_on: date | None = None
    outcome: str = ""
    days_late: int = 0
    reminders: int = 0


def owed(cluster: Cluster, entries: Iterable[Sealed]) -> list[Owed]:
    """All of them, in the order they opened; a duty of the same id that opened again stands again."""
    found: list[Owed] = []
    place: dict[str, int] = {}
    for entry, _ in entries:
        cls, data = e.TYPES.get(entry["type"]), entry["data"]
        if cls is e.DutyOpened:
            opened = e.DutyOpened.model_validate(data)
            place[opened.duty] = len(found)
            on = cluster.calendar.day_of(datetime.fromisoformat(entry["recorded_at"]))
            found.append(Owed(opened.duty, opened.kind, opened.owner, opened.person, on, opened.due_on))
        elif (at := place.get(data.get("duty", ""))) is not None:
            found[at] = _after(found[at], cls, entry, cluster)
    return found


def _after(one: Owed, cls: type | None, entry: dict[str, object], cluster: Cluster) -> Owed:
    data = entry["data"]
    if cls is e.DueChanged:
        return one._replace(due_on=e.DueChanged.model_validate(data).due_on)
    if cls is e.RungFired:
        return one._replace(reminders=one.reminders + 1)
    if cls is e.DutyClosed:
        closed = e.DutyClosed.model_validate(data)
        on = cluster.calendar.day_of(datetime.fromisoformat(str(entry["recorded_at"])))
        return one._replace(closed_on=on, outcome=closed.outcome, days_late=closed.days_late)
    return one
