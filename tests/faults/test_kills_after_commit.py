"""A worker dies between the ledger's commit and its report, a hundred times, and no cluster meets other facts."""

import pytest

from tests.e2e.kills import ended, open_some, report
from tests.e2e.machine import Machine, until
from tests.faults.dying_worker import DIED_AFTER_COMMIT

KILLS, CLUSTERS = 100, 40
CALLERS = {f"caller-{n}": ("--seed", str(n), "--commands", "100000") for n in range(8)}


@pytest.mark.timeout(3_600)
async def test_a_hundred_kills_after_the_commit_make_no_conflict(tmp_path):
    machine = Machine(tmp_path)
    stop = tmp_path / "stop"
    try:
        await machine.start_engine()
        machine.start_worker()
        opened = await open_some(machine, CLUSTERS)
        await machine.kill("worker")
        machine.run_as_worker("-m", "tests.faults.dying_worker")
        machine.start_worker()
        for name, arguments in CALLERS.items():
            machine.start_caller(name, "--stop", str(stop), *arguments)
        for _ in range(KILLS):
            await until(lambda: machine.has_ended("worker"), "a worker's death", 300)
            assert machine.exit_code("worker") == DIED_AFTER_COMMIT
            machine.start_worker()
        stop.touch()
        await machine.kill("worker")
        machine.run_as_worker("worker.py")
        machine.start_worker()
        await ended(machine, CALLERS)
        found = await report(machine, KILLS, [], opened, tmp_path / "histories")
        print(f"\n{KILLS} kills inside append after its commit, 0 conflicts: {found}")
        found.check()
    finally:
        await machine.stop()
    with machine.ledger() as ledger:
        assert [stream for stream, _ in ledger.streams("cluster/") if ledger.frozen(stream) is not None] == []
