"""What an auditor looks at first, gathered over the clusters of a report, with the entries it shows in."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import NamedTuple

from domain.calendar import WorkingCalendar
from domain.exceptional import KINDS, Noticed, concluded, noticed
from exports.case import Case
from exports.wording import Wording
from ledger.entry import fact_of

MOST_SHOWN = 12
"""So many entries of one kind are named; `audit exceptions` has them all."""


class Row(NamedTuple):
    """One kind in one cluster: how often, when last, and in which entries, the latest first."""

    title: str
    number: int
    last: date
    entries: tuple[int, ...]


class Exceptions:
    """Looks through case by case, concludes over all of them."""

    def __init__(self, words: Wording) -> None:
        self._words = words
        self._found: list[Noticed] = []
        self._calendars: dict[str, WorkingCalendar] = {}

    def add(self, case: Case) -> None:
        calendar = case.cluster.calendar
        self._calendars[case.cluster.id] = calendar
        self._found += noticed((case.cluster.id, [fact_of(leaf) for leaf in case.leaves], calendar), KINDS)

    def told(self) -> tuple[list[tuple[str, int]], dict[str, list[Row]]]:
        """How many of each kind there are in all, and the rows of each cluster."""
        kinds: Counter[str] = Counter()
        by_cluster: dict[str, dict[str, list[Noticed]]] = {}
        for one in concluded(self._found, KINDS):
            kinds[one.kind] += 1
            by_cluster.setdefault(one.cluster, {}).setdefault(one.kind, []).append(one)
        counts = [(self._title(kind.key), kinds[kind.key]) for kind in KINDS if kinds[kind.key]]
        rows = {
            cluster: [self._row(cluster, kind, found) for kind, found in of_it.items()]
            for cluster, of_it in by_cluster.items()
        }
        return counts, rows

    def _row(self, cluster: str, kind: str, found: list[Noticed]) -> Row:
        last = self._calendars[cluster].day_of(found[0].fact.recorded_at)
        return Row(self._title(kind), len(found), last, tuple(one.fact.seq for one in found[:MOST_SHOWN]))

    def _title(self, kind: str) -> str:
        return self._words.say(f"exception.{kind}")
