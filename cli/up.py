"""`up`: the engine and the worker of one office in one process tree, and its addresses in the data folder."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json as json_text
import os
import signal
import socket
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from adapters.whole_file import write_whole
from cli.children import Child
from cli.command import command
from cli.errors import Unreachable, WrongUse
from cli.forgetting import complete_erasures
from cli.office import KEY, LOCK, OFFICE, RUNNING, Office, now
from cli.sealing import lacks_entries
from domain.recording import Cause
from ledger.place import is_on_server, shown
from settings import Settings, shut_out

ROOT = Path(__file__).resolve().parent.parent
ENGINE, WORKER, SEALING = "engine", "worker", "sealing"
LOGS = "logs"
READY_WITHIN = 60.0
ASK_EVERY = 0.1
WORKER_DRAINS, SEALING_ENDS, ENGINE_ENDS = 20.0, 10.0, 10.0
MOST_STARTS_BEFORE_READY = 3


@command
def up(
    office: Office,
    console: Annotated[int, typer.Option(min=0, max=0, help="0: no console; this version has none.")] = 0,
    temporal: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="An engine that runs elsewhere.")] = None,
    ledger: Annotated[str | None, typer.Option(help="File of the ledger, or address of a PostgreSQL database.")] = None,
) -> None:
    """Start everything: engine and worker, in one supervised process tree. Ctrl-C drains and stops.

    The data folder (--data, KHOOSHEH_DATA, or ./data) then holds everything the office has: ledger, engine, documents,
    signing key, logs. Every other command finds what runs by the same --data.

    Example:
      khoosheh up --data ~/khoosheh
    """
    del console  # 0, which scripts may say already
    office.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _holding(office):
        settings = _settings(office, temporal, ledger)
        _prepare(office, settings)
        asyncio.run(_Run(office, settings).run())


@contextlib.contextmanager
def _holding(office: Office) -> Iterator[None]:
    """Nobody else runs this data folder meanwhile; the system lets go when this process ends, however it ends."""
    with (office.data / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WrongUse("held", **_holder(lock)) from None
        lock.truncate(0)
        lock.write(json_text.dumps({"pid": os.getpid(), "since": now().isoformat(timespec="seconds")}))
        lock.flush()
        try:
            yield
        finally:
            (office.data / RUNNING).unlink(missing_ok=True)
            lock.truncate(0)


def _holder(lock: IO[str]) -> dict[str, str]:
    lock.seek(0)
    try:
        found = json_text.loads(lock.read())
        return {"pid": str(found["pid"]), "since": str(found["since"])}
    except (ValueError, KeyError, TypeError):
        return {"pid": "?", "since": "?"}


def _settings(office: Office, temporal: str | None, ledger: str | None) -> Settings:
    _ = office.settings  # tells what is wrong with the file or the environment
    return Settings.read(office.data, temporal=temporal, ledger=ledger)


def _prepare(office: Office, settings: Settings) -> None:
    """Key, ledger and the owner's place in the directory are there before anybody asks; what was erased is gone."""
    from adapters.directory import DirectoryStream
    from adapters.ledger_at import ledger_at
    from adapters.office_stream import Stamp
    from client.signing import create_key
    from ledger.projections import PROJECTIONS

    create_key(settings.keys_path, KEY)
    with contextlib.closing(ledger_at(settings.ledger_place, PROJECTIONS, rehearsal=settings.rehearsal)) as ledger:
        if lacks_entries(office, ledger):
            raise Unreachable("ledger_older", data=office.data)
        directory = DirectoryStream(ledger, settings.build)
        if not directory.in_force(now().date(), person=OFFICE.person):
            stamp = Stamp(OFFICE, Cause(kind="import", ref="up"), now(), "local_key")
            directory.grant(OFFICE.person, OFFICE.role, OFFICE.scope, stamp)
        complete_erasures(office, ledger)


