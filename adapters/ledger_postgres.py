"""The ledger in a database of a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from psycopg.rows import namedtuple_row
from sqlalchemy import Connection

from adapters import ledger_sql, postgres_server
from adapters.ledger_sql import SqlLedger, SqlReader
from ledger.store import Projection


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
        writer = postgres_server.writing(address, rehearsal=rehearsal)
        self._address = address
        super().__init__(writer, postgres_server.reading(address), projections, clock)

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
        with self._at_once(connection):
            # Beside the library, which would wait for BEGIN first.
            driver: Any = connection.connection.driver_connection
            cursor = driver.cursor(row_factory=namedtuple_row)
            cursor.execute("SELECT seq, digest, frozen FROM hold_log(%s)", [stream])
        return cursor.fetchone()

    @contextmanager
    def _at_once(self, connection: Connection) -> Iterator[None]:
        """Sent without waiting for answers: one way to the server and back instead of one for each statement."""
        driver: Any = connection.connection.driver_connection
        with postgres_server.told(connection, self._address), driver.pipeline():
            yield
