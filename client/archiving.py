"""Keeping the histories of clusters for good: fetched, stored, read back, replayed, and then put on record."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, RPCError, WorkflowHistory
from temporalio.service import RPCStatusCode

from adapters.office_stream import OfficeLedger, OfficeStream, by_service
from client import history as kept
from client.replayers import ReplayerEnded, Replayers
from domain.values import Frozen
from ledger import archive
from ledger.archive import Archived, HistoryArchived, Kind, Verdict
from ledger.entry import digest_of
from ledger.objects import Objects
from workflows.chapter import Chapter, stream_of

SERVICE = "archive"


class Living(NamedTuple):
    """The state of a cluster where a history ends: by the replay, or by the workflow itself."""

    seq: int | None
    digest: str | None


NOT_KNOWN = Living(None, None)

log = logging.getLogger(__name__)


class HistoryDiffers(Exception):
    """The history does not begin with the events that were kept of the same run before: nothing was recorded."""


class HistoryGone(Exception):
    """The engine has no such run any more."""


class Archivist:
    """Archives one run at a time, however many ask; `replayers` None: without replaying, as a rehearsal does.

    `objects` opens the store, which may be away while clusters live.
    """

    def __init__(
        self, client: Client, ledger: OfficeLedger, objects: Callable[[], Objects], *, build: str,
        replayers: Replayers | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._client, self._ledger, self._open = client, ledger, objects
        self._stream = OfficeStream(ledger, archive.STREAM, archive.NAMES, Archived(), build)
        self._replayers, self._clock = replayers, clock
        self._one_at_a_time = asyncio.Lock()
        self._waiting = 0

    async def archive(self, cluster: str, run: str) -> None:
        """The whole history of an ended run is in the archive and on record, once however often it is asked.

        Raises HistoryUnfit, HistoryDiffers, HistoryGone, ObjectDiffers, ObjectsUnusable.
        """
        if not await asyncio.to_thread(archive.is_archived, self._ledger, cluster, run):
            await self._in_turn(cluster, run, "whole")

    async def archive_prefix(self, cluster: str, run: str, living: Living | None = None) -> None:
        """What a running run has so far is in the archive and on record, with the state it was asked for, if it was.

        Raises as `archive` does.
        """
        await self._in_turn(cluster, run, "prefix", living)

    async def standing(self) -> Archived:
        """What was archived last of each cluster."""
        return await asyncio.to_thread(self._stream.state)

    async def _in_turn(self, cluster: str, run: str, kind: Kind, living: Living | None = None) -> None:
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                await self._keep(cluster, run, kind, living)
        finally:
            self._waiting -= 1
            if not self._waiting and self._replayers is not None:
                await self._replayers.close()  # chapters end seldom: a process that waits for the next one costs memory

    async def _keep(self, cluster: str, run: str, kind: Kind, living: Living | None) -> None:
        events = (await self._fetched(cluster, run)).events
        (kept.check_whole if kind == "whole" else kept.check)(events)
        chapter = kept.chapter_of(events)
        if chapter.cluster != cluster:
            raise kept.HistoryUnfit("foreign", chapter.cluster)
        objects = await asyncio.to_thread(self._open)
        await self._check_extends(objects, cluster, run, events)
        stored = kept.packed(WorkflowHistory(stream_of(cluster), events))
        await asyncio.to_thread(_put, objects, stored)
        verdict: Verdict = "not_replayed"
        state = living or NOT_KNOWN
        if self._replayers is not None:
            verdict, state = await _replayed(self._replayers, stored)
        await self._record(_fact(chapter, run, kind, events, stored, verdict, state))

    async def _fetched(self, cluster: str, run: str) -> WorkflowHistory:
        try:
            return await self._client.get_workflow_handle(stream_of(cluster), run_id=run).fetch_history()
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                raise HistoryGone(f"{cluster} {run}") from None
            raise

    async def _check_extends(self, objects: Objects, cluster: str, run: str, events: Sequence[HistoryEvent]) -> None:
        before = (await self.standing()).last.get(cluster)
        if before is None or before.run != run:
            return
        known = kept.unpacked(await asyncio.to_thread(objects.get, archive.name_of(before.digest))).events
        if list(known) != list(events[: len(known)]):
            raise HistoryDiffers(f"{cluster} {run}")

    async def _record(self, fact: HistoryArchived) -> None:
        key = archive.key_of(fact.cluster, fact.run, fact.last_event if fact.kind == "prefix" else None)
        stamp = by_service(SERVICE, key, self._clock())

        def _once(_: Archived) -> Sequence[Frozen]:
            return [fact]

        await asyncio.to_thread(self._stream.record, _once, stamp)


async def _replayed(replayers: Replayers, stored: bytes) -> tuple[Verdict, Living]:
    """What this build makes of it. A replay that never ends has failed: the history is kept all the same."""
    try:
        (told,) = await replayers.replay([stored])
    except ReplayerEnded as ended:
        log.exception("replayer_ended", extra={"why": str(ended)})
        return "failed", NOT_KNOWN
    return told.verdict, Living(told.seq, told.digest)


def _put(objects: Objects, stored: bytes) -> None:
    """The bytes are in the store, and come back as they went."""
    name = archive.name_of(digest_of(stored))
    objects.put(name, stored)
    if objects.get(name) != stored:
        raise OSError(f"{name} came back different")


def _fact(  # noqa: PLR0917 - all that is known of a history
    chapter: Chapter,
    run: str,
    kind: Kind,
    events: Sequence[HistoryEvent],
    stored: bytes,
    verdict: Verdict,
    state: Living,
) -> HistoryArchived:
    links = kept.links(events)
    return HistoryArchived(
        cluster=chapter.cluster, number=chapter.number, workflow=chapter.stream, run=run, kind=kind,
        first_run=links.first_run, before=links.before, after=links.after, closed=links.closed,
        first_event=events[0].event_id, last_event=events[-1].event_id, events=len(events),
        first_at=kept.moment_of(events[0]), last_at=kept.moment_of(events[-1]),
        build="rehearsal" if chapter.rehearsal else kept.build_of(events) or "unknown",
        digest=digest_of(stored), size=len(stored), verdict=verdict, seq=state.seq, state_digest=state.digest,
    )  # fmt: skip
