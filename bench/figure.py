"""One measured line: what was reached, against which budget and which floor."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any, Literal

Bound = Literal["≤", "≥", ""]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`budget` bounds `reached`, or `ratio` when `of_ratio`; the floor is the least that any program would pay."""

    what: str
    reached: float
    unit: str
    bound: Bound = ""
    budget: float | None = None
    of_ratio: bool = False
    floor: float | None = None
    floor_is: str = ""
    spread: tuple[float, float] | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Reached over floor."""
        return self.reached / self.floor if self.floor else None

    @property
    def is_within(self) -> bool | None:
        """Whether the budget holds; None when there is none."""
        judged = self.ratio if self.of_ratio else self.reached
        if self.budget is None or judged is None:
            return None
        return judged <= self.budget if self.bound == "≤" else judged >= self.budget

    def text(self) -> str:
        parts = [f"{self.what}: {show(self.reached)} {self.unit}"]
        if self.spread:
            parts.append(f"[{show(self.spread[0])} – {show(self.spread[1])}]")
        if self.floor is not None and self.ratio is not None:
            parts.append(f"· floor {show(self.floor)} ({self.floor_is}) · ratio {self.ratio:.2f}")
        if self.budget is not None:
            judged = "ratio " if self.of_ratio else ""
            reached = "reached" if self.is_within else "not reached"
            parts.append(f"· budget {judged}{self.bound} {show(self.budget)} {reached}")
        return " ".join(parts) + (f" · {self.note}" if self.note else "")

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "within": self.is_within}


def show(value: float) -> str:
    """Three figures that matter."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def rate(done: Callable[[], int], *, repeats: int = 3) -> tuple[float, tuple[float, float]]:
    """What `done` says it did, a second: the median of the repeats and their spread."""
    rates = []
    for _ in range(repeats):
        start = perf_counter()
        count = done()
        rates.append(count / (perf_counter() - start))
    return middle(rates)


def middle(values: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """The median and the spread."""
    return statistics.median(values), (min(values), max(values))


def percentile(values: Sequence[float], part: float) -> float:
    """The value that `part` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
