"""Putting right what mends by a word: entries from histories, views from entries, a frozen cluster released."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from temporalio.client import Client, WorkflowHistory

from adapters.office_stream import OfficeLedger, OfficeStream, Stamp
from client.history import packed
from client.reconciling import Checked, Reconciler
from domain.rulebook import content_of, unpack
from domain.values import Frozen
from ledger import repairs
from ledger.archive import name_of
from ledger.entry import digest_of
from ledger.inspection import Inspectable
from ledger.objects import Objects
from ledger.reconciliation import BY_ITSELF, Told, surplus
from ledger.repairs import ClusterReleased, EntriesRefilled, HistoryPutBack, Repaired, ViewsRebuilt
from workflows.cluster_development import ClusterDevelopment

MOST_ROUNDS = 4
"""One repair may show what the next one mends: entries, then views, then the frozen cluster."""


class MendableLedger(OfficeLedger, Inspectable, Protocol):
    """A ledger whose rows can be put right, and that many write to."""


class Mender:
    """Each repair is a fact in the stream `repairs`, by whoever said so."""

    def __init__(
        self, client: Client, ledger: MendableLedger, reconciler: Reconciler, objects: Callable[[], Objects], build: str
    ) -> None:
        self._client, self._ledger, self._reconciler, self._objects = client, ledger, reconciler, objects
        self._stream = OfficeStream(ledger, repairs.STREAM, repairs.NAMES, Repaired(), build)

    async def mend(self, stream: str, stamp: Stamp) -> tuple[Checked, list[Frozen]]:
        """What can be put right by a word is; what is then still to be found, and what was done."""
        done: list[Frozen] = []
        for _ in range(MOST_ROUNDS):
            checked = await self._reconciler.check(stream)
            told = next((one for one in _in_order(checked.findings)), None)
            if told is None:
                break
            done.append(await self._mended(checked, told, stamp))
        return await self._reconciler.check(stream), done

    async def _mended(self, checked: Checked, told: Told, stamp: Stamp) -> Frozen:
        match told.repair:
            case "refill":
                fact: Frozen = await asyncio.to_thread(self._refill, checked, told.code)
            case "rebuild":
                await asyncio.to_thread(self._ledger.rebuild, checked.stream)
                fact = ViewsRebuilt(stream=checked.stream, why=told.code)
            case "archive":
                fact = await self._archive(checked.stream, str(told.values["run"]), told.code)
            case _:
                await self._release(checked.stream)
                fact = ClusterReleased(stream=checked.stream, why=told.code)
        await asyncio.to_thread(self._stream.record, lambda _: [fact], stamp)
        return fact

    def _refill(self, checked: Checked, why: str) -> EntriesRefilled:
        """The histories' entries stand in the ledger, with the rulebooks they were decided by."""
        for chapter in checked.seen.chapters if checked.seen else ():
            self._ledger.put_text(unpack(chapter.rulebook).digest, content_of(chapter.rulebook))
        truth = checked.seen.engine.truth if checked.seen else {}
        extra = surplus(checked.seen.engine, checked.ledger) if checked.seen else ()
        rows = self._ledger.put_back(checked.stream, truth, extra)
        last = max(truth)
        return EntriesRefilled(stream=checked.stream, why=why, first=min(truth), last=last, rows=rows,
                               head=truth[last].digest)  # fmt: skip

    async def _archive(self, stream: str, run: str, why: str) -> HistoryPutBack:
        """The object that the record names is in the archive again."""
        events = (await self._client.get_workflow_handle(stream, run_id=run).fetch_history()).events
        stored = packed(WorkflowHistory(stream, events))
        await asyncio.to_thread(lambda: self._objects().put(name_of(digest_of(stored)), stored))
        return HistoryPutBack(stream=stream, why=why, run=run, digest=digest_of(stored))

    async def _release(self, stream: str) -> None:
        await asyncio.to_thread(self._ledger.release, stream)
        await self._client.get_workflow_handle(stream).signal(ClusterDevelopment.nudge)


def _in_order(findings: Iterable[Told]) -> list[Told]:
    """What mends by a word, entries first: everything else follows from them."""
    found = [one for one in findings if one.repair in BY_ITSELF]
    return sorted(found, key=lambda one: BY_ITSELF.index(one.repair))
