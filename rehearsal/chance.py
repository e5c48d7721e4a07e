"""Chance that follows from what it is about and from nothing else: no order of asking, no clock, no state."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

One = TypeVar("One")
_BITS = 64


class Chance:
    """Draws about one subject. The same subject and question get the same answer in every process."""

    def __init__(self, *about: object) -> None:
        self._about = "\x1f".join(map(str, about))

    def of(self, *about: object) -> Chance:
        """Chance about a part of the subject."""
        return Chance(self._about, *about)

    def between(self, low: int, high: int, *question: object) -> int:
        """An integer from `low` to `high`, both possible and all equally likely."""
        asked = "\x1f".join((self._about, *map(str, question)))
        drawn = int.from_bytes(sha256(asked.encode()).digest()[: _BITS // 8], "big")
        return low + (drawn * (high - low + 1) >> _BITS)

    def happens(self, percent: int, *question: object) -> bool:
        """True in `percent` of a hundred cases."""
        return self.between(1, 100, *question) <= percent

    def one_of(self, these: Sequence[One], *question: object) -> One:
        """One of them, all equally likely."""
        return these[self.between(0, len(these) - 1, *question)]

    def place(self, weights: Sequence[int], *question: object) -> int:
        """The place of one of the weights, each as likely as its share of their sum."""
        drawn = self.between(1, sum(weights), *question)
        for place, weight in enumerate(weights):
            drawn -= weight
            if drawn <= 0:
                return place
        raise AssertionError("the weights sum to less than themselves")
