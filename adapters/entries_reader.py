"""Reading the sealed entries over a connection that cannot write; the views are in `views_reader`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, select

from adapters.schema import entries, snapshots, streams, texts
from domain.recording import Head
from domain.values import Digest
from ledger.chain import START
from ledger.entry import Leaf
from ledger.store import Snapshot


class EntriesReader:
    """`ledger.store.Entries` over an engine in autocommit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        self._engine.dispose()

    def head(self, stream: str) -> Head:
        found = self._all(select(streams.c.seq, streams.c.digest).where(streams.c.stream == stream))
        return Head(seq=found[0].seq, digest=found[0].digest) if found else START

    def entries(self, stream: str, after: int = 0, limit: int | None = None) -> list[Leaf]:
        wanted = select(entries.c.leaf, entries.c.digest).where(entries.c.stream == stream, entries.c.seq > after)
        return [Leaf(row.leaf, row.digest) for row in self._all(wanted.order_by(entries.c.seq).limit(limit))]

    def command(self, command_id: str) -> list[Leaf]:
        wanted = select(entries.c.leaf, entries.c.digest).where(entries.c.command_id == command_id)
        return [Leaf(row.leaf, row.digest) for row in self._all(wanted.order_by(entries.c.stream, entries.c.seq))]

    def streams(self, prefix: str = "") -> list[tuple[str, Head]]:
        # Not LIKE: it would fold case on SQLite and read `_` as any letter.
        named = func.substr(streams.c.stream, 1, len(prefix)) == prefix
        wanted = select(streams.c.stream, streams.c.seq, streams.c.digest).where(named, streams.c.seq > 0)
        return [
            (row.stream, Head(seq=row.seq, digest=row.digest)) for row in self._all(wanted.order_by(streams.c.stream))
        ]

    def snapshot(self, stream: str) -> Snapshot | None:
        found = self._all(select(snapshots).where(snapshots.c.stream == stream))
        return Snapshot(found[0].seq, found[0].digest, found[0].state) if found else None

    def text(self, digest: Digest) -> bytes:
        with self._engine.connect() as connection:
            return text_in(connection, digest)

    def frozen(self, stream: str) -> int | None:
        found = self._all(select(streams.c.frozen).where(streams.c.stream == stream))
        return found[0].frozen if found else None

    def _all(self, wanted: Select[Any]) -> Sequence[Row[Any]]:
        # To the end, always: an unfinished cursor would keep showing this connection the past.
        with self._engine.connect() as connection:
            return connection.execute(wanted).all()


def text_in(connection: Connection, digest: Digest) -> bytes:
    """The reference text of that digest; LookupError when it was never put."""
    found = connection.scalar(select(texts.c.text).where(texts.c.digest == digest))
    if found is None:
        raise LookupError(digest)
    return bytes(found)
