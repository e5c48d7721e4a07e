"""The worker of a rehearsal: the real workflow and the real activities, on the script's clock.

`python -m rehearsal.worker DATA ADDRESS SHIFT_IN_MICROSECONDS READY_FILE`. As the office's own worker but for the
clock: no sandbox, no versions.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import Worker

import telemetry
from activities.agents import AgentActivities
from activities.evaluation import EvaluationActivities
from activities.handover import HandoverActivities
from activities.ledger import LedgerActivities
from adapters.agents import AgentRegistry
from adapters.ledger_sqlite import SqliteLedger
from adapters.licences import LicenceRegister
from client.connection import connect
from client.signing import public_keys
from ledger.projections import PROJECTIONS
from rehearsal.clock import ShiftedRunner
from rehearsal.life import BUILD
from settings import Settings
from workflows.cluster_development import ClusterDevelopment
from workflows.trust import trust

AT_ONCE = 16
THREADS = 2
CACHED = 1_000


def compose(
    client: Client, settings: Settings, ledger: SqliteLedger, *, threads: ThreadPoolExecutor, shift: timedelta
) -> Worker:
    """A worker for every cluster of the rehearsal; it polls when it is entered."""
    trust(public_keys(settings.keys_path))
    agents = AgentActivities(AgentRegistry(ledger, BUILD))
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[ClusterDevelopment],
        activities=[
            LedgerActivities(ledger).append,
            agents.propose_agent, agents.assign_agent, agents.release_agent,
            EvaluationActivities(ledger).evaluate,
            HandoverActivities(LicenceRegister(ledger, BUILD)).issue_licence,
        ],
        activity_executor=threads,
        workflow_runner=ShiftedRunner(shift),
        max_cached_workflows=CACHED,
        max_concurrent_workflow_tasks=AT_ONCE,
        max_concurrent_activities=THREADS,
        build_id=BUILD,
    )  # fmt: skip


async def serve(data: Path, address: str, shift: timedelta, ready: Path) -> None:
    """Polls until it is killed; the file `ready` is there once it does."""
    settings = Settings.read(data, rehearsal=True, build=BUILD)
    client = await connect(address, settings.namespace)
    with (
        closing(SqliteLedger(settings.ledger_path, PROJECTIONS, rehearsal=True)) as ledger,
        ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="effects") as threads,
    ):
        async with compose(client, settings, ledger, threads=threads, shift=shift):
            gc.freeze()  # modules and rulebook live as long as the process: nothing to look through for garbage
            gc.set_threshold(50_000, 20, 100)
            await asyncio.to_thread(ready.touch)
            await asyncio.Event().wait()


def main() -> None:
    data, address, shift, ready = sys.argv[1:]
    telemetry.configure(level="error", build=BUILD)
    asyncio.run(serve(Path(data), address, timedelta(microseconds=int(shift)), Path(ready)))


if __name__ == "__main__":
    main()
