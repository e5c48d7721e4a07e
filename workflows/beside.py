"""What runs beside a workflow's loop: tasks whose faults are not lost, the one alarm, and what is to be archived."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError

from domain.effects import ArchiveRun
from workflows import options, outbound

SOON = timedelta(seconds=1)
REST = timedelta(days=1)


class Beside:
    """Starts tasks, and keeps the first fault in one: the loop then fails its workflow task with it.

    An exception in a task of its own would otherwise be logged and forgotten, and a cluster without alarm
    looks like one that owes nothing.
    """

    def __init__(self) -> None:
        self.fault: BaseException | None = None

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._note)
        return task

    def check(self) -> None:
        """Raises what failed a task, as an error that fails the workflow task and not the workflow."""
        if self.fault is not None:
            raise RuntimeError("a task beside the loop failed") from self.fault

    def _note(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and self.fault is None:
            self.fault = task.exception()


class Alarm:
    """Rings once at the moment it is set to. `ring` is told that moment and says whether anything came of it."""

    def __init__(self, beside: Beside, ring: Callable[[datetime], bool]) -> None:
        self._beside, self._ring = beside, ring
        self._at: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    def set(self, at: datetime | None) -> None:
        """The alarm stands at `at`, or at nothing; the same moment again costs no event."""
        if at == self._at:
            return
        if self._task is not None:
            self._task.cancel()
        self._at = at
        self._task = self._beside.start(self._wait(at, SOON)) if at else None

    async def _wait(self, at: datetime, least: timedelta) -> None:
        # At least a moment: what is overdue by years must not turn into a loop inside one task.
        await workflow.sleep(max(at - workflow.now(), least), summary="next duty")
        self._at = self._task = None
        if not self._ring(at):
            self._at, self._task = at, self._beside.start(self._wait(at, REST))


class Unarchived:
    """Ended runs of a cluster that nobody has said are archived. Nothing waits for that, and no chapter fails by it."""

    def __init__(self, beside: Beside, cluster: str, runs: Iterable[str]) -> None:
        self._beside, self._cluster = beside, cluster
        self.runs = list(runs)

    def ask(self) -> None:
        """Each is being archived."""
        for run in tuple(self.runs):
            self._beside.start(self._archive(run))

    async def _archive(self, run: str) -> None:
        asked = ArchiveRun(cluster=self._cluster, run=run)
        queue = outbound.office_queue(workflow.info().task_queue)
        try:
            await workflow.execute_activity(outbound.archive_run, asked, task_queue=queue, **options.ARCHIVE)
        except FailureError as failure:
            workflow.logger.error("not_archived", extra={"run": run, "why": str(failure.cause or failure)})
        else:
            self.runs.remove(run)
