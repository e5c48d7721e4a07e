"""Opening many clusters as one job that can be broken off anywhere and run again: nothing is opened twice.

Ids follow from the content of the sheet. What is open already is known from the ledger and is not sent again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from client.ids import repeatable_id
from client.programme import Programme, Unknown
from client.sheet import Row
from domain.recording import Actor, Envelope
from domain.refusals import Refused
from ledger.views import Views

AT_ONCE = 16
ASKED_AT_ONCE = 500


class JobUnknown(Unknown):
    """What became of some rows is not known: the same sheet, opened again, goes on where this ended."""


@dataclass(frozen=True, slots=True)
class Job:
    """One sheet to open. `at` is when it was first begun: sent again, a command must say the same."""

    id: str
    at: datetime


@dataclass(slots=True)
class Outcome:
    """What became of the rows."""

    opened: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    refused: list[tuple[Row, Refused]] = field(default_factory=list)


def begun(folder: Path, rows: Sequence[Row], at: datetime) -> Job:
    """The job of these rows: the one that was begun before, or a new one that is now on disk."""
    content = json.dumps([row._asdict() for row in rows], ensure_ascii=False, sort_keys=True)
    id = repeatable_id("open", sha256(content.encode()).hexdigest())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / f"{id}.json"
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(json.dumps({"job": id, "at": at.isoformat(), "rows": len(rows)}))
    except FileExistsError:
        try:
            return Job(id, datetime.fromisoformat(json.loads(place.read_text(encoding="utf-8"))["at"]))
        except (ValueError, KeyError):  # killed while this file was written: no command of the job was sent
            place.write_text(json.dumps({"job": id, "at": at.isoformat(), "rows": len(rows)}), encoding="utf-8")
    return Job(id, at)


async def open_all(
    programme: Programme, views: Views, job: Job, rows: Sequence[Row], *, actor: Actor, rulebook: str,
    on_each: Callable[[], None] = lambda: None,
) -> Outcome:  # fmt: skip
    """Every row is open, was open, or is refused. Raises JobUnknown when that is not known of one."""
    outcome = Outcome()
    unknown: list[str] = []
    there = await asyncio.to_thread(_open_already, views, rows)
    turns = asyncio.Semaphore(AT_ONCE)

    async def _one(place: int, row: Row) -> None:
        async with turns:
            if unknown:
                return
            envelope = Envelope(
                id=repeatable_id(job.id, place), cluster=row.cluster, type=row.type, occurred_at=job.at,
                actor=actor, data=row.data,
            )  # fmt: skip
            try:
                await programme.open(envelope, rulebook)
                outcome.opened.append(row.cluster)
            except Refused as refused:
                if refused.code in ("already_open", "id_reused"):
                    outcome.already.append(row.cluster)
                else:
                    outcome.refused.append((row, refused))
            except Unknown as fault:
                unknown.append(fault.command_id)
            on_each()

    async with asyncio.TaskGroup() as group:
        for place, row in enumerate(rows, start=1):
            if row.cluster in there:
                outcome.already.append(row.cluster)
                on_each()
            else:
                group.create_task(_one(place, row))
    if unknown:
        raise JobUnknown(unknown[0])
    return outcome


def _open_already(views: Views, rows: Sequence[Row]) -> set[str]:
    # In slices: a database takes only so many values in one question.
    wanted = [row.cluster for row in rows]
    slices = (wanted[start : start + ASKED_AT_ONCE] for start in range(0, len(wanted), ASKED_AT_ONCE))
    return {str(found["cluster_id"]) for part in slices for found in views.portfolio(clusters=part)}