class _Run:
    """One life of `up`."""

    def __init__(self, office: Office, settings: Settings) -> None:
        self._office, self._settings, self._screen = office, settings, office.screen
        self._address, self._namespace = settings.temporal, settings.namespace
        if not self._address:
            from client.connection import LOCAL, NAMESPACE

            shut_out("TEMPORAL_")
            self._address, self._namespace = f"{LOCAL}:{_free_port()}", settings.namespace or NAMESPACE
        env = os.environ | {
            "KHOOSHEH_TEMPORAL": self._address,
            "KHOOSHEH_LEDGER": settings.ledger,
            "PYTHONUNBUFFERED": "1",
        }
        logs = settings.path(LOGS)
        self._engine = None
        if not settings.temporal:
            argv = _engine_arguments(settings, self._address, self._namespace)
            self._engine = Child(ENGINE, argv, logs / "engine.log", os.environ, self._restarted)
        worker = [sys.executable, str(ROOT / "worker.py"), "--data", str(settings.data)]
        self._worker = Child(WORKER, worker, logs / "worker.log", env, self._restarted)
        seal = [sys.executable, str(ROOT / "starter.py"), "seal", "--data", str(settings.data), "--lang", office.lang]
        self._sealing = Child(SEALING, seal, logs / "sealing.log", env, self._restarted)
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Returns when it was told to stop and everything has ended."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(name, self._stop.set)
        self._screen.note(self._screen.say("screen.up_starting"))
        try:
            starting = asyncio.create_task(self._start())
            stopping = asyncio.create_task(self._stop.wait())
            await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
            stopped_early = not starting.done()
            if stopped_early:
                starting.cancel()
            else:
                await starting
                await self._sealing.start()
                self._ready()
                await stopping
            self._screen.note(self._screen.say("screen.up_stopping"))
        finally:
            # The worker first: what it has begun is finished while the engine still listens.
            await self._worker.stop(WORKER_DRAINS)
            await self._sealing.stop(SEALING_ENDS)  # and then what it recorded is sealed
            if self._engine is not None:
                await self._engine.stop(ENGINE_ENDS)
        self._screen.note(self._screen.say("screen.up_stopped"))

    async def _start(self) -> None:
        from client.connection import keep_for, lacking

        if self._engine is not None:
            await self._engine.start()
        client = await self._connected()
        self._namespace = client.namespace
        retention = timedelta(days=self._settings.retention_days)
        if self._engine is not None:
            await keep_for(client, retention)
        if mends := await lacking(client, retention):
            raise Unreachable("not_ready", commands="\n".join(mends))
        await self._worker.start()
        await self._polled(client)

    async def _connected(self) -> Any:
        from temporalio.service import RPCError

        from client.connection import EngineUnnamed, connect

        deadline = asyncio.get_running_loop().time() + READY_WITHIN
        while True:
            try:
                return await connect(self._address, self._namespace)
            except EngineUnnamed as fault:
                raise Unreachable("profile", detail=fault) from None
            except (RuntimeError, RPCError):
                self._check_failing(self._engine)
                if self._engine is None or asyncio.get_running_loop().time() > deadline:
                    raise Unreachable("engine", address=self._address) from None
                await asyncio.sleep(ASK_EVERY)

    async def _polled(self, client: Any) -> None:
        """The worker asks for work: from now on a command is carried out."""
        from temporalio.api.enums.v1 import TaskQueueType
        from temporalio.api.taskqueue.v1 import TaskQueue
        from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

        asked = DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=self._settings.task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )  # fmt: skip
        while True:
            described = await client.workflow_service.describe_task_queue(asked)
            # By its process id: pollers of another life are listed for minutes after it ended.
            if any(poller.identity.startswith(f"{self._worker.pid}@") for poller in described.pollers):
                return
            self._check_failing(self._worker)
            await asyncio.sleep(ASK_EVERY)

    def _check_failing(self, child: Child | None) -> None:
        if child is not None and child.started >= MOST_STARTS_BEFORE_READY:
            raise Unreachable("up_failed", child=child.name, log=child.log)

    def _ready(self) -> None:
        settings, say = self._settings, self._screen.say
        pids = {"up": os.getpid(), "engine": self._engine.pid if self._engine else None, "worker": self._worker.pid,
                "sealing": self._sealing.pid}  # fmt: skip
        answer = {
            "console": None,
            "temporal": self._address,
            "namespace": self._namespace,
            "task_queue": settings.task_queue,
            "ledger": shown(settings.ledger_place),
            "pids": pids,
        }
        self._write(answer)
        self._screen.result(answer)
        self._screen.line(say("screen.up_ready"), "bold green")
        self._screen.table(("", ""), [
            (say("screen.up_data"), settings.data.absolute()),
            (say("screen.up_engine"), f"{self._address} ({self._namespace}), pid {pids['engine'] or '—'}"),
            (say("screen.up_worker"), f"{settings.task_queue}, pid {pids['worker']}"),
            (say("screen.up_ledger"), shown(settings.ledger_place)),
        ])  # fmt: skip
        self._screen.line(say("screen.up_next", data=settings.data))

    def _write(self, answer: dict[str, Any]) -> None:
        """Whole or not at all: others read this file at any moment."""
        place, beside = self._settings.ledger_place, {"since": now().isoformat(timespec="seconds")}
        # The address as it is, for this file is its owner's alone: other commands open the same ledger by it.
        ledger = place if is_on_server(place) else str(Path(place).absolute())
        told = json_text.dumps(answer | beside | {"ledger": ledger})
        write_whole(self._office.data / RUNNING, told.encode())

    def _restarted(self, child: str, code: int, pause: float) -> None:
        seconds = self._screen.count(int(pause))
        self._screen.note(self._screen.say("screen.up_restarted", child=child, code=code, seconds=seconds), "yellow")


def _engine_arguments(settings: Settings, address: str, namespace: str) -> list[str]:
    """The engine on loopback, on its file, with what our workflows are searched by."""
    from client.connection import LOCAL, SERVER, program
    from workflows.attributes import KEYS

    searched = [f"--search-attribute={key.name}={key.indexed_value_type.name.title()}" for key in KEYS]
    return [
        program(SERVER), "server", "start-dev", "--ip", LOCAL, "--port", address.rpartition(":")[2],
        "--http-port", str(_free_port()), "--headless", "--db-filename", str(settings.engine_path),
        "--namespace", namespace, "--log-level", "error", *searched,
    ]  # fmt: skip


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
