"""The office's own work on the engine: its worker, on a queue of its own, and the schedule of its round."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.worker import Worker

from activities.archive import ArchiveActivities
from activities.reconciliation import ReconciliationActivities
from adapters.objects_at import objects_at
from client.archived import RecordedArchive
from client.archiving import Archivist
from client.build import record_build
from client.reconciling import Reconciler
from client.repairing import MendableLedger
from client.replayers import Replayers
from client.sweeping import Sweeper
from client.watching import Watch
from ledger.objects import Objects
from settings import Settings
from workflows.office_round import OfficeRound
from workflows.options import runs
from workflows.outbound import office_queue

ROUND, EVERY = "office-round", timedelta(minutes=15)
AT_ONCE = 4
"""Steps of a round and archived runs at once: they read much and hurry for nothing."""


@asynccontextmanager
async def office_work(client: Client, settings: Settings, ledger: MendableLedger) -> AsyncIterator[None]:
    """Meanwhile ended chapters are archived, and the round is made every quarter of an hour; not in rehearsals."""
    if settings.rehearsal:
        yield
        return
    await asyncio.to_thread(record_build, ledger, settings.build, datetime.now(UTC))
    async with office_worker(client, settings, ledger):
        await keep_round(client, settings.task_queue)
        yield


def office_worker(client: Client, settings: Settings, ledger: MendableLedger) -> Worker:
    """The worker of everything that is the office's and no cluster's; it polls when it is entered."""
    return Worker(
        client, task_queue=office_queue(settings.task_queue),
        workflows=[OfficeRound], activities=office_activities(client, settings, ledger),
        max_concurrent_activities=AT_ONCE, max_cached_workflows=1, graceful_shutdown_timeout=timedelta(seconds=10),
        **runs(settings.build),
    )  # fmt: skip


def office_activities(client: Client, settings: Settings, ledger: MendableLedger) -> list[Callable[..., Any]]:
    """What `workflows.outbound.OF_OFFICE` declares."""
    archivist = Archivist(client, ledger, _opened(settings), build=settings.build, replayers=Replayers())
    sweeper = Sweeper(client, ledger, archivist, timedelta(days=settings.retention_days))
    archive = ArchiveActivities(archivist, sweeper)
    reconciler = Reconciler(client, ledger, RecordedArchive(ledger, _opened(settings)))
    watch = ReconciliationActivities(Watch(ledger, reconciler, settings.build))
    return [archive.archive_run, archive.sweep, watch.reconcile]


async def keep_round(client: Client, task_queue: str) -> None:
    """The schedule of the round is there, as this build wants it."""
    wanted = Schedule(
        action=ScheduleActionStartWorkflow(OfficeRound.run, id=ROUND, task_queue=office_queue(task_queue)),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY)]),
        # What was missed while the office was down is done by the next round.
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )
    try:
        await client.create_schedule(ROUND, wanted)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(ROUND).update(lambda _: ScheduleUpdate(schedule=wanted))


def _opened(settings: Settings) -> Callable[[], Objects]:
    """Opens the archive's store when it is first asked for: while it is away, clusters live all the same."""
    return cache(lambda: objects_at(settings.archive_address))
