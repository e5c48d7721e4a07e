"""Reading the sealed entries over a connection that cannot write; the views are in `views_reader`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, String, bindparam, func, select

from adapters.schema import entries, snapshots, streams, texts
from domain.recording import Head
from domain.values import Digest
from ledger.chain import START
from ledger.entry import Leaf
from ledger.store import Extent, Placed, Snapshot

# Building a statement costs more than running it, so each is built once.
_STREAM = bindparam("stream", type_=String)
_LEAVES = select(entries.c.leaf, entries.c.digest)
_HEAD = select(streams.c.seq, streams.c.digest, streams.c.frozen).where(streams.c.stream == _STREAM)
_ENTRIES = (
    _LEAVES.where(entries.c.stream == _STREAM, entries.c.seq > bindparam("after"))
    .order_by(entries.c.seq)
    .limit(bindparam("most"))
)
_LOG = (
    select(entries.c.idx, entries.c.stream, entries.c.seq, entries.c.leaf, entries.c.digest)
    .where(entries.c.idx > bindparam("after"))
    .order_by(entries.c.idx)
    .limit(bindparam("most"))
)
_LOG_OF_ONE = _LOG.where(entries.c.stream == _STREAM)
_LOG_SIZE = select(func.coalesce(func.max(entries.c.idx), 0).label("size"))
_COMMAND = _LEAVES.where(entries.c.command_id == bindparam("command")).order_by(entries.c.stream, entries.c.seq)
_STREAMS = (
    # Not LIKE: it would fold case on SQLite and read `_` as any letter.
    select(streams.c.stream, streams.c.seq, streams.c.digest)
    .where(func.substr(streams.c.stream, 1, bindparam("length")) == bindparam("prefix"), streams.c.seq > 0)
    .order_by(streams.c.stream)
)
_EXTENT = (
    # One statement, so one moment: also on a database that lets others write meanwhile.
    select(
        streams.c.stream,
        streams.c.seq,
        streams.c.digest,
        select(func.max(entries.c.idx)).scalar_subquery().label("size"),
    )
    .where(streams.c.seq > 0)
    .order_by(streams.c.stream)
)
_SNAPSHOT = select(snapshots).where(snapshots.c.stream == _STREAM)
_TEXT = select(texts.c.text).where(texts.c.digest == bindparam("digest"))
_ALL = 2**62


class EntriesReader:
    """`ledger.store.Entries` over an engine in autocommit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        self._engine.dispose()

    def head(self, stream: str) -> Head:
        found = self._all(_HEAD, stream=stream)
        return _as_kept(found[0]) if found else START

    def entries(self, stream: str, after: int = 0, limit: int | None = None) -> list[Leaf]:
        found = self._all(_ENTRIES, stream=stream, after=after, most=_ALL if limit is None else limit)
        return [_leaf(row) for row in found]

    def log(self, after: int = 0, limit: int | None = None, stream: str | None = None) -> list[Placed]:
        most = _ALL if limit is None else limit
        if stream is None:
            found = self._all(_LOG, after=after, most=most)
        else:
            found = self._all(_LOG_OF_ONE, after=after, most=most, stream=stream)
        return [Placed(row.idx, row.stream, row.seq, _leaf(row)) for row in found]

    def log_size(self) -> int:
        size: int = self._all(_LOG_SIZE)[0].size
        return size

    def command(self, command_id: str) -> list[Leaf]:
        return [_leaf(row) for row in self._all(_COMMAND, command=command_id)]

    def streams(self, prefix: str = "") -> list[tuple[str, Head]]:
        found = self._all(_STREAMS, prefix=prefix, length=len(prefix))
        return [(row.stream, _as_kept(row)) for row in found]

    def extent(self) -> Extent:
        found = self._all(_EXTENT)
        heads = {row.stream: Head(seq=row.seq, digest=row.digest) for row in found}
        return Extent(found[0].size if found else 0, heads)

    def snapshot(self, stream: str) -> Snapshot | None:
        found = self._all(_SNAPSHOT, stream=stream)
        return Snapshot(found[0].seq, found[0].digest, found[0].state) if found else None

    def text(self, digest: Digest) -> bytes:
        with self._engine.connect() as connection:
            return text_in(connection, digest)

    def frozen(self, stream: str) -> int | None:
        found = self._all(_HEAD, stream=stream)
        return found[0].frozen if found else None

    def _all(self, wanted: Select[Any], **given: str | int) -> Sequence[Row[Any]]:
        # To the end, always: an unfinished cursor would keep showing this connection the past.
        with self._engine.connect() as connection:
            return connection.execute(wanted, given).all()


def _leaf(row: Row[Any]) -> Leaf:
    return Leaf(_octets(row.leaf), row.digest)


def _octets(kept: Any) -> bytes:
    # SQLite keeps whatever a hand puts into a column: it has to be found by its digest, not to stop who looks.
    return bytes(kept) if isinstance(kept, bytes | memoryview) else str(kept).encode("utf-8", "surrogatepass")


def _as_kept(row: Row[Any]) -> Head:
    # Unchecked: what somebody wrote there by hand has to be seen, and is told by whoever looks at the chain.
    return Head.model_construct(seq=row.seq, digest=row.digest)


def text_in(connection: Connection, digest: Digest) -> bytes:
    """The reference text of that digest; LookupError when it was never put."""
    found = connection.scalar(_TEXT, {"digest": digest})
    if found is None:
        raise LookupError(digest)
    return _octets(found)
