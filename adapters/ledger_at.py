"""The ledger at a place, whichever database keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import structlog

from adapters import ledger_sql
from adapters.ledger_sql import SqlLedger, SqlReader
from adapters.ledger_sqlite import SqliteLedger, SqliteReader
from ledger.place import is_on_server
from ledger.store import LedgerUnusable, Projection

AGAIN_AFTER = 5.0
"""Seconds between two tries to reach a server."""

_log = structlog.get_logger(__name__)


def reader_at(place: str) -> SqlReader:
    """The ledger kept at `place` (ledger/place.py), to read. Raises LedgerUnusable."""
    if not is_on_server(place):
        return SqliteReader(Path(place))
    with _driver_there():
        from adapters.ledger_postgres import PostgresReader  # noqa: PLC0415 — an office on a file needs no driver
    return PostgresReader(place)


def ledger_at(
    place: str,
    projections: Mapping[str, Projection],
    *,
    rehearsal: bool = False,
    clock: Callable[[], datetime] = ledger_sql.clock,
) -> SqlLedger:
    """The ledger kept at `place`, to append to; a file is made when it is not there. Raises LedgerUnusable."""
    if not is_on_server(place):
        return SqliteLedger(Path(place), projections, rehearsal=rehearsal, clock=clock)
    with _driver_there():
        from adapters.ledger_postgres import PostgresLedger  # noqa: PLC0415 — as above
    return PostgresLedger(place, projections, rehearsal=rehearsal, clock=clock)


def prepare_at(owner: str, place: str) -> None:
    """The database of `place` is ready for an office, as `postgres_roles.prepare` says. Raises LedgerUnusable."""
    with _driver_there():
        from adapters.postgres_roles import prepare  # noqa: PLC0415 — as above
    prepare(owner, place)


@asynccontextmanager
async def once_reached(
    place: str, projections: Mapping[str, Projection], stop: asyncio.Event, *, rehearsal: bool
) -> AsyncIterator[SqlLedger | None]:
    """The ledger kept at `place`, as soon as its server answers; None when `stop` came first. Raises LedgerUnusable.

    An outage is over some day, and whoever is started meanwhile must not have given up by then.
    """
    opened = None
    while opened is None and not stop.is_set():
        try:
            opened = await asyncio.to_thread(ledger_at, place, projections, rehearsal=rehearsal)
        except LedgerUnusable as unusable:
            if unusable.code != "ledger_unreachable":
                raise
            _log.warning(unusable.code, detail=unusable.detail, again_in_seconds=AGAIN_AFTER)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), AGAIN_AFTER)
    try:
        yield opened
    finally:
        if opened is not None:
            opened.close()


@contextmanager
def _driver_there() -> Iterator[None]:
    try:
        yield
    except ImportError as fault:
        raise LedgerUnusable("ledger_driver", str(fault)) from None
