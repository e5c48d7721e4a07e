"""A worker that dies inside its first fresh append, right after the commit: `python -m tests.faults.dying_worker`."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import telemetry
import worker
from adapters import ledger_at
from adapters.ledger_sqlite import SqliteLedger
from domain.recording import Fact, Head
from settings import Settings

DIED_AFTER_COMMIT = 77


class DyingLedger(SqliteLedger):
    """What was cut off before is sealed in peace; the first batch that is new is the last thing this process does."""

    def append(self, stream: str, after: int, facts: Sequence[Fact]) -> Head:
        before = self.head(stream)
        head = super().append(stream, after, facts)
        if self.head(stream) != before:
            os._exit(DIED_AFTER_COMMIT)
        return head


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    office = Settings.read(parser.parse_args().data)
    telemetry.configure(level=office.log_level, file=office.log, build=office.build)
    vars(ledger_at)[ledger_at.ledger_at.__name__] = lambda place, *given, **named: DyingLedger(
        Path(place), *given, **named
    )
    asyncio.run(worker.serve(office))


if __name__ == "__main__":
    main()
