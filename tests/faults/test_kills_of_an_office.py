"""Every cluster of the sheet is open, eight callers call, and engine, worker and callers die in turn."""

import asyncio
import sys
from itertools import cycle

import pytest

from ledger.entry import fact_of
from tests.e2e.kills import ended, kill_in_turn, report
from tests.e2e.machine import ROOT, Machine

SHEET, ROWS = "reference/clusters/iran.csv", 139
COMMANDS, CALLERS_AT_ONCE = 200, 8
CALLERS = {
    f"caller-{n}": ("--seed", str(n), "--commands", str(COMMANDS // CALLERS_AT_ONCE)) for n in range(CALLERS_AT_ONCE)
}


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("cached", [1_000, 0])
async def test_killing_everything_in_turn_under_load_loses_and_doubles_nothing(cached, tmp_path):
    machine = Machine(tmp_path, cached_clusters=cached)
    try:
        await machine.start_engine()
        machine.start_worker()
        await open_sheet(tmp_path)
        with machine.ledger() as ledger:
            streams = [stream for stream, _ in ledger.streams("cluster/")]
            opened = [fact_of(ledger.entries(stream, limit=1)[0]).command.id for stream in streams]
            assert len(streams) == ROWS
        for name, arguments in CALLERS.items():
            machine.start_caller(name, *arguments)
        in_turn = (victim for caller in cycle(CALLERS) for victim in ("engine", "worker", caller))
        recoveries = await kill_in_turn(machine, in_turn, CALLERS, every=6)
        await ended(machine, CALLERS)
        found = await report(machine, len(recoveries), recoveries, opened, tmp_path / "histories")
        print(f"\n{found} (cache of {cached})")
        found.check()
        assert found.commands == COMMANDS
    finally:
        await machine.stop()


async def open_sheet(data):
    """Every row is a cluster, opened by the command line as an office would."""
    opening = await asyncio.create_subprocess_exec(
        sys.executable, "starter.py", "open", SHEET, "--data", str(data), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await opening.communicate()
    assert opening.returncode == 0, told.decode()[-2000:]
