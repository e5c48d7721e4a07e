"""Histories that must not go when the engine lets go of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from temporalio import activity

from domain.effects import ArchiveRun
from ledger.archive import Swept


class Archives(Protocol):
    """The archive of histories."""

    async def archive(self, cluster: str, run: str) -> None:
        """The history of that run is kept and on record, once however often it is asked."""


class Sweeps(Protocol):
    """Whoever looks for what nobody archived."""

    async def sweep(self, alive: Callable[[], None]) -> Swept:
        """Bounded; `alive` is called after each step. What was done stays done if it is broken off."""


class ArchiveActivities:
    def __init__(self, archive: Archives, sweeper: Sweeps) -> None:
        self._archive, self._sweeper = archive, sweeper

    @activity.defn
    async def archive_run(self, asked: ArchiveRun) -> None:
        await self._archive.archive(asked.cluster, asked.run)

    @activity.defn
    async def sweep(self) -> Swept:
        return await self._sweeper.sweep(activity.heartbeat)
