"""How many clusters stand where at the end of each month, in the words of the methodology's funnel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from domain.cluster import Cluster
from domain.jalali import add_months, jalali_of


class Funnel:
    """The months of a rehearsal, counted from its first day."""

    def __init__(self, start: date, months: int) -> None:
        self._ends = [add_months(start, n) for n in range(1, months + 1)]
        self._next = 0

    def passed(self, day: date) -> Iterator[int]:
        """The numbers of the months that ended before `day` and were not told yet."""
        while self._next < len(self._ends) and self._ends[self._next] < day:
            self._next += 1
            yield self._next

    def row(self, number: int, clusters: Sequence[Cluster]) -> dict[str, Any]:
        """The funnel as it stands."""
        end = self._ends[number - 1]
        year, month, _ = jalali_of(end)
        methodology = clusters[0].methodology
        counted = {
            step.key: sum(1 for c in clusters if c.stage and _stands(c, step.from_stage, step.until_stage, step.licensed))
            for step in methodology.funnel
        }  # fmt: skip
        closed = sum(1 for c in clusters if c.state in ("ended", "withdrawn"))
        return {"month": number, "ends_on": str(end), "jalali": f"{year:04}-{month:02}", **counted, "closed": closed}


def _stands(c: Cluster, from_stage: str, until_stage: str, licensed: bool) -> bool:  # noqa: FBT001 - the step's own word
    reaches = c.methodology.reaches
    within = reaches(c.stage, from_stage) and not (until_stage and reaches(c.stage, until_stage))
    return within and (c.licence is not None or not licensed)
