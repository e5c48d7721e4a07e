"""An office of real processes whose commands are given in this one, and what somebody does to it behind its back."""

import asyncio
import json
import shlex
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime

from typer.testing import CliRunner

import starter
from client.connection import program
from client.ids import command_id
from domain.recording import Envelope
from ledger.entry import fact_of
from tests.e2e.machine import Machine
from tests.oracle import judge_live
from tests.workflow.office import COORDINATOR, IDENTITY, RULEBOOK

SEALS = ("entries_no_update", "entries_no_delete")


class Place:
    """An office whose commands are given in this process."""

    def __init__(self, data):
        self.machine = Machine(data)
        self.begin()
        self.line("directory", "import", "reference/directory/demo.csv")

    def begin(self):
        asyncio.run(self.machine.start_engine())
        self.machine.start_worker()

    def line(self, *words, code=0):
        given = [*map(str, words), "--data", str(self.machine.data), "--json"]
        found = CliRunner().invoke(starter.app, given)
        assert found.exit_code == code, (words, found.stdout, found.stderr, found.exception)
        return json.loads(found.stdout)

    def temporal(self, *words):
        """Somebody with the `temporal` program was here."""
        given = [program("temporal"), *words, "--address", self.machine.address]
        done = subprocess.run(given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sqlite3(self, *statements, **values):
        """Somebody with the `sqlite3` program was here."""
        said = [statement.format(**values) for statement in statements]
        path = str(self.machine.settings.ledger_place)
        if shutil.which("sqlite3"):
            subprocess.run(["sqlite3", "-cmd", ".timeout 20000", path], input=";\n".join(said) + ";", text=True,
                           check=True, capture_output=True)  # fmt: skip
            return
        raw = sqlite3.connect(path, isolation_level=None, timeout=20)
        for statement in said:
            raw.execute(statement)
        raw.close()

    def unsealed(self, *statements, **values):
        self.sqlite3(*(f"DROP TRIGGER IF EXISTS {name}" for name in SEALS), *statements, **values)

    def opened(self, cluster, commands=3):
        """A cluster with a few commands behind it, all of them sealed."""

        async def open_it():
            with self.machine.ledger() as ledger:
                programme = self.machine.programme(await self.machine.connected(), ledger)
                await programme.open(asks(cluster, "IdentifyCluster", **IDENTITY), RULEBOOK)
                for _ in range(commands):
                    await programme.submit(asks(cluster, "RemindNow", duty="cluster_profile"))

        asyncio.run(open_it())
        assert self.found(cluster) == []
        return f"cluster/{cluster}"

    def reminded(self, cluster):
        """The cluster takes a command and seals it, as ever."""

        async def remind():
            with self.machine.ledger() as ledger:
                programme = self.machine.programme(await self.machine.connected(), ledger)
                return await programme.submit(asks(cluster, "RemindNow", duty="cluster_profile"))

        return asyncio.run(remind())

    def commanded(self, cluster, times):
        """So many commands one after the other; how many were done."""

        async def command():
            with self.machine.ledger() as ledger:
                programme = self.machine.programme(await self.machine.connected(), ledger)
                done = [
                    await programme.submit(asks(cluster, "RemindNow", duty="cluster_profile")) for _ in range(times)
                ]
            return len({receipt.seq for receipt in done})

        return asyncio.run(command())

    def found(self, cluster):
        """Kind and code of each finding, by the command itself."""
        told = CliRunner().invoke(
            starter.app, ["audit", "reconcile", cluster, "--data", str(self.machine.data), "--json"]
        )
        found = json.loads(told.stdout)
        assert told.exit_code == (0 if found["ok"] else 1)
        self.repairs = [one["repair"] for one in found["findings"]]
        return [(one["kind"], one["code"]) for one in found["findings"]]

    def repaired(self, cluster):
        """The command that the finding names is given, and nothing is left to find."""
        words = shlex.split(self.repairs[0])
        assert words[0] == "khoosheh"
        people = iter(("p-0001", "p-0004"))
        told = self.line(*(next(people) if word == "PERSON" else word for word in words[1:]))
        assert self.found(cluster) == []
        return told

    def leaves(self, stream):
        with self.machine.ledger() as ledger:
            return ledger.entries(stream)

    def facts(self, stream):
        return [fact_of(leaf) for leaf in self.leaves(stream)]

    def seals(self):
        raw = sqlite3.connect(self.machine.settings.ledger_place)
        found = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type='trigger'")}
        raw.close()
        return found

    def is_live(self):
        """No cluster's live state is another than its fold."""

        async def judged():
            with self.machine.ledger() as ledger:
                return await judge_live(await self.machine.connected(), ledger)

        return asyncio.run(judged()) == []


def asks(cluster, kind, **data):
    now = datetime.now(UTC)
    return Envelope(id=command_id(now), cluster=cluster, type=kind, occurred_at=now, actor=COORDINATOR, data=data)
