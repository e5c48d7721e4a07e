"""One engine of a rehearsal: a time-skipping server and a worker, both of which end when we do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.empty_pb2 import Empty
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.testservice.v1 import SleepRequest
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle

from client.archiving import Archivist, Living
from client.connection import LOCAL, TEST_SERVER, connect, program
from client.leash import leashed
from client.programme import Programme
from domain.recording import Envelope
from ledger.objects import Objects
from rehearsal.life import BUILD
from rehearsal.premises import Premises
from workflows.attributes import KEYS
from workflows.chapter import stream_of
from workflows.cluster_development import ClusterDevelopment

READY_SECONDS = 30.0
HOME = Path(__file__).resolve().parent.parent
ATTRIBUTES = {key.name: IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{key.indexed_value_type.name}") for key in KEYS}
EARLY = timedelta(hours=8)
"""The clock of the script begins so long before the first afternoon."""


class EngineFailed(Exception):
    """The server or the worker of a rehearsal ended; the message is the last of what it said."""


class TimeSkippingEngine:
    """`rehearsal.life.Engine` on the packaged time-skipping server."""

    def __init__(self, premises: Premises, number: int, starts_at: datetime) -> None:
        self._premises, self._number, self._starts_at = premises, number, starts_at
        self._log = premises.settings.path(f"engine-{number}.log")
        self._processes: list[Process] = []
        self._shift = timedelta()
        self._at, self._since = starts_at, monotonic()
        self._asked_at = starts_at
        self._client: Client | None = None
        self._rulebook = premises.reference.rulebook

    async def start(self) -> None:
        """Server and worker run, and it is `starts_at` there."""
        address = f"{LOCAL}:{_free_port()}"
        await self._spawn([program(TEST_SERVER), address.partition(":")[2]])
        self._client = client = await self._connected(address)
        await client.operator_service.add_search_attributes(AddSearchAttributesRequest(search_attributes=ATTRIBUTES))
        self._shift = self._starts_at - await self._server_time()
        self._since = monotonic()
        await self._start_worker(address)
        self._programme = Programme(client, self._premises.ledger, self._premises.signer, self._now,
                                    task_queue=self._premises.settings.task_queue)  # fmt: skip

    async def _start_worker(self, address: str) -> None:
        """The worker polls: what is asked of a cluster that nobody works for is answered late."""
        ready = self._premises.settings.path(f"engine-{self._number}.ready")
        ready.unlink(missing_ok=True)
        data, microseconds = str(self._premises.settings.data), self._shift // timedelta(microseconds=1)
        await self._spawn([sys.executable, "-m", "rehearsal.worker", data, address, str(microseconds), str(ready)])
        while not ready.exists():
            self._check()
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        """Neither runs any more. Nothing of value is in them: what is sealed is in the ledger."""
        for process in reversed(self._processes):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def advance(self, to: datetime) -> None:
        self._check()
        # Between sleeps the server's clock goes on with ours: no need to ask it.
        left = to - (self._at + timedelta(seconds=monotonic() - self._since))
        if left > timedelta():
            duration = Duration()
            duration.FromTimedelta(left)
            await self._running().test_service.unlock_time_skipping_with_sleep(SleepRequest(duration=duration))
            self._since = monotonic()
            self._at = to

    async def open(self, envelope: Envelope) -> None:
        self._asked_at = envelope.occurred_at
        await self._programme.open(envelope, self._rulebook, rehearsal=True)

    async def submit(self, envelope: Envelope) -> None:
        self._check()
        self._asked_at = envelope.occurred_at
        await self._programme.submit(envelope)

    async def state(self, cluster: str) -> dict[str, Any]:
        """What the living cluster says of itself: seq, digest."""
        handle: WorkflowHandle[Any, Any] = self._running().get_workflow_handle(stream_of(cluster))
        return await handle.query(ClusterDevelopment.state)

    async def history_events(self, cluster: str) -> int:
        """How many events the engine keeps of the cluster, over all its chapters."""
        return sum([length async for _, length in self._runs(cluster)])

    async def archive(self, cluster: str, store: Objects, at: datetime) -> None:
        """Every chapter's history is in the store and on record as of `at`, of the one at work what it has so far.

        Not replayed here: `audit replay` does, and time is what a rehearsal has least of.
        """
        archivist = Archivist(self._running(), self._premises.ledger, lambda: store, build=BUILD, clock=lambda: at)
        working, *ended = [run async for run, _ in self._runs(cluster)]
        for run in reversed(ended):
            await archivist.archive(cluster, run)
        state = await self.state(cluster)
        await archivist.archive_prefix(cluster, working, Living(state["seq"], state["digest"]))

    async def _runs(self, cluster: str) -> AsyncIterator[tuple[str, int]]:
        """Each run of the cluster and how many events it has, the last run first."""
        client, run = self._running(), ""
        while True:
            # The plain call: the client library cannot read a date among the search attributes that was unset here.
            place = WorkflowExecution(workflow_id=stream_of(cluster), run_id=run)
            found = (await client.workflow_service.describe_workflow_execution(
                DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=place)
            )).workflow_execution_info  # fmt: skip
            yield found.execution.run_id, found.history_length
            handle = client.get_workflow_handle(stream_of(cluster), run_id=found.execution.run_id)
            first = await anext(handle.fetch_history_events(page_size=1))
            run = first.workflow_execution_started_event_attributes.continued_execution_run_id
            if not run:
                break

    # ---------------------------------------------------------------- processes

    def _running(self) -> Client:
        if self._client is None:
            raise EngineFailed("not started")
        return self._client

    def _now(self) -> datetime:
        return self._asked_at

    async def _server_time(self) -> datetime:
        answer = await self._running().test_service.get_current_time(Empty())
        return answer.time.ToDatetime(tzinfo=UTC)

    async def _connected(self, address: str) -> Client:
        patience = asyncio.get_running_loop().time() + READY_SECONDS
        while True:
            self._check()
            try:
                return await connect(address)
            except RuntimeError as fault:
                if asyncio.get_running_loop().time() > patience:
                    raise EngineFailed(str(fault)) from fault
                await asyncio.sleep(0.02)

    async def _spawn(self, command: Sequence[str]) -> None:
        """The command runs on a leash, in a group of its own so that a Ctrl-C reaches only us."""
        with self._log.open("ab") as log:
            self._processes.append(await asyncio.create_subprocess_exec(
                *leashed(*command), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                cwd=HOME, env={**os.environ, "PYTHONPATH": str(HOME)},
            ))  # fmt: skip

    def _check(self) -> None:
        if any(process.returncode is not None for process in self._processes):
            raise EngineFailed(self._log.read_text(encoding="utf-8", errors="replace")[-2000:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port: int = probe.getsockname()[1]
        return port
