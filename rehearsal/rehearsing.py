"""A rehearsal from its sheet to its proof: premises, engines, people, the years, and what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from adapters.objects_at import objects_at
from client.sheet import Row
from domain.cluster import new_cluster
from domain.evolution import dump
from domain.jalali import add_months
from domain.recording import Actor
from domain.rulebook import Rulebook, unpack
from ledger.entry import state_digest
from rehearsal.cast import Cast
from rehearsal.chance import Chance
from rehearsal.course import Course, Told
from rehearsal.driver import Driver
from rehearsal.engine import EARLY, TimeSkippingEngine
from rehearsal.figures import Figures, counted
from rehearsal.life import Act, Life
from rehearsal.people import People
from rehearsal.personas import PERSONAS, Kind
from rehearsal.premises import Premises, Reference

START = date(2024, 4, 3)
"""15 Farvardin 1403: the first working day from which sixty months lie within the years of the calendar."""

OPENERS = ("provincial_coordinator", "national_office")
MOST_ENGINES = 3
QUICK = 3
"""So few clusters that a second engine would cost more than it saves."""


@dataclass(frozen=True)
class Wanted:
    """What is to be rehearsed. `script`: commands by cluster, in their order."""

    rows: tuple[Row, ...]
    months: int
    seed: int
    people: Kind
    start: date = START
    engines: int = 0
    script: tuple[tuple[str, Act], ...] = ()
    archived: bool = False
    """Whether the histories are kept: they go with the engines otherwise."""


@dataclass(frozen=True)
class Rehearsed:
    """What came of it."""

    wanted: Wanted
    course: Course
    figures: Figures
    licensed: int
    replayed: int
    history_events: int
    wall_seconds: float


async def rehearse(wanted: Wanted, reference: Reference, data: Path, told: Told) -> Rehearsed:
    """The years have passed in `data`, the record is verified, and each fold is held against its living cluster."""
    began = time.monotonic()
    with closing(Premises(data, reference, wanted.seed, wanted.start)) as premises:
        cast = premises.people(wanted.rows)
        number = wanted.engines or (1 if len(wanted.rows) <= QUICK else MOST_ENGINES)
        starts_at = reference.calendar.opening(wanted.start) - EARLY
        engines = [TimeSkippingEngine(premises, n, starts_at) for n in range(number)]
        try:
            await asyncio.gather(*(engine.start() for engine in engines))
            lives = _lives(wanted, premises, cast, engines)
            driver = Driver(lives, cast, premises.ledger, reference.calendar, seed=wanted.seed, told=told)
            opening = {row.cluster: opening_act(row, wanted, cast) for row in wanted.rows}
            course = await driver.run(opening, wanted.start, wanted.months)
            replayed, events = await _held_against_the_living(lives, engines)
            if wanted.archived:
                await _archived(lives, engines, premises, add_months(wanted.start, wanted.months))
        finally:
            await asyncio.gather(*(engine.close() for engine in engines))
        end = add_months(wanted.start, wanted.months)
        return Rehearsed(
            wanted=wanted, course=course, figures=counted(premises.ledger, reference.methodology, end),
            licensed=sum(1 for life in lives if life.fold.licence is not None),
            replayed=replayed, history_events=events, wall_seconds=time.monotonic() - began,
        )  # fmt: skip


def opening_act(row: Row, wanted: Wanted, cast: Cast) -> Act:
    """The first command of a cluster, by whoever may open it there."""
    province, chance = row.data["province"], Chance(wanted.seed, row.cluster)
    for role in OPENERS:
        if person := cast.one(role, row.cluster, province, wanted.start, chance=chance):
            actor = Actor(person=person, role=role, scope=cast.scope_of(role, row.cluster, province))
            return Act(wanted.start, "open", row.type, actor, row.data)
    raise LookupError(f"nobody in the directory may open {row.cluster}")


def people_of(cluster: str, wanted: Wanted, premises: Premises, cast: Cast) -> People | None:
    """The scripted people of a cluster; none when only a script is played."""
    if wanted.people == "none":
        return None
    return People(cluster, Chance(wanted.seed, cluster), PERSONAS[wanted.people], cast, premises.commit)


def _lives(wanted: Wanted, premises: Premises, cast: Cast, engines: Sequence[TimeSkippingEngine]) -> list[Life]:
    rulebook: Rulebook = unpack(premises.reference.rulebook)
    return [
        Life(row.cluster, engines[n % len(engines)], people_of(row.cluster, wanted, premises, cast),
             new_cluster(row.cluster, rulebook), [act for cluster, act in wanted.script if cluster == row.cluster])
        for n, row in enumerate(sorted(wanted.rows, key=lambda row: row.cluster))
    ]  # fmt: skip


async def _archived(
    lives: Sequence[Life], engines: Sequence[TimeSkippingEngine], premises: Premises, end: date
) -> None:
    """All histories are in the archive of the rehearsal's folder, as of the end."""
    store, at = objects_at(premises.settings.archive_address), premises.reference.calendar.opening(end)

    async def _of(engine: TimeSkippingEngine) -> None:
        for life in lives:
            if life.engine is engine:
                await engine.archive(life.id, store, at)

    await asyncio.gather(*map(_of, engines))


async def _held_against_the_living(lives: Sequence[Life], engines: Sequence[TimeSkippingEngine]) -> tuple[int, int]:
    """How many folds of the record are the state their workflow has, and how many events all histories hold."""

    async def _ask(life: Life) -> tuple[bool, int]:
        engine = next(engine for engine in engines if engine is life.engine)
        live = await engine.state(life.id)
        return live["digest"] == state_digest(dump(life.fold)), await engine.history_events(life.id)

    answers = [await _ask(life) for life in lives]
    return sum(same for same, _ in answers), sum(events for _, events in answers)
