"""Looking for what nobody archived: runs that were terminated, reset or lost from sight, and chapters that last."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio.client import Client, RPCError

from client.archiving import Archivist, HistoryDiffers, HistoryGone
from client.history import HistoryUnfit
from ledger.archive import Last, Swept, is_archived
from ledger.objects import ObjectDiffers
from ledger.projection import PREFIX
from ledger.store import Entries
from workflows.cluster_development import ClusterDevelopment

MOST = 200
"""Histories kept in one sweep; the next one is a quarter of an hour away."""
PAUSE_SECONDS = 0.2
WEEK = timedelta(days=7)
PART_OF_RETENTION = 4
"""An ended run that is not archived after so much of the retention is told of: there is still time."""
FAULTS = (HistoryUnfit, HistoryDiffers, HistoryGone, ObjectDiffers, LookupError, RPCError)

log = logging.getLogger(__name__)


class Seen(NamedTuple):
    """A run as the engine lists it; `at` is when it ended, of a running one when it began."""

    cluster: str
    run: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.cluster} {self.run}"


async def unarchived(client: Client, ledger: Entries, before: datetime) -> list[Seen]:
    """Runs of clusters that ended before then and are not in the archive, the oldest first."""
    ended = [seen async for seen in _listed(client, f"ExecutionStatus != 'Running' AND CloseTime < '{_text(before)}'")]
    left = await asyncio.to_thread(lambda: [seen for seen in ended if not is_archived(ledger, seen.cluster, seen.run)])
    return sorted(left, key=lambda seen: (seen.at, seen))


class Sweeper:
    """`activities.archive.Sweeps` of one office, whose engine keeps ended runs for `retention`."""

    def __init__(
        self, client: Client, ledger: Entries, archivist: Archivist, retention: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._client, self._ledger, self._archivist = client, ledger, archivist
        self._retention, self._clock = retention, clock

    async def sweep(self) -> Swept:
        """Ended runs first, the oldest first; then what running ones have had for a week and more."""
        now, failed = self._clock(), dict[str, str]()
        left = MOST
        archived = prefixes = 0
        for seen in (await unarchived(self._client, self._ledger, now))[:left]:
            archived += await self._tried(self._archivist.archive(seen.cluster, seen.run), seen, failed)
        left -= archived + len(failed)
        async for seen in self._lasting(now):
            if left <= 0:
                break
            prefixes += await self._tried(self._archivist.archive_prefix(seen.cluster, seen.run), seen, failed)
            left -= 1
        late = tuple(map(str, await unarchived(self._client, self._ledger, now - self._retention / PART_OF_RETENTION)))
        if late:
            log.error("archive_late", extra={"runs": late[:20], "number": len(late)})
        return Swept(archived=archived, prefixes=prefixes, failed=failed, late=late)

    async def _tried(self, keeping: Coroutine[None, None, None], seen: Seen, failed: dict[str, str]) -> bool:
        try:
            await keeping
        except FAULTS as fault:
            failed[str(seen)] = f"{type(fault).__name__}: {fault}"
            log.exception("not_archived", extra={"cluster": seen.cluster, "run": seen.run, "why": failed[str(seen)]})
            return False
        await asyncio.sleep(PAUSE_SECONDS)  # the engine and the ledger have other things to do
        return True

    async def _lasting(self, now: datetime) -> AsyncIterator[Seen]:
        """Running runs of which a week or more is not kept, and something has been sealed since."""
        last = (await self._archivist.standing()).last
        async for seen in _listed(self._client, f"ExecutionStatus = 'Running' AND StartTime < '{_text(now - WEEK)}'"):
            known = last.get(seen.cluster)
            if known is None or known.run != seen.run or await self._has_grown(seen, known, now):
                yield seen

    async def _has_grown(self, seen: Seen, known: Last, now: datetime) -> bool:
        if now - known.at < WEEK:
            return False
        head = await asyncio.to_thread(self._ledger.head, PREFIX + seen.cluster)
        return head.seq != known.seq


async def _listed(client: Client, which: str) -> AsyncIterator[Seen]:
    query = f"WorkflowType = '{ClusterDevelopment.__name__}' AND {which}"
    async for found in client.list_workflows(query, page_size=1_000):
        if found.id.startswith(PREFIX):
            yield Seen(found.id.removeprefix(PREFIX), found.run_id, found.close_time or found.start_time)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
