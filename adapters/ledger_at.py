"""The ledger at a place, whichever database keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from adapters import ledger_sql
from adapters.ledger_sql import SqlLedger, SqlReader
from adapters.ledger_sqlite import SqliteLedger, SqliteReader
from ledger.store import Projection


def reader_at(place: str) -> SqlReader:
    """The ledger kept at `place` (ledger/place.py), to read. Raises LedgerUnusable."""
    return SqliteReader(Path(place))


def ledger_at(
    place: str,
    projections: Mapping[str, Projection],
    *,
    rehearsal: bool = False,
    clock: Callable[[], datetime] = ledger_sql.clock,
) -> SqlLedger:
    """The ledger kept at `place`, to append to; a file is made when it is not there. Raises LedgerUnusable."""
    return SqliteLedger(Path(place), projections, rehearsal=rehearsal, clock=clock)
