"""An office to measure: the real server on a file, the real worker in its own process, one caller in this one."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from temporalio.client import Client, WorkflowHandle

from adapters.ledger_sql import SqlLedger
from adapters.ledger_sqlite import SqliteLedger
from adapters.reference_calendar import load_calendar
from adapters.reference_methodology import load
from bench.floor import QUEUE, Floor
from client.connection import start_local
from client.ids import command_id
from client.programme import Programme, now
from client.signing import create_key
from domain.recording import Actor, Envelope
from domain.rulebook import pack
from ledger.projections import PROJECTIONS
from workflows.chapter import stream_of

ROOT = Path(__file__).parents[1]
RULEBOOK = pack(
    load(ROOT / "reference/methodology/isipo-unido-default/1.0").methodology,
    load_calendar(ROOT / "reference/calendar/iran"),
)
COORDINATOR = Actor(person="p-coordinator", role="provincial_coordinator", scope="province/qom")
TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """Events and completed workflow tasks of a run so far, and the bytes of its history."""

    events: int
    tasks: int
    size: int


class Office:
    """`server` and `worker` are process ids."""

    def __init__(self, client: Client, ledger: SqlLedger, folder: Path, server: int, worker: int) -> None:
        self.client, self.ledger, self.folder = client, ledger, folder
        self.server, self.worker = server, worker
        self._sent = 0
        self.programme = Programme(client, ledger, create_key(folder / "keys", "office"))

    async def open(self, cluster: str) -> None:
        identify = self._asks(cluster, "IdentifyCluster", COORDINATOR, name_fa="کفش قم", name_en="Qom footwear",
                              province="qom", product="footwear")  # fmt: skip
        await self.programme.open(identify, RULEBOOK)

    async def command(self, cluster: str) -> float:
        """One command is sealed that moves the alarm and what operators see, again and again; the seconds it took."""
        clock = asyncio.get_running_loop().time
        self._sent += 1
        until = date.today() + timedelta(days=3 + 5 * (self._sent % 2))  # noqa: DTZ011 - any zone will do
        members = [f"p-member-{n}" for n in range(5)]
        start = clock()
        await self.programme.submit(self._asks(cluster, "SeatBody", COORDINATOR, body="provincial_committee",
                                               members=members, quorum=3, until=str(until)))  # fmt: skip
        return clock() - start

    async def floor(self, name: str) -> WorkflowHandle[Any, Any]:
        """A hand-written workflow, waiting."""
        return await self.client.start_workflow(Floor.run, id=name, task_queue=QUEUE)

    async def cost(self, workflow: str) -> Cost:
        handle = self.client.get_workflow_handle(workflow)
        history = await handle.fetch_history()
        tasks = sum(event.HasField("workflow_task_completed_event_attributes") for event in history.events)
        return Cost(len(history.events), tasks, sum(event.ByteSize() for event in history.events))

    async def quiet(self, workflow: str) -> Cost:
        """The cost once nothing more is added to it."""
        cost = await self.cost(workflow)
        while True:
            await asyncio.sleep(0.3)
            if (after := await self.cost(workflow)) == cost:
                return after
            cost = after

    @staticmethod
    def _asks(cluster: str, kind: str, actor: Actor, **data: Any) -> Envelope:
        at = now()
        return Envelope(id=command_id(at), cluster=cluster, type=kind, occurred_at=at, actor=actor, data=data)


@asynccontextmanager
async def office(*, bare: bool = False, cached: int = 1_000) -> AsyncIterator[Office]:
    """Everything stands and has answered once; `bare`: without the sandbox."""
    with TemporaryDirectory(prefix="khoosheh-bench-") as name:
        folder = Path(name)
        create_key(folder / "keys", "office")
        async with await start_local(folder / "engine.sqlite") as env:
            client = env.client
            process = _start_worker(client, folder, bare=bare, cached=cached)
            try:
                with closing(SqliteLedger(folder / "ledger.sqlite", PROJECTIONS)) as ledger:
                    made = Office(client, ledger, folder, _server_of(os.getpid()), process.pid)
                    await made.open("warm-up")
                    await (await made.floor("warm-up")).execute_update(Floor.noop, "")
                    yield made
            finally:
                process.terminate()
                await asyncio.to_thread(process.wait, 20)


def stream(cluster: str) -> str:
    return stream_of(cluster)


def cpu(process: int) -> timedelta:
    """Processor time, user and system, that the process has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return timedelta(seconds=(int(fields[11]) + int(fields[12])) / TICKS)


def memory(process: int) -> int:
    """Resident bytes of the process."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _start_worker(client: Client, folder: Path, *, bare: bool, cached: int) -> subprocess.Popen[bytes]:
    settings = {
        "KHOOSHEH_TEMPORAL": client.service_client.config.target_host,
        "KHOOSHEH_CACHED_CLUSTERS": str(cached),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "bench.process", "--data", str(folder), *(["--bare"] if bare else [])],
        cwd=ROOT, env={**os.environ, **settings},
    )  # fmt: skip


def _server_of(parent: int) -> int:
    """The youngest `temporal` that this process started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text(encoding="utf-8").partition("(")[2].rpartition(")")
        except OSError:
            continue
        if name == "temporal" and int(rest.split()[1]) == parent:
            found.append(int(stat.parent.name))
    return max(found)
