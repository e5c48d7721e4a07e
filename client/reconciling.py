"""Holding ledger and engine against each other: one cluster, all of them, or what changed since the last look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple, Protocol

from temporalio.client import Client

from client.archived import Archive
from client.runs import Seen, last_run, open_clusters, seen
from ledger.inspection import Inspectable, Inspection
from ledger.reconciliation import Told, judge, judge_record
from ledger.store import Entries

MAY_PASS = frozenset({"not_in_engine", "not_sealed", "command_not_sealed", "no_answer"})
"""What is so for a moment while the cluster lives: it is told only when it stays as it is."""

PAUSES = (0.1, 0.5, 2.0)
CLUSTERS = "cluster/"
DAYS = 7


class Books(Entries, Inspectable, Protocol):
    """A ledger that can be read and looked into."""


class Mark(NamedTuple):
    """By which it is seen that nothing has happened to a cluster since: its last entry and its history's length."""

    seq: int
    run: str
    length: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one stream, and what it was found from."""

    stream: str
    findings: Sequence[Told]
    ledger: Inspection
    seen: Seen | None = None

    @property
    def name(self) -> str:
        """The cluster's id, or the name of a stream of the office."""
        return self.stream.removeprefix(CLUSTERS)


class Reconciler:
    """`archive` finds histories that the engine itself has no more; `pause` is how it waits for what may pass."""

    def __init__(
        self, client: Client, ledger: Books, archive: Archive, *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._client, self._ledger, self._archive, self._pause = client, ledger, archive, pause

    async def streams(self) -> list[str]:
        """Everything there is to check: the office's streams, and clusters that either side knows."""
        known = {stream for stream, _ in await asyncio.to_thread(self._ledger.streams)}
        return sorted(known | {CLUSTERS + cluster for cluster in await open_clusters(self._client)})

    async def check(self, stream: str) -> Checked:
        """What is not as it must be, of one stream. RPCError when the engine cannot be asked."""
        if not stream.startswith(CLUSTERS):
            ledger = await asyncio.to_thread(self._ledger.inspected, stream)
            return Checked(stream, list(judge_record(ledger, {})), ledger)
        checked = await self._once(stream)
        for pause in PAUSES:
            if not any(one.code in MAY_PASS for one in checked.findings):
                break
            before = checked
            await self._pause(pause)
            checked = await self._once(stream)
            if pause == PAUSES[-1]:
                # To the letter, with the same numbers: a cluster that goes on meanwhile is well.
                stays = [one for one in checked.findings if one.code not in MAY_PASS or one in before.findings]
                return replace(checked, findings=stays)
        return checked

    async def mark(self, stream: str) -> Mark:
        """What changes whenever something happens on either side."""
        seq = (await asyncio.to_thread(self._ledger.head, stream)).seq
        run, length = await last_run(self._client, stream) if stream.startswith(CLUSTERS) else ("", 0)
        return Mark(seq, run, length)

    async def _once(self, stream: str) -> Checked:
        told = await seen(self._client, stream, self._archive)
        ledger = await asyncio.to_thread(self._ledger.inspected, stream)  # after: what is told to be sealed is there
        return Checked(stream, judge(told.engine, ledger), ledger, told)


class Round:
    """A reconciler's rounds: what changed since the last one, and everything once a week, spread over its days."""

    def __init__(self, reconciler: Reconciler) -> None:
        self._reconciler = reconciler
        self._marks: dict[str, Mark] = {}
        self._on: dict[str, int] = {}

    async def check(self, day: int) -> AsyncIterator[Checked]:
        """What is due on `day` (days since any fixed one); a process that begins checks everything once."""
        for stream in await self._reconciler.streams():
            mark = await self._reconciler.mark(stream)
            is_changed = self._marks.get(stream) != mark
            is_its_day = (day - _day_of(stream)) % DAYS == 0 and self._on.get(stream) != day
            if is_changed or is_its_day:
                checked = await self._reconciler.check(stream)
                self._on[stream] = day
                # What differs is looked at in each round, until it does not.
                self._marks |= {} if checked.findings else {stream: mark}
                yield checked


def _day_of(stream: str) -> int:
    return sha256(stream.encode()).digest()[0] % DAYS
