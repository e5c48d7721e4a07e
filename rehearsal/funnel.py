"""How many clusters stand where at the end of each month, in the words of the methodology's funnel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from domain.cluster import Cluster
from domain.jalali import add_months, jalali_of
from domain.provisions import FunnelStep


class Funnel:
    """The months of a rehearsal, counted from its first day."""

    def __init__(self, start: date, months: int) -> None:
        self.start = start
        self._ends = [add_months(start, n) for n in range(1, months + 1)]
        self._next = 0

    @property
    def end(self) -> date:
        """The last day of the last month."""
        return self._ends[-1]

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
            step.key: sum(1 for c in clusters if _stands(c, step)) for step in methodology.funnel
        }  # fmt: skip
        closed = sum(1 for c in clusters if c.state in ("ended", "withdrawn"))
        return {"month": number, "ends_on": str(end), "jalali": f"{year:04}-{month:02}", **counted, "closed": closed}


def _stands(c: Cluster, step: FunnelStep) -> bool:
    if not c.stage or not c.methodology.reaches(c.stage, step.from_stage):
        return False
    gone = step.until_stage and c.methodology.reaches(c.stage, step.until_stage)
    return not gone and (c.licence is not None or not step.licensed)
