"""A worker whose chapters end after a few commands: `python -m tests.faults.short_chapters --data DIR`."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

import telemetry
import worker
from client.ending import run_to_end
from settings import Settings
from workflows import chapter

UPDATES = 6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    office = Settings.read(parser.parse_args().data)
    telemetry.configure(level=office.log_level, file=office.log, build=office.build)
    chapter.UPDATES_A_CHAPTER = UPDATES
    asyncio.run(worker.serve(office))


if __name__ == "__main__":
    run_to_end(main)
