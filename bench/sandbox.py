"""What the sandbox costs the worker, with the core passed through."""

from __future__ import annotations

from bench.figure import Figure
from bench.office import cpu, office

COMMANDS = 40


async def run() -> list[Figure]:
    bare, guarded = await _used(bare=True), await _used(bare=False)
    return [
        Figure(what="worker processor time of a command in the sandbox", reached=guarded / COMMANDS * 1e3, unit="ms",
               bound="≤", budget=1.2, of_ratio=True, floor=bare / COMMANDS * 1e3, floor_is="the same without"),
    ]  # fmt: skip


async def _used(*, bare: bool) -> float:
    """Seconds of the worker's processor time."""
    async with office(bare=bare) as made:
        await made.open("counted")
        for _ in range(10):
            await made.command("counted")
        before = cpu(made.worker)
        for _ in range(COMMANDS):
            await made.command("counted")
        return (cpu(made.worker) - before).total_seconds()
