"""An office whose histories are archived, for tests: its archivist, its sweeper, a store that can be away."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.worker import Worker

from activities.archive import ArchiveActivities
from activities.reconciliation import ReconciliationActivities
from adapters.objects_folder import ObjectFolder
from client.archived import RecordedArchive
from client.archiving import Archivist
from client.reconciling import Reconciler
from client.replayers import Replayers
from client.sweeping import Sweeper, unarchived
from client.watching import Watch
from ledger import archive
from ledger.archive import archived_in
from ledger.objects import ObjectsUnusable
from tests.replay.people import until
from tests.workflow.office import CLUSTER, QUEUE, real_office
from workflows import options
from workflows.office_round import OfficeRound
from workflows.outbound import office_queue

RETENTION = timedelta(days=90)
COMMANDS = 10


class Store(ObjectFolder):
    """A folder that can be away."""

    away = False


class Kept:
    """An office whose histories are archived."""

    def __init__(self, office, folder, code=None):
        self.office, self.objects = office, Store(folder / "archive")
        self.now = datetime.now(UTC) + timedelta(minutes=1)
        self.replayers = Replayers(code=code)
        self.archivist = Archivist(office.env.client, office.ledger, self.opened, build="test",
                                   replayers=self.replayers, clock=self.clock)  # fmt: skip
        self.sweeper = Sweeper(office.env.client, office.ledger, self.archivist, RETENTION, self.clock)
        self.activities = ArchiveActivities(self.archivist, self.sweeper)

    def clock(self):
        return self.now

    def opened(self):
        if self.objects.away:
            raise ObjectsUnusable("unreachable", "the archive")
        return self.objects

    def worker(self):
        client, queue = self.office.env.client, office_queue(QUEUE)
        reconciler = Reconciler(client, self.office.ledger, RecordedArchive(self.office.ledger, self.opened))
        watch = ReconciliationActivities(Watch(self.office.ledger, reconciler, "test"))
        activities: list[Any] = [self.activities.archive_run, self.activities.sweep, watch.reconcile]
        return Worker(client, task_queue=queue, workflows=[OfficeRound], activities=activities, build_id="test",
                      graceful_shutdown_timeout=timedelta(0), workflow_runner=options.sandbox())  # fmt: skip

    def runs(self, cluster=CLUSTER):
        return archived_in(self.office.ledger.entries(archive.STREAM)).get(cluster, [])

    async def sweep(self):
        return await self.sweeper.sweep()

    async def a_chapter(self):
        """As many commands as end one."""
        for _ in range(COMMANDS):
            await self.office.programme.submit(self.office.reminder())

    async def terminated(self):
        """The cluster's run is ended by hand, and listed as such."""
        await self.office.handle().terminate(reason="by hand")

        async def _is_listed():
            return bool(await unarchived(self.office.env.client, self.office.ledger, self.now))

        await until(_is_listed, "the end of a run")

    async def is_listed(self):
        async def _runs():
            return (await self.office.env.client.count_workflows("ExecutionStatus = 'Running'")).count == 1

        await until(_runs, "the running cluster")

    async def has_archived(self, number):
        async def _is_so():
            return len(self.runs()) >= number

        await until(_is_so, f"{number} runs archived")


@asynccontextmanager
async def kept_office(folder, code=None):
    async with real_office(folder) as office, office.worker():
        here = Kept(office, folder, code)
        try:
            yield here
        finally:
            await here.replayers.close()
