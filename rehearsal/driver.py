"""A rehearsal's clusters on its engines, from the opening to the last month.

Each engine lives through the years at its own pace (`rehearsal.timeline`). They meet only where clusters share a
register (agents, licences): there one goes after the other, in the order of moments and ids. Hence the same facts
for the same seed, on however many engines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from domain.calendar import WorkingCalendar
from domain.cluster import Cluster
from ledger.store import Entries
from rehearsal.cast import Cast
from rehearsal.course import Course, Told
from rehearsal.funnel import Funnel
from rehearsal.life import Act, Life
from rehearsal.timeline import Timeline
from rehearsal.turns import Turns


class Driver:
    """One rehearsal of some clusters over some months."""

    def __init__(
        self, lives: Iterable[Life], cast: Cast, ledger: Entries, calendar: WorkingCalendar, *, seed: int, told: Told
    ) -> None:
        self.course = Course()
        self._told = told
        by_engine: dict[int, list[Life]] = {}
        everyone = sorted(lives, key=lambda life: life.id)
        self._clusters = len(everyone)
        for life in everyone:
            by_engine.setdefault(id(life.engine), []).append(life)
        self._timelines = [
            Timeline(here, cast, ledger, calendar, seed=seed, course=self.course) for here in by_engine.values()
        ]

    async def run(self, opening: Mapping[str, Act], start: date, months: int) -> Course:
        """Everything from the opening of the clusters on `start` to the same day so many months later."""
        turns = Turns(self._timelines)
        funnel = Funnel(start, months)
        passed: dict[int, list[Cluster]] = {}

        def month_ends(number: int, folds: Sequence[Cluster]) -> None:
            here = passed.setdefault(number, [])
            here += folds
            if len(here) == self._clusters:
                self.course.funnel.append(funnel.row(number, passed.pop(number)))
                self._told(number, self.course)

        living = [
            asyncio.create_task(one.live(opening, Funnel(start, months), turns, month_ends)) for one in self._timelines
        ]
        try:
            await asyncio.gather(*living)
        finally:
            for task in living:
                task.cancel()
            await asyncio.gather(*living, return_exceptions=True)
        self.course.refused.sort(key=lambda one: (one["at"], one["cluster"]))
        return self.course
