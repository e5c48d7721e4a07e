"""A copy of a ledger that others go on appending to: always one SQLite file, whichever database keeps the ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Table, func, insert, select, text

from adapters import sqlite_file
from adapters.schema import about, entries, snapshots, streams, texts
from adapters.sqlite_copy import copy_database, no_writer
from adapters.view_tables import VIEWS
from ledger.place import is_on_server, shown
from ledger.store import LedgerUnusable

AT_ONCE = 1_000
TABLES: tuple[Table, ...] = (entries, texts, streams, snapshots, *VIEWS.values())
"""All that a ledger holds, besides what kind of store it is."""

_HOLD = text("SELECT hold_log('')")
"""Whoever has asked this appends alone, until the end of the transaction."""


def copy_ledger(place: str, to: Path, meanwhile: Callable[[], None]) -> None:
    """`to` is a ledger with all that was sealed at one moment. `meanwhile` is done at that moment: nobody appends."""
    if is_on_server(place):
        _copy_from_server(place, to, meanwhile)
        return
    with no_writer(Path(place)):
        copy_database(Path(place), to)
        meanwhile()


def lay_ledger(file: Path, address: str) -> None:
    """The prepared database at `address` holds what `file` does, all at once.

    Again, nothing changes. Raises LedgerUnusable `ledger_not_empty` when it holds anything else.
    """
    from adapters import postgres_server  # noqa: PLC0415 - an office on a file needs no driver

    source = sqlite_file.reading(file)
    try:
        with source.connect() as kept:
            target = postgres_server.writing(address, rehearsal=_is_rehearsal(kept))
            try:
                with target.begin() as connection:
                    connection.execute(_HOLD)
                    _fill(kept, connection, address)
            finally:
                target.dispose()
    finally:
        source.dispose()


def _fill(kept: Connection, connection: Connection, address: str) -> None:
    if connection.scalar(select(func.count()).select_from(entries)) == 0:
        _copy_rows(kept, connection)
    elif _heads(kept) != _heads(connection):
        raise LedgerUnusable("ledger_not_empty", shown(address))


def _copy_from_server(address: str, to: Path, meanwhile: Callable[[], None]) -> None:
    from adapters import postgres_server  # noqa: PLC0415 - as above

    reader = postgres_server.reading(address)
    try:
        with reader.connect() as connection:
            rehearsal = _is_rehearsal(connection)
        with reader.connect().execution_options(isolation_level="REPEATABLE READ", stream_results=True) as seen:
            holder = postgres_server.writing(address, rehearsal=rehearsal)
            try:
                with holder.begin() as held:
                    held.execute(_HOLD)
                    # The first question decides what a transaction of this kind sees: the ledger of this moment.
                    seen.scalar(select(func.count()).select_from(about))
                    meanwhile()
            finally:
                holder.dispose()
            _write_file(seen, to, rehearsal=rehearsal)
    finally:
        reader.dispose()


def _write_file(seen: Connection, to: Path, *, rehearsal: bool) -> None:
    to.unlink(missing_ok=True)
    writer = sqlite_file.writing(to, rehearsal=rehearsal)
    try:
        with writer.begin() as connection:
            _copy_rows(seen, connection)
    finally:
        writer.dispose()
    to.chmod(0o600)


def _copy_rows(source: Connection, target: Connection) -> None:
    for table in TABLES:
        key = table.c.idx if table is entries else table.primary_key.columns.values()[0]
        for rows in source.execute(select(table).order_by(key)).partitions(AT_ONCE):
            target.execute(insert(table), [dict(row._mapping) for row in rows])  # noqa: SLF001 - its public name


def _heads(connection: Connection) -> list[tuple[str, int, str]]:
    found = connection.execute(select(streams.c.stream, streams.c.seq, streams.c.digest).where(streams.c.seq > 0))
    return sorted((row.stream, row.seq, row.digest) for row in found)


def _is_rehearsal(connection: Connection) -> bool:
    return connection.scalar(select(about.c.value).where(about.c.name == "rehearsal")) == "true"
