"""Composes the worker: settings → adapters → activities → Worker, and nothing else. `python worker.py --data DIR`."""

from __future__ import annotations

import argparse
import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker, WorkflowRunner

import telemetry
from activities.agents import AgentActivities
from activities.evaluation import EvaluationActivities
from activities.handover import HandoverActivities
from activities.ledger import LedgerActivities
from adapters.agents import AgentRegistry
from adapters.ledger_at import once_reached
from adapters.licences import LicenceRegister
from adapters.office_stream import OfficeLedger
from client.connection import connect, lacking
from client.ending import run_to_end
from client.office_work import office_work
from client.signing import public_keys
from ledger.projections import PROJECTIONS
from settings import Settings
from workflows.cluster_development import ClusterDevelopment
from workflows.options import runs
from workflows.trust import trust


def activities_over(ledger: OfficeLedger, build: str) -> list[Any]:
    """Everything a cluster may ask for, each done by whoever is responsible for it here."""
    agents = AgentActivities(AgentRegistry(ledger, build))
    return [
        LedgerActivities(ledger).append,
        *(agents.propose_agent, agents.assign_agent, agents.release_agent),
        EvaluationActivities(ledger).evaluate,
        HandoverActivities(LicenceRegister(ledger, build)).issue_licence,
    ]


def compose(client: Client, settings: Settings, ledger: OfficeLedger, runner: WorkflowRunner | None = None) -> Worker:
    """A worker for every cluster of the office; it polls when it is entered. Without a `runner`, in the sandbox."""
    trust(public_keys(settings.keys_path))
    return Worker(
        client, task_queue=settings.task_queue,
        workflows=[ClusterDevelopment], activities=activities_over(ledger, settings.build),
        activity_executor=ThreadPoolExecutor(settings.activities, thread_name_prefix="services"),
        max_cached_workflows=settings.cached_clusters, max_concurrent_workflow_tasks=settings.workflow_tasks,
        max_concurrent_activities=settings.activities,
        graceful_shutdown_timeout=timedelta(seconds=10),
        **runs(settings.build, settings.deployment, runner),
    )  # fmt: skip


async def serve(settings: Settings) -> None:
    """Polls until it is told to stop; SystemExit with the mend when the engine is not ready."""
    client = await connect(settings.temporal, settings.namespace)
    if not settings.rehearsal and (mends := await lacking(client, timedelta(days=settings.retention_days))):
        raise SystemExit("the engine is not ready; run:\n" + "\n".join(mends))
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with once_reached(settings.ledger_place, PROJECTIONS, stop, rehearsal=settings.rehearsal) as ledger:
        if ledger is not None:
            async with compose(client, settings, ledger), office_work(client, settings, ledger):
                await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Runs the clusters of one office.")
    parser.add_argument("--data", type=Path, default=Path("data"))
    office = Settings.read(parser.parse_args().data)
    telemetry.configure(level=office.log_level, file=office.log, build=office.build)
    run_to_end(lambda: asyncio.run(serve(office)))
