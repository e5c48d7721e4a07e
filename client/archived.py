"""Histories that the archive keeps: found by the record of it, and held against the digest that stands there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from client.history import HistoryUnfit, unpacked
from client.run_history import Events
from ledger.archive import HistoryArchived, key_of, name_of
from ledger.entry import digest_of, fact_of
from ledger.objects import Objects
from ledger.projection import PREFIX
from ledger.store import Entries

Keeping = Literal["kept", "late", "missing", "differs"]
"""late: nobody has archived it · missing: the object is gone · differs: it is not the one that was put there."""


class Found(NamedTuple):
    """What the archive has of one ended run: its events when they are whole."""

    keeping: Keeping
    events: Events | None = None


class Archive(Protocol):
    """Whoever finds histories that the engine itself has no more."""

    async def find(self, stream: str, run: str) -> Found: ...


class RecordedArchive:
    """`objects` opens the store, which may be away; what it raises then is raised. By ledger and store together."""

    def __init__(self, ledger: Entries, objects: Callable[[], Objects]) -> None:
        self._ledger, self._objects = ledger, objects

    async def find(self, stream: str, run: str) -> Found:
        return await asyncio.to_thread(self._find, stream.removeprefix(PREFIX), run)

    def _find(self, cluster: str, run: str) -> Found:
        leaves = self._ledger.command(key_of(cluster, run))
        if not leaves:
            return Found("late")
        told = HistoryArchived.model_validate(fact_of(leaves[0]).data)
        try:
            stored = self._objects().get(name_of(told.digest))
        except LookupError:
            return Found("missing")
        if digest_of(stored) != told.digest:
            return Found("differs")
        try:
            return Found("kept", unpacked(stored).events)
        except HistoryUnfit:
            return Found("differs")
