"""A backup taken under load is an office that goes on where it was: nothing lost, nothing doubled, nothing apart."""

import asyncio
from contextlib import closing
from functools import partial

import pytest

from adapters.ledger_sqlite import SqliteReader
from client.backing_up import back_up
from client.restoring import restore
from tests.e2e.kills import ended, open_some, settled
from tests.e2e.machine import Machine, until
from tests.oracle import judge, judge_live

pytestmark = pytest.mark.timeout(300)
CALLERS = {f"caller-{n}": ("--seed", str(n), "--commands", "40") for n in range(2)}
MORE = {"caller-9": ("--seed", "9", "--commands", "10")}


async def test_an_office_restored_from_a_backup_taken_under_load_goes_on(tmp_path):
    machine, kept = Machine(tmp_path / "office"), tmp_path / "kept"
    told = []
    try:
        await machine.start_engine()
        machine.start_worker()
        opened = await open_some(machine, 4)
        for name, arguments in CALLERS.items():
            machine.start_caller(name, *arguments)
        for n in range(3):
            await until(partial(_has_told, machine, 10 * (n + 1)), "answers")
            told.append([one.answer for one in machine.told()])
            manifest = await asyncio.to_thread(back_up, machine.settings, kept / str(n))
            assert manifest.engine == "engine.sqlite"
            assert not machine.has_ended("caller-0")
        await ended(machine, CALLERS)
        sent = [*machine.sent(), *opened]
    finally:
        await machine.stop()
    for n, before in enumerate(told):
        await _goes_on(kept / str(n), tmp_path / f"restored-{n}", before, sent)


def _has_told(machine, answers):
    return len(machine.told()) >= answers


async def _goes_on(kept, data, told, sent):
    restored = restore(kept, data)
    with closing(SqliteReader(data / "ledger.sqlite")) as ledger:
        assert sum(head.seq for _, head in ledger.streams()) == restored.entries
    machine = Machine(data)
    try:
        await machine.start_engine()
        machine.start_worker()
        await settled(machine)
        with machine.ledger() as ledger:
            assert await judge_live(await machine.connected(), ledger) == []
            found = judge(ledger, told, sent)
            assert found.is_clean, found
        for journal in data.glob("*.journal"):
            journal.unlink()  # what callers asked after this moment has not happened here
        for name, arguments in MORE.items():
            machine.start_caller(name, *arguments)
        await ended(machine, MORE)
        await settled(machine)
        with machine.ledger() as ledger:
            assert await judge_live(await machine.connected(), ledger) == []
            found = judge(ledger, [one.answer for one in machine.told()], [*sent, *machine.sent()])
            assert found.is_clean, found
            assert len(machine.told()) >= 10
    finally:
        await machine.stop()
