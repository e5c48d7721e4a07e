"""What an append does inside its transaction, statement by statement; the lock is already held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Delete, Executable, String, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from adapters.schema import entries, snapshots, streams, texts
from adapters.view_tables import VIEWS
from domain.recording import Fact, Head
from domain.values import Digest
from ledger.chain import START
from ledger.entry import Leaf, fact_of, moment_text, seal
from ledger.office import LedgerMoved
from ledger.store import LedgerBehind, LedgerConflict, Prior, Projected
from ledger.store import Row as ViewRow

_Upsert = postgresql.Insert | sqlite.Insert
"""The insert that gives way or replaces: both databases have it, SQL has not."""

# Building a statement costs more than running it, so each is built once.
_STREAM = bindparam("of", type_=String)
_HEAD = select(streams.c.seq, streams.c.digest, streams.c.frozen).where(streams.c.stream == _STREAM)
_BETWEEN = (
    select(entries.c.seq, entries.c.leaf, entries.c.digest)
    .where(entries.c.stream == _STREAM, entries.c.seq >= bindparam("first"), entries.c.seq <= bindparam("last"))
    .order_by(entries.c.seq)
)
_SNAPSHOT = select(snapshots).where(snapshots.c.stream == _STREAM)
_ENTRY = insert(entries).inline()


@dataclass(frozen=True, slots=True)
class Batch:
    """What of a batch the stream does not have yet, sealed; the heads before and after the whole."""

    stream: str
    prior: Head
    facts: Sequence[Fact]
    leaves: Sequence[Leaf]
    head: Head


def head_found(stream: str, found: Any) -> Head:
    """The head that a row of `streams` holds, None being no row; LedgerConflict when the stream is frozen."""
    if found is None:
        return START
    if found.frozen is not None:
        raise LedgerConflict(stream, found.frozen)
    return Head(seq=found.seq, digest=found.digest)


def head_row(connection: Connection, stream: str) -> Any:
    return connection.execute(_HEAD, {"of": stream}).first()


def batch_of(connection: Connection, stream: str, prior: Head, after: int, facts: Sequence[Fact]) -> Batch:
    """What of `facts` is new to a stream that ends at `prior`; raises LedgerConflict or LedgerBehind.

    `head` is the one after the last fact asked for, even when the stream has gone on since: the same
    question gets the same answer.
    """
    if after > prior.seq:
        raise LedgerBehind(stream, prior.seq, after)
    sealed = _digests(connection, stream, after, after + len(facts)) if after < prior.seq else {}
    digest = sealed.get(after, "" if after == 0 else prior.digest)
    fresh: list[Fact] = []
    leaves: list[Leaf] = []
    for fact in facts:
        leaf = seal(stream, digest, fact)
        digest = leaf.digest
        if fact.seq > prior.seq:
            fresh.append(fact)
            leaves.append(leaf)
        elif sealed.get(fact.seq) != digest:
            raise LedgerConflict(stream, fact.seq)
    return Batch(stream, prior, fresh, leaves, Head(seq=facts[-1].seq, digest=digest))


def batch_at_end(connection: Connection, stream: str, prior: Head, after: int, facts: Sequence[Fact]) -> Batch:
    """All of `facts`, to follow the stream's last entry; raises LedgerMoved when that is not `after`."""
    if prior.seq != after:
        raise LedgerMoved(stream, prior.seq, after)
    return batch_of(connection, stream, prior, after, facts)


def insert_batch(connection: Connection, batch: Batch, inserted_at: str) -> None:
    """The leaves stand in `entries`; raises LedgerConflict."""
    try:
        _execute(connection, _ENTRY, _sealed(batch, inserted_at))
    except IntegrityError:
        # The head is locked, so it is not the seq: a fact of this command is sealed elsewhere in the stream.
        raise LedgerConflict(batch.stream, batch.facts[0].seq) from None


def write_what_follows(connection: Connection, batch: Batch, projected: Projected | None) -> None:
    """The stream ends with the batch; snapshot and views stand on it."""
    stands = {"stream": batch.stream, "seq": batch.head.seq, "digest": batch.head.digest}
    _put(connection, streams, [stands])
    if projected is not None:
        _put(connection, snapshots, [stands | {"state": projected.state_json}])
        _write_rows(connection, projected.rows)


