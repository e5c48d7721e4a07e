"""Composes the worker: settings → adapters → activities → Worker, and nothing else. `python worker.py --data DIR`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

import telemetry
from activities.ledger import LedgerActivities
from adapters.ledger_sqlite import SqliteLedger
from client.connection import connect, lacking
from client.signing import public_keys
from ledger.projections import PROJECTIONS
from settings import Settings
from workflows.cluster_development import ClusterDevelopment
from workflows.options import sandbox
from workflows.trust import trust


def compose(client: Client, settings: Settings, ledger: SqliteLedger) -> Worker:
    """A worker for every cluster of the office; it polls when it is entered."""
    trust(public_keys(settings.keys_path))
    version = WorkerDeploymentVersion(settings.deployment, settings.build)
    versioned = WorkerDeploymentConfig(
        version=version, use_worker_versioning=True, default_versioning_behavior=VersioningBehavior.PINNED
    )
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[ClusterDevelopment],
        activities=[LedgerActivities(ledger).append],
        # A rehearsal carries out nothing that has not run in the sandbox before, and waits for its processor.
        workflow_runner=UnsandboxedWorkflowRunner() if settings.rehearsal else sandbox(),
        max_cached_workflows=settings.cached_clusters,
        max_concurrent_workflow_tasks=settings.workflow_tasks,
        max_concurrent_activities=settings.activities,
        graceful_shutdown_timeout=timedelta(seconds=10),
        build_id=None if settings.deployment else settings.build,
        deployment_config=versioned if settings.deployment else None,
    )


async def serve(settings: Settings) -> int:
    """Polls until it is told to stop; 3 with the mend on standard error when the engine is not ready."""
    client = await connect(settings.temporal, settings.namespace)
    if not settings.rehearsal and (mends := await lacking(client, timedelta(days=settings.retention_days))):
        sys.stderr.write("the engine is not ready; run:\n" + "\n".join(mends) + "\n")
        return 3
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    with closing(SqliteLedger(settings.ledger_path, PROJECTIONS, rehearsal=settings.rehearsal)) as ledger:
        async with compose(client, settings, ledger):
            await stop.wait()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs the clusters of one office.")
    parser.add_argument("--data", type=Path, default=Path("data"))
    settings = Settings.read(parser.parse_args().data)
    telemetry.configure(level=settings.log_level, file=settings.log, build=settings.build)
    return asyncio.run(serve(settings))


if __name__ == "__main__":
    sys.exit(main())
