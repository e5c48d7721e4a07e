"""What a database has of one stream, row by row, as of one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, String, Table, bindparam, select

from adapters.entries_reader import text_in
from adapters.schema import entries, snapshots, streams
from adapters.view_tables import OWNER, VIEWS
from domain.recording import Head
from ledger.chain import START
from ledger.inspection import Inspection, Kept, Stored, inspect
from ledger.store import Projection, Row, Snapshot

_STREAM = bindparam("of", type_=String)
_ROWS = select(*(entries.c[name] for name in Kept._fields)).where(entries.c.stream == _STREAM).order_by(entries.c.seq)
_HEAD = select(streams.c.seq, streams.c.digest, streams.c.frozen).where(streams.c.stream == _STREAM)
_SNAPSHOT = select(snapshots).where(snapshots.c.stream == _STREAM)


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection that sees nothing of what is written meanwhile."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
        try:
            yield connection
        finally:
            connection.exec_driver_sql("ROLLBACK")


def inspected(connection: Connection, stream: str, projection: Projection | None) -> Inspection:
    """Everything the database has of the stream, held against its leaves."""
    return inspect(stream, stored(connection, stream), projection, lambda digest: text_in(connection, digest))


def stored(connection: Connection, stream: str) -> Stored:
    """The rows of the stream as they are."""
    head = connection.execute(_HEAD, {"of": stream}).first()
    folded = connection.execute(_SNAPSHOT, {"of": stream}).first()
    return Stored(
        rows=[Kept(*row)._replace(leaf=_octets(row.leaf)) for row in connection.execute(_ROWS, {"of": stream})],
        # As it is: a digest that somebody wrote there may be none.
        head=Head.model_construct(seq=head.seq, digest=head.digest) if head else START,
        frozen=head.frozen if head else None,
        snapshot=Snapshot(folded.seq, folded.digest, _octets(folded.state)) if folded else None,
        views=[row for table in views_of(stream) for row in _view_rows(connection, table, stream)],
    )


def views_of(stream: str) -> Sequence[Table]:
    """The views whose rows follow from this stream."""
    return [table for name, table in VIEWS.items() if stream == OWNER.get(name) or (
        name not in OWNER and stream.startswith("cluster/"))]  # fmt: skip


def _octets(kept: bytes | str) -> bytes:
    """SQLite keeps text where octets belong, if that is what somebody writes: no octets that are expected there."""
    return kept if isinstance(kept, bytes) else b"text: " + kept.encode()


def _view_rows(connection: Connection, table: Table, stream: str) -> Iterator[Row]:
    wanted = select(table)
    if table.name not in OWNER:
        wanted = wanted.where(table.c.stream == stream)
    keys = table.primary_key.columns.keys()
    for found in connection.execute(wanted).mappings():
        key = {name: found[name] for name in keys}
        yield Row(table.name, key, {name: value for name, value in found.items() if name not in keys})
