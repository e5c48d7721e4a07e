"""The ledger in one SQLite file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from adapters import ledger_sql, sqlite_file
from adapters.ledger_sql import SqlLedger, SqlReader
from ledger.store import Projection


class SqliteReader(SqlReader):
    """A file it cannot change."""

    def __init__(self, path: Path) -> None:
        super().__init__(sqlite_file.reading(path))


class SqliteLedger(SqlLedger):
    """A file, made when it is not there. Raises LedgerUnusable."""

    def __init__(
        self,
        path: Path,
        projections: Mapping[str, Projection],
        *,
        rehearsal: bool = False,
        clock: Callable[[], datetime] = ledger_sql.clock,
    ) -> None:
        writer = sqlite_file.writing(path, rehearsal=rehearsal)
        super().__init__(writer, sqlite_file.reading(path), projections, clock)
