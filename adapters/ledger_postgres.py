"""The ledger in a database of a PostgreSQL server."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from adapters import appending, ledger_sql, postgres_server
from adapters.appending import Batch
from adapters.ledger_sql import SqlLedger, SqlReader
from domain.recording import Fact, Head
from ledger.entry import moment_text
from ledger.store import Projection

HEADS_KEPT = 10_000
"""Streams whose head is remembered: all clusters of a country."""

ELSEWHERE, UNIQUE = "KH001", "23505"
"""SQLSTATEs: the head is another one (adapters/migrations), and what is inserted was there."""


class PostgresReader(SqlReader):
    """A database in which it changes nothing."""

    def __init__(self, address: str) -> None:
        super().__init__(postgres_server.reading(address))


class PostgresLedger(SqlLedger):
    """A database that an owner has prepared (adapters/postgres_roles.py). Raises LedgerUnusable."""

    def __init__(
        self,
        address: str,
        projections: Mapping[str, Projection],
        *,
        rehearsal: bool = False,
        clock: Callable[[], datetime] = ledger_sql.clock,
    ) -> None:
        self._address = address
        writer = postgres_server.writing(address, rehearsal=rehearsal)
        super().__init__(writer, postgres_server.reading(address), projections, clock)
        self._heads: OrderedDict[str, Head] = OrderedDict()

    def _behind_known_head(self, stream: str, after: int, facts: Sequence[Fact]) -> tuple[Batch, Any] | None:
        """One way to the server and back, where the stream ends as this process has left it: a cluster has one worker.

        The log is held by the first statement of all, which fails them together when the head is another.
        """
        head = self._heads.get(stream)
        if head is None or head.seq != after:
            return None
        try:
            with self._writer.connect() as connection, connection.begin() as transaction:
                batch = appending.batch_of(connection, stream, head, after, facts)
                try:
                    projected = self._projected(connection, batch)
                except Exception:  # noqa: BLE001 — told by the other way, where a conflict is found before it
                    return None
                with self._at_once(connection) as driver:
                    driver.execute("SELECT hold_log_at(%s, %s, %s)", [stream, head.seq, head.digest])
                    appending.insert_batch(connection, batch, moment_text(self._clock()))
                    appending.write_what_follows(connection, batch, projected)
                    transaction.commit()
        except (psycopg.Error, DBAPIError) as fault:
            if getattr(getattr(fault, "orig", fault), "sqlstate", None) in {ELSEWHERE, UNIQUE}:
                return None
            raise
        return batch, projected.parsed if projected else None

    @contextmanager
    def _mending(self) -> Iterator[Connection]:
        engine = postgres_server.owning(self.owner) if self.owner else self._writer
        try:
            with engine.begin() as connection:
                if self.owner:
                    connection.exec_driver_sql("SELECT FROM log FOR UPDATE")
                yield connection
        finally:
            if self.owner:
                engine.dispose()

    def _head_row(self, connection: Connection, stream: str) -> Any:
        with self._at_once(connection) as driver:
            # Beside the library, which would wait for BEGIN first.
            cursor = driver.cursor(row_factory=namedtuple_row)
            cursor.execute("SELECT seq, digest, frozen FROM hold_log(%s)", [stream])
        return cursor.fetchone()

    @contextmanager
    def _at_once(self, connection: Connection) -> Iterator[Any]:
        """Sent without waiting for answers: one way to the server and back instead of one for each statement."""
        driver: Any = connection.connection.driver_connection
        with postgres_server.told(connection, driver, self._address):
            try:
                with driver.pipeline():
                    yield driver
            except BaseException:
                # The library may believe it has committed: it asks for that here, and hears of it later.
                if not driver.closed:
                    driver.rollback()
                raise

    def _keep(self, stream: str, head: Head, parsed: Any) -> None:
        super()._keep(stream, head, parsed)
        self._heads[stream] = head
        self._heads.move_to_end(stream)
        if len(self._heads) > HEADS_KEPT:
            self._heads.popitem(last=False)
