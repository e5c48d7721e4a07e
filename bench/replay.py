"""Replaying a life, against replaying a hand-written workflow with histories of the same operations."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from bench.figure import Figure, middle
from bench.floor import QUEUE, Floor, nothing
from bench.life import live
from client.connection import start_local
from workflows.cluster_development import ClusterDevelopment
from workflows.options import sandbox

REPEATS, WORKFLOWS, EVENTS_OF_AN_UPDATE = 5, 8, 14


async def run() -> list[Figure]:
    lived = (await live()).histories
    events = sum(len(history.events) for history in lived)
    by_hand = await _by_hand(events // WORKFLOWS // EVENTS_OF_AN_UPDATE)
    bare, sandboxed, floor, floor_sandboxed = [], [], [], []
    for _ in range(REPEATS):
        bare.append(await _rate(ClusterDevelopment, lived, UnsandboxedWorkflowRunner()))
        floor.append(await _rate(Floor, by_hand, UnsandboxedWorkflowRunner()))
        sandboxed.append(await _rate(ClusterDevelopment, lived, sandbox()))
        floor_sandboxed.append(await _rate(Floor, by_hand, sandbox()))
    what = f"a life of {len(lived)} runs and {events} events"
    return [
        Figure(what=f"{what}, without sandbox", reached=middle(bare)[0], unit="events a second", bound="≥", budget=0.9,
               of_ratio=True, floor=middle(floor)[0], floor_is="by hand", spread=middle(bare)[1]),
        Figure(what=f"{what}, in the sandbox", reached=middle(sandboxed)[0], unit="events a second", bound="≥",
               budget=0.9, of_ratio=True, floor=middle(floor_sandboxed)[0], floor_is="by hand, in the sandbox",
               spread=middle(sandboxed)[1]),
    ]  # fmt: skip


async def _rate(workflow: type[Any], histories: Sequence[WorkflowHistory], runner: WorkflowRunner) -> float:
    """Events a second."""
    replayer = Replayer(workflows=[workflow], workflow_runner=runner, data_converter=pydantic_data_converter)
    start = perf_counter()
    for history in histories:
        await replayer.replay_workflow(history)
    return sum(len(history.events) for history in histories) / (perf_counter() - start)


async def _by_hand(updates: int) -> list[WorkflowHistory]:
    """The histories of some hand-written workflows, each with that many updates."""
    async with await start_local() as env:
        runner = UnsandboxedWorkflowRunner()
        async with Worker(
            env.client, task_queue=QUEUE, workflows=[Floor], activities=[nothing], workflow_runner=runner
        ):
            handles = await asyncio.gather(*(_worked(env.client, f"floor-{n}", updates) for n in range(WORKFLOWS)))
            return [await handle.fetch_history() for handle in handles]


async def _worked(client: Client, name: str, updates: int) -> WorkflowHandle[Any, Any]:
    handle = await client.start_workflow(Floor.run, id=name, task_queue=QUEUE)
    for _ in range(updates):
        await handle.execute_update(Floor.same, "0" * 200)
    return handle
