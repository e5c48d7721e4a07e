"""A worker in a process of its own: the real one, and the hand-written floor beside it. Run by `bench.office`."""

from __future__ import annotations

import argparse
import asyncio
import signal
from contextlib import closing
from pathlib import Path

from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

import telemetry
import worker as real
from adapters.ledger_at import ledger_at
from bench.floor import QUEUE, Floor, nothing
from client.connection import connect
from ledger.projections import PROJECTIONS
from settings import Settings


async def serve(settings: Settings, runner: WorkflowRunner | None) -> None:
    client = await connect(settings.temporal, settings.namespace)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    floor = Worker(
        client, task_queue=QUEUE, workflows=[Floor], activities=[nothing],
        workflow_runner=UnsandboxedWorkflowRunner(), max_cached_workflows=settings.cached_clusters,
    )  # fmt: skip
    with closing(ledger_at(settings.ledger_place, PROJECTIONS)) as ledger:
        async with real.compose(client, settings, ledger, runner), floor:
            await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bare", action="store_true", help="without the sandbox")
    given = parser.parse_args()
    settings = Settings.read(given.data)
    telemetry.configure(level="error", build=settings.build)
    asyncio.run(serve(settings, UnsandboxedWorkflowRunner() if given.bare else None))


if __name__ == "__main__":
    main()
