"""Worker, engine and a caller are killed outright under load, and the record is as if nothing had been."""

from tests.e2e.kills import ended, kill_in_turn, open_some, report
from tests.e2e.machine import Machine

CALLERS = {f"caller-{n}": ("--seed", str(n), "--commands", "20") for n in range(2)}


async def test_killing_worker_engine_and_caller_under_load_loses_and_doubles_nothing(tmp_path):
    machine = Machine(tmp_path)
    try:
        await machine.start_engine()
        machine.start_worker()
        opened = await open_some(machine, 4)
        for name, arguments in CALLERS.items():
            machine.start_caller(name, *arguments)
        recoveries = await kill_in_turn(machine, ("worker", "engine", "caller-0"), CALLERS, every=6)
        await ended(machine, CALLERS)
        assert len(recoveries) == 3
        found = await report(machine, len(recoveries), recoveries, opened, tmp_path / "histories")
        print(found)
        found.check()
        assert found.commands == 40
    finally:
        await machine.stop()
