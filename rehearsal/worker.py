"""The worker of a rehearsal: the office's own, on the script's clock and without the sandbox.

`python -m rehearsal.worker DATA ADDRESS SHIFT_IN_MICROSECONDS READY_FILE`
"""

from __future__ import annotations

import asyncio
import gc
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import telemetry
from adapters.ledger_at import ledger_at
from client.connection import connect
from ledger.projections import PROJECTIONS
from rehearsal.clock import ShiftedRunner
from rehearsal.life import BUILD
from settings import Settings
from worker import compose

AT_ONCE, THREADS = 16, 2
"""Workflow tasks and activities at once: more only make each slower, on processors that servers and people share."""


async def serve(settings: Settings, shift: timedelta, ready: Path) -> None:
    """Polls until it is killed; the file `ready` is there once it does."""
    client = await connect(settings.temporal, settings.namespace)
    with closing(ledger_at(settings.ledger_place, PROJECTIONS, rehearsal=True)) as ledger:
        async with compose(client, settings, ledger, ShiftedRunner(shift)):
            gc.freeze()  # modules and rulebook live as long as the process: nothing to look through for garbage
            gc.set_threshold(50_000, 20, 100)
            await asyncio.to_thread(ready.touch)
            await asyncio.Event().wait()


def main() -> None:
    data, address, shift, ready = sys.argv[1:]
    telemetry.configure(level="error", build=BUILD)
    settings = Settings.read(Path(data), rehearsal=True, build=BUILD, temporal=address, workflow_tasks=AT_ONCE,
                             activities=THREADS)  # fmt: skip
    asyncio.run(serve(settings, timedelta(microseconds=int(shift)), Path(ready)))


if __name__ == "__main__":
    main()