def write_text(connection: Connection, digest: Digest, text: bytes) -> None:
    put = _upsert_in(connection.dialect.name, texts)
    connection.execute(put.values(digest=digest, text=text).on_conflict_do_nothing())


def freeze(connection: Connection, conflict: LedgerConflict) -> None:
    """The stream refuses appends; one that did so already keeps the seq that stopped it first."""
    put = _upsert_in(connection.dialect.name, streams)
    frozen = put.values(stream=conflict.stream, seq=0, digest="", frozen=conflict.seq)
    connection.execute(
        frozen.on_conflict_do_update(
            index_elements=["stream"], set_={"frozen": conflict.seq}, where=streams.c.frozen.is_(None)
        )
    )


def release(connection: Connection, stream: str) -> None:
    connection.execute(update(streams).where(streams.c.stream == stream).values(frozen=None))


def folded_until(connection: Connection, batch: Batch) -> tuple[Prior, list[Fact]]:
    """The stream's snapshot, and the sealed facts between it and the batch.

    There are some only when a stream got its projection after its first entries.
    """
    kept = connection.execute(_SNAPSHOT, {"of": batch.stream}).first()
    head = Head(seq=kept.seq, digest=kept.digest) if kept else START
    prior = Prior(head, kept.state if kept else None)
    if head.seq == batch.prior.seq:
        return prior, []
    missed = connection.execute(_BETWEEN, {"of": batch.stream, "first": head.seq + 1, "last": batch.prior.seq})
    return prior, [fact_of(Leaf(row.leaf, row.digest)) for row in missed]


def _digests(connection: Connection, stream: str, first: int, last: int) -> dict[int, str]:
    found = connection.execute(_BETWEEN, {"of": stream, "first": first, "last": last})
    return {row.seq: row.digest for row in found}


def _sealed(batch: Batch, inserted_at: str) -> list[dict[str, Any]]:
    return [
        {
            "stream": batch.stream,
            "seq": fact.seq,
            "type": fact.type,
            "leaf": leaf.raw,
            "digest": leaf.digest,
            "recorded_at": moment_text(fact.recorded_at),
            "command_id": fact.command.id,
            "n": fact.command.n,
            "inserted_at": inserted_at,
        }
        for fact, leaf in zip(batch.facts, batch.leaves, strict=True)
    ]


def _write_rows(connection: Connection, rows: Iterable[ViewRow]) -> None:
    """The views hold these rows, whole, and no longer those without columns; later rows win over earlier."""
    for (name, gone), group in groupby(rows, key=lambda row: (row.table, row.columns is None)):
        table = VIEWS[name]
        if gone:
            keys = [{f"the_{name}": value for name, value in row.key.items()} for row in group]
            _execute(connection, _removal(table), keys)
        else:
            _put(connection, table, [_whole(table, row) for row in group])


def _whole(table: Table, row: ViewRow) -> dict[str, Any]:
    given = {**row.key, **(row.columns or {})}
    if unknown := given.keys() - set(table.columns.keys()):
        raise ValueError(f"{table.name} has no columns {sorted(unknown)}")
    return {name: given.get(name) for name in table.c.keys()}  # noqa: SIM118 — iterating gives columns


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """The rows are there with exactly these values, new or replaced by their key; other columns stay."""
    _execute(connection, _upsert(connection.dialect.name, table, tuple(rows[0])), rows)


def _execute(connection: Connection, statement: Executable, rows: list[dict[str, Any]]) -> None:
    # One row as it is: a list, even of one, costs the driver a second way.
    connection.execute(statement, rows[0] if len(rows) == 1 else rows)


def _upsert_in(dialect: str, table: Table) -> _Upsert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def _removal(table: Table) -> Delete:
    return delete(table).where(*(column == bindparam(f"the_{column.name}") for column in table.primary_key))


@cache
def _upsert(dialect: str, table: Table, names: tuple[str, ...]) -> _Upsert:
    put = _upsert_in(dialect, table)
    keys = table.primary_key.columns.keys()
    changed = {name: put.excluded[name] for name in names if name not in keys}
    return put.inline().on_conflict_do_update(index_elements=keys, set_=changed)
