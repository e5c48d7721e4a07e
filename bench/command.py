"""One command from sending to its sealed receipt: events, workflow tasks, bytes, time, against the engine alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bench.figure import Figure, percentile
from bench.floor import Floor
from bench.office import Cost, Office, cpu, office, stream

LONE, CALLERS, EACH = 50, 8, 6


async def run() -> list[Figure]:
    async with office() as made:
        return [*await _lone(made), *await _together(made)]


async def _lone(made: Office) -> list[Figure]:
    handle = await made.floor("noop")
    noop = await _timed(lambda: handle.execute_update(Floor.noop, TEXT), LONE)
    by_hand = await made.floor("same")
    await made.quiet("same")
    same, same_cost, same_cpu = await _measured(made, "same", lambda: by_hand.execute_update(Floor.same, TEXT))
    await made.open("lone")
    for _ in range(3):
        await made.command("lone")
    ours, cost, used = await _measured(made, stream("lone"), lambda: made.command("lone"))
    floor_is = "one update, activity, alarm and upsert by hand"
    return [
        Figure(what="events of a lone command", reached=cost.events / LONE, unit="events", bound="≤", budget=13,
               floor=same_cost.events / LONE, floor_is=floor_is),
        Figure(what="workflow tasks of a lone command", reached=cost.tasks / LONE, unit="tasks", bound="≤", budget=2.2,
               floor=same_cost.tasks / LONE, floor_is=floor_is),
        Figure(what="history of a lone command", reached=cost.size / LONE, unit="bytes", floor=same_cost.size / LONE,
               floor_is=floor_is),
        Figure(what="one caller, half of the commands", reached=percentile(ours, 0.5) * 1e3, unit="ms", bound="≤",
               budget=50, floor=percentile(noop, 0.5) * 1e3, floor_is="an update that does nothing"),
        Figure(what="one caller, 99 of 100 commands", reached=percentile(ours, 0.99) * 1e3, unit="ms", bound="≤",
               budget=150, floor=percentile(noop, 0.99) * 1e3, floor_is="an update that does nothing",
               spread=(min(ours) * 1e3, max(ours) * 1e3)),
        Figure(what="the same by hand, half of the commands", reached=percentile(same, 0.5) * 1e3, unit="ms",
               note=f"{floor_is}, nothing sealed"),
        Figure(what="server processor time of a command", reached=used[0] / LONE * 1e3, unit="ms", bound="≤",
               budget=1.3, of_ratio=True, floor=same_cpu[0] / LONE * 1e3, floor_is=floor_is),
        Figure(what="worker processor time of a command", reached=used[1] / LONE * 1e3, unit="ms", bound="≤",
               budget=1.6, of_ratio=True, floor=same_cpu[1] / LONE * 1e3, floor_is=f"{floor_is}, without sandbox"),
    ]  # fmt: skip


async def _together(made: Office) -> list[Figure]:
    await made.open("busy")
    before = await made.quiet(stream("busy"))

    async def caller() -> None:
        for _ in range(EACH):
            await made.command("busy")

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    cost, done = _difference(before, await made.quiet(stream("busy"))), CALLERS * EACH
    return [
        Figure(what=f"events of a command, {CALLERS} callers on one cluster", reached=cost.events / done,
               unit="events", bound="≤", budget=6),
        Figure(what=f"workflow tasks of a command, {CALLERS} callers on one cluster", reached=cost.tasks / done,
               unit="tasks", bound="≤", budget=1),
    ]  # fmt: skip


async def _measured(
    made: Office, workflow: str, does: Callable[[], Awaitable[object]]
) -> tuple[list[float], Cost, tuple[float, float]]:
    before, used = await made.quiet(workflow), (cpu(made.server), cpu(made.worker))
    times = await _timed(does, LONE)
    server, worker = cpu(made.server) - used[0], cpu(made.worker) - used[1]
    cost = _difference(before, await made.quiet(workflow))
    return times, cost, (server.total_seconds(), worker.total_seconds())


async def _timed(does: Callable[[], Awaitable[object]], times: int) -> list[float]:
    clock, found = asyncio.get_running_loop().time, []
    for _ in range(times):
        start = clock()
        await does()
        found.append(clock() - start)
    return found


def _difference(before: Cost, after: Cost) -> Cost:
    return Cost(*(late - early for early, late in zip(before, after, strict=True)))


TEXT = "0" * 200
