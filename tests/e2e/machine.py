"""One office's processes on one machine: the engine on its file, the worker, callers; each can be killed outright."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from temporalio.client import Client
from temporalio.service import RPCError

from adapters.ledger_at import ledger_at
from adapters.ledger_sql import SqlLedger
from client.connection import LOCAL, RETENTION, SERVER, connect, keep_for, program
from client.programme import Programme
from client.signing import Signer, create_key
from ledger.projections import PROJECTIONS
from settings import Settings
from tests.oracle import Answer
from workflows.attributes import KEYS

ROOT = Path(__file__).parents[2]
KEY = "office"
LAST = {"worker": 1, "engine": 2}
NAMESPACE = "default"


async def until(holds: Callable[[], Any], what: str, seconds: float = 90) -> None:
    """`holds` holds; AssertionError when it does not for so long."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"never: {what}"
        await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Told:
    """One line of a caller's journal that says what it was told, and when it had asked."""

    answer: Answer
    asked_at: float
    told_at: float


class Machine:
    """A data folder and what runs on it."""

    def __init__(self, data: Path, *, worker: Sequence[str] = ("worker.py",), **settings: str | int) -> None:
        self.data, self.settings = data, Settings.read(data)
        self.address = f"{LOCAL}:{_free_port()}"
        self.signer: Signer = create_key(self.settings.keys_path, KEY)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._set: dict[str, str | int] = {}
        self.run_as_worker(*worker)
        self.set(temporal=self.address, log=str(data / "worker.log"), **settings)
        with self.ledger():  # it is there before anybody asks for it, as `up` sees to
            pass

    def set(self, **settings: str | int) -> None:
        """What processes that start from now on read, besides what they are told."""
        self._set |= settings
        lines = (f"{name} = {json.dumps(value)}\n" for name, value in self._set.items())
        (self.data / "khoosheh.toml").write_text("".join(lines), "utf-8")

    def run_as_worker(self, *program: str) -> None:
        """Which program is the worker from the next start on."""
        self._worker = [*program, "--data", str(self.data)]

    async def start_engine(self) -> None:
        """It answers, and has what a worker asks for."""
        searched = [f"--search-attribute={key.name}={key.indexed_value_type.name.title()}" for key in KEYS]
        port = self.address.rpartition(":")[2]
        self._start("engine", [
            program(SERVER), "server", "start-dev", "--ip", LOCAL, "--port", port, "--http-port", str(_free_port()),
            "--headless", "--db-filename", str(self.settings.engine_path), "--log-level", "error", *searched,
        ])  # fmt: skip
        await keep_for(await self.connected(), RETENTION)

    def start_worker(self) -> None:
        self._start("worker", [sys.executable, *self._worker])

    def start_caller(self, name: str, *arguments: str) -> None:
        """A process that sends commands; started again under its name, it asks first for what it was not told."""
        known = ["--data", str(self.data), "--journal", str(self.data / f"{name}.journal")]
        self._start(name, [sys.executable, "-m", "tests.e2e.caller", *known, *arguments])

    async def kill(self, name: str) -> None:
        """The process is gone, without a chance to say goodbye."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGKILL)
        await until(lambda: process.poll() is not None, f"{name} dead")

    def has_ended(self, name: str) -> bool:
        return self._running[name].poll() is not None

    def exit_code(self, name: str) -> int | None:
        return self._running[name].poll()

    def output(self, name: str) -> str:
        """The last that the process wrote, since it was first started under this name."""
        return (self.data / f"{name}.out").read_text("utf-8", "replace")[-3000:]

    async def stop(self) -> None:
        """Callers, worker, engine, in this order, whatever state they are in."""
        for name in sorted(self._running, key=lambda name: LAST.get(name, 0)):
            await self.kill(name)

    async def connected(self) -> Client:
        return await connected(self.address)

    @contextmanager
    def ledger(self) -> Iterator[SqlLedger]:
        with closing(ledger_at(self.settings.ledger_place, PROJECTIONS)) as ledger:
            yield ledger

    def programme(self, client: Client, ledger: SqlLedger) -> Programme:
        return Programme(client, ledger, self.signer, task_queue=self.settings.task_queue)

    def sent(self) -> list[str]:
        """The ids of all that callers ever asked."""
        return [line["id"] for line in self._lines() if "envelope" in line]

    def told(self) -> list[Told]:
        """What callers were told, in the order of their journals."""
        return [
            Told(Answer(line["id"], line["cluster"], line["seq"], line["count"]), line["asked"], line["at"])
            for line in self._lines()
            if "told" in line
        ]

    def _lines(self) -> Iterator[dict[str, Any]]:
        for journal in sorted(self.data.glob("*.journal")):
            yield from journal_lines(journal)

    def _start(self, name: str, argv: Sequence[str]) -> None:
        log: IO[bytes]
        with (self.data / f"{name}.out").open("ab") as log:
            self._running[name] = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


async def connected(address: str, seconds: float = 60) -> Client:
    """A client of the engine there, as soon as it answers."""
    end = time.monotonic() + seconds
    while True:
        try:
            client = await connect(address, NAMESPACE)
            await client.count_workflows()
            return client
        except (RuntimeError, RPCError):
            assert time.monotonic() < end, "the engine never answered"
            await asyncio.sleep(0.05)


def journal_lines(journal: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a journal; the last one may have been cut off by a kill."""
    if journal.exists():
        for line in journal.read_text("utf-8").split("\n"):
            try:
                yield json.loads(line)
            except ValueError:
                continue


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((LOCAL, 0))
        return int(found.getsockname()[1])
