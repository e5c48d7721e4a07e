"""Appending to PostgreSQL over loopback, fully durable, against the bare inserts of the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import cycle

import psycopg

from adapters.ledger_postgres import PostgresLedger
from bench.core import lived
from bench.figure import Figure
from bench.ledger import KINDS, chained, lives_in, rate_of
from domain.recording import Fact
from ledger.entry import Leaf
from ledger.store import Projection
from tests.postgres import Server, serving

INSERT = "INSERT INTO leaves (leaf) VALUES (%b)"


async def run() -> list[Figure]:
    facts = lived().facts
    leaves = chained(facts)
    figures = []
    with serving() as server:
        version = _version(server)
        for size in (1, 50):
            floor = rate_of(partial(_inserts, server, leaves, size))[0]
            for name, projections in KINDS.items():
                reached, spread = rate_of(partial(_appends, server, facts, size, projections))
                figures.append(Figure(
                    what=f"{name}, {size} a transaction", reached=reached, unit="a second", spread=spread, bound="≥",
                    budget=1_000, floor=floor, floor_is="bare inserts of the same bytes, as durable",
                    note=f"PostgreSQL {version}, synchronous_commit on",
                ))  # fmt: skip
    return figures


def _appends(server: Server, facts: Sequence[Fact], size: int, projections: Mapping[str, Projection]) -> Iterator[int]:
    with closing(PostgresLedger(server.database().writer, projections)) as ledger:
        yield from lives_in(ledger, facts, size)


def _inserts(server: Server, leaves: Sequence[Leaf], size: int) -> Iterator[int]:
    with psycopg.connect(server.address(server.database().name)) as connection:
        connection.execute("CREATE TABLE leaves (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, leaf bytea)")
        connection.commit()
        for start in cycle(range(0, len(leaves), size)):
            rows = [(leaf.raw,) for leaf in leaves[start : start + size]]
            if size == 1:
                connection.execute(INSERT, rows[0])
            else:
                connection.cursor().executemany(INSERT, rows)
            connection.commit()
            yield len(rows)


def _version(server: Server) -> str:
    with psycopg.connect(server.address()) as connection:
        return str(connection.info.parameter_status("server_version"))
