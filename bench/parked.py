"""What a cluster costs while it only waits: bytes of the engine's database, and of the worker's memory."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing

from bench.figure import Figure
from bench.office import Office, memory, office

FIRST, CLUSTERS, AT_ONCE = 30, 100, 8
KILO = 1024


async def run() -> list[Figure]:
    async with office() as made:
        stored, cached = await _grown(made, made.open)
        by_hand, by_hand_cached = await _grown(made, made.floor)
    async with office(cached=0) as made:
        _, evicted = await _grown(made, made.open)
        _, by_hand_evicted = await _grown(made, made.floor)
    floor_is = "a hand-written workflow with one timer"
    return [
        Figure(what="the engine's database", reached=stored, unit="KiB a cluster", bound="≤", budget=20, floor=by_hand,
               floor_is=floor_is, note=f"{CLUSTERS} clusters just opened"),
        Figure(what="the worker's memory, cached", reached=cached, unit="KiB a cluster", bound="≤", budget=55,
               floor=max(by_hand_cached, 1), floor_is=floor_is),
        Figure(what="the worker's memory, not cached", reached=evicted, unit="KiB a cluster", bound="≤", budget=3,
               note=f"{floor_is}: {by_hand_evicted:.1f} KiB"),
    ]  # fmt: skip


async def _grown(made: Office, start: Callable[[str], Awaitable[object]]) -> tuple[float, float]:
    """KiB of database and of memory for each of the last started, after the first have warmed everything up."""
    kind = start.__name__
    await _started(start, [f"{kind}-{n}" for n in range(FIRST)])
    before = await _settled(made)
    await _started(start, [f"{kind}-{n}" for n in range(FIRST, FIRST + CLUSTERS)])
    after = await _settled(made)
    return (after[0] - before[0]) / CLUSTERS / KILO, (after[1] - before[1]) / CLUSTERS / KILO


async def _started(start: Callable[[str], Awaitable[object]], names: list[str]) -> None:
    for first in range(0, len(names), AT_ONCE):
        await asyncio.gather(*(start(name) for name in names[first : first + AT_ONCE]))


async def _settled(made: Office) -> tuple[int, int]:
    """Bytes of the database and of the worker, once the last tasks are done."""
    await asyncio.sleep(2)
    with closing(sqlite3.connect(f"file:{made.folder}/engine.sqlite?mode=ro", uri=True)) as file:
        pages, size = (file.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return pages * size, memory(made.worker)
