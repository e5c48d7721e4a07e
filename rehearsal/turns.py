"""Whose turn it is at the registers that clusters share, on engines whose clocks run apart."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from typing import NamedTuple


class Place(NamedTuple):
    """A place in the one order of all uses of shared registers."""

    moment: datetime
    cluster: str = ""


class Turns:
    """Everybody says how far they have come; whoever would use a register waits until all others are further.

    The one with the earliest place never waits, so there is no deadlock, and the order is the same however fast
    anybody is.
    """

    def __init__(self, parties: Collection[object]) -> None:
        self._reached = {id(party): Place(datetime.min.replace(tzinfo=UTC)) for party in parties}
        self._waiting: dict[int, asyncio.Future[None]] = {}

    def reach(self, party: object, place: Place) -> None:
        """`party` uses no register before `place` any more."""
        self._reached[id(party)] = place
        for waiting, turn in self._waiting.items():
            if not turn.done() and self._is_first(waiting):
                turn.set_result(None)

    async def take(self, party: object, place: Place) -> None:
        """Returns when nobody else can use a register before `place`; it is `party`'s turn until it says more."""
        self.reach(party, place)
        if not self._is_first(id(party)):
            self._waiting[id(party)] = asyncio.get_running_loop().create_future()
            try:
                await self._waiting[id(party)]
            finally:
                del self._waiting[id(party)]

    def leave(self, party: object) -> None:
        """`party` uses no register any more."""
        self.reach(party, Place(datetime.max.replace(tzinfo=UTC)))

    def _is_first(self, party: int) -> bool:
        mine = self._reached[party]
        return all(mine < other for who, other in self._reached.items() if who != party)
