"""Histories that must not go when the engine lets go of them."""

from __future__ import annotations

import asyncio
from typing import Protocol

from temporalio import activity

from domain.effects import ArchiveRun
from ledger.archive import Swept

BEAT_SECONDS = 15


class Archives(Protocol):
    """The archive of histories."""

    async def archive(self, cluster: str, run: str) -> None:
        """The history of that run is kept and on record, once however often it is asked."""


class Sweeps(Protocol):
    """Whoever looks for what nobody archived."""

    async def sweep(self) -> Swept:
        """Bounded. What was done stays done if it is broken off."""


class ArchiveActivities:
    def __init__(self, archive: Archives, sweeper: Sweeps) -> None:
        self._archive, self._sweeper = archive, sweeper

    @activity.defn
    async def archive_run(self, asked: ArchiveRun) -> None:
        await self._archive.archive(asked.cluster, asked.run)

    @activity.defn
    async def sweep(self) -> Swept:
        beating = asyncio.create_task(_beat())
        try:
            return await self._sweeper.sweep()
        finally:
            beating.cancel()


async def _beat() -> None:
    """The engine knows that this process lives: when it does not, another one goes on."""
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT_SECONDS)
