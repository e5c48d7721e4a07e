"""The only way a cluster's facts reach the ledger."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from temporalio import activity

from activities.ports import Appends
from domain.recording import Fact, Head


class LedgerActivities:
    """One thread writes: more would only wait for the same lock, and the worker's loop must not."""

    def __init__(self, ledger: Appends) -> None:
        self._ledger = ledger
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")

    @activity.defn
    async def append(self, stream: str, after: int, facts: list[Fact]) -> Head:
        """The facts are sealed behind entry `after`, once, however often this runs."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, self._ledger.append, stream, after, facts)

    def close(self) -> None:
        """The append in progress, if any, is finished."""
        self._writer.shutdown()
