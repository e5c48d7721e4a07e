"""Appending and checking, against the bare inserts and hashes that no ledger can do without."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import orjson

from adapters.ledger_sqlite import SqliteLedger
from adapters.sqlite_file import is_wal_safe
from bench.core import lived
from bench.figure import Figure, middle
from bench.office import RULEBOOK
from domain.recording import Fact
from domain.rulebook import content_of, unpack
from ledger.chain import verify_chain
from ledger.entry import Leaf, seal
from ledger.projections import PROJECTIONS
from ledger.store import Ledger, Projection

SECONDS, REPEATS = 1.5, 3
KINDS: dict[str, Mapping[str, Projection]] = {"sealed, folded and seen in views": PROJECTIONS, "sealed only": {}}
JOURNAL = ("wal", "FULL") if is_wal_safe(sqlite3.sqlite_version_info) else ("delete", "EXTRA")
"""As the ledger chooses it: this decides how many times a commit waits for the disk."""


async def run() -> list[Figure]:
    facts = lived().facts
    leaves = chained(facts)
    figures = []
    for size, budget in ((1, 500), (50, 5_000)):
        floor = rate_of(partial(_inserts, leaves, size))[0]
        for name, projections in KINDS.items():
            reached, spread = rate_of(partial(_appends, facts, size, projections))
            figures.append(Figure(
                what=f"{name}, {size} a transaction", reached=reached, unit="a second", spread=spread, bound="≥",
                budget=budget, floor=floor, floor_is="bare inserts of the same bytes, as durable",
                note=f"journal {JOURNAL[0]}, synchronous {JOURNAL[1]}",
            ))  # fmt: skip
    checked, spread = middle([len(leaves) / _seconds(lambda: verify_chain("cluster/bench", leaves)) for _ in range(9)])
    floor = middle([len(leaves) / _seconds(lambda: _hashed(leaves)) for _ in range(9)])[0]
    figures.append(Figure(
        what="entries checked", reached=checked, unit="a second", spread=spread, bound="≥", budget=100_000,
        floor=floor, floor_is="the same bytes parsed and hashed",
    ))  # fmt: skip
    return figures


def chained(facts: Sequence[Fact]) -> list[Leaf]:
    """The leaves of one stream that these facts make."""
    leaves: list[Leaf] = []
    for fact in facts:
        leaves.append(seal("cluster/bench", leaves[-1].digest if leaves else "", fact))
    return leaves


def rate_of(work: Callable[[], Iterator[int]]) -> tuple[float, tuple[float, float]]:
    """How much of its work a second is done: the median of some starts, and their spread."""
    rates = []
    for _ in range(REPEATS):
        steps, done = work(), 0
        done, start = next(steps), perf_counter()
        done = 0
        while (now := perf_counter()) < start + SECONDS:
            done += next(steps)
        rates.append(done / (now - start))
        del steps
    return middle(rates)


def lives_in(ledger: Ledger, facts: Sequence[Fact], size: int) -> Iterator[int]:
    """Lives of one cluster after another, appended by so many facts; yields how many each time."""
    ledger.put_text(unpack(RULEBOOK).digest, content_of(RULEBOOK))
    for n in count():
        for after in range(0, len(facts), size):
            ledger.append(f"cluster/bench-{n}", after, facts[after : after + size])
            yield len(facts[after : after + size])


def _appends(facts: Sequence[Fact], size: int, projections: Mapping[str, Projection]) -> Iterator[int]:
    with TemporaryDirectory() as folder, closing(SqliteLedger(Path(folder) / "ledger.sqlite", projections)) as ledger:
        yield from lives_in(ledger, facts, size)


def _inserts(leaves: Sequence[Leaf], size: int) -> Iterator[int]:
    with TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "x", isolation_level=None)) as file:
        file.execute(f"PRAGMA journal_mode={JOURNAL[0]}")
        file.execute(f"PRAGMA synchronous={JOURNAL[1]}")
        file.execute("CREATE TABLE leaves (n INTEGER PRIMARY KEY, leaf BLOB NOT NULL)")
        while True:
            for start in range(0, len(leaves), size):
                rows = [(leaf.raw,) for leaf in leaves[start : start + size]]
                file.execute("BEGIN IMMEDIATE")
                file.executemany("INSERT INTO leaves (leaf) VALUES (?)", rows)
                file.execute("COMMIT")
                yield len(rows)


def _hashed(leaves: Sequence[Leaf]) -> None:
    for leaf in leaves:
        orjson.loads(leaf.raw)
        sha256(leaf.raw).digest()


def _seconds(does: Callable[[], object]) -> float:
    start = perf_counter()
    does()
    return perf_counter() - start
