"""Putting a stream right: leaves where they belong, and everything that follows from them made anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select
from sqlalchemy.exc import ProgrammingError

from adapters import appending, sqlite_file
from adapters.entries_reader import text_in
from adapters.inspecting import stored, views_of
from adapters.schema import entries
from adapters.view_tables import OWNER
from ledger.chain import START
from ledger.entry import Leaf, digest_of, fact_of, moment_text
from ledger.inspection import Forked, NotWhole, inspect
from ledger.store import LedgerUnusable, Placed, Prior, Projection

TAKES_PLACE, SEALED = "entries_take_place", "entries_sealed"
"""What keeps the rows as they are on a server (adapters/migrations)."""

_REMOVAL = delete(entries).where(entries.c.idx == bindparam("at"))


def put_back(
    connection: Connection, stream: str, leaves: Mapping[int, Leaf], surplus: Collection[int], inserted_at: str
) -> int:
    """These leaves stand at their seqs; a row that was there keeps its place in the log. How many rows that changed.

    A leaf that is nowhere takes a place that is empty, so that the log has the order it had: if as many places
    are empty as leaves are missing; otherwise it stands at the end.
    """
    rows = stored(connection, stream).rows
    right = {row.seq for row in rows if row.seq in leaves and _says(row, leaves[row.seq])}
    wrong = {seq: leaf for seq, leaf in leaves.items() if seq not in right}
    places = _astray(connection, wrong) | {row.seq: row.idx for row in rows if row.seq in wrong}
    sealed = {leaf.digest for leaf in leaves.values()}
    twice = [row.idx for row in rows if row.seq in surplus or (row.seq not in leaves and row.digest in sealed)]
    gone = {*places.values(), *twice}
    if not wrong and not gone:
        return 0
    with _unsealed(connection):
        for idx in gone:
            connection.execute(_REMOVAL, {"at": idx})
        _insert(connection, stream, wrong, places, inserted_at)
    return len(wrong) + len(set(twice) - set(places.values()))


@contextmanager
def _unsealed(connection: Connection) -> Iterator[None]:
    """Sealed rows can be put right inside. On a server by the owner of the tables: LedgerUnusable `owner_needed`."""
    if connection.dialect.name == "sqlite":
        sqlite_file.unseal_tables(connection)
        yield
        sqlite_file.seal_tables(connection)
        return
    try:
        connection.exec_driver_sql(f"ALTER TABLE {entries.name} DISABLE TRIGGER USER")
    except (ProgrammingError, LedgerUnusable):
        raise LedgerUnusable("owner_needed", entries.name) from None
    yield
    for trigger in (TAKES_PLACE, SEALED):
        connection.exec_driver_sql(f"ALTER TABLE {entries.name} ENABLE ALWAYS TRIGGER {trigger}")


def _insert(
    connection: Connection, stream: str, leaves: Mapping[int, Leaf], places: dict[int, int], inserted_at: str
) -> None:
    nowhere, empty = sorted(leaves.keys() - places.keys()), _empty_places(connection)
    empty = [idx for idx in empty if idx not in places.values()]
    if len(empty) == len(nowhere):
        places = places | dict(zip(nowhere, empty, strict=True))
    end = count(1 + (connection.scalar(select(func.max(entries.c.idx))) or 0))
    for seq, leaf in sorted(leaves.items()):
        idx = places[seq] if seq in places else next(end)
        row = {"idx": idx, "stream": stream, "seq": seq, "inserted_at": inserted_at, **_columns(leaf)}
        connection.execute(insert(entries), row)


def put_log(connection: Connection, wanted: Sequence[Placed], inserted_at: str) -> list[str]:
    """These entries stand at their places in the log; the streams that this changed. Raises Forked.

    What stood there and is none of them stands at the end now, in its order: whether it still follows from what is
    before it in its stream, whoever looks at that stream will see.
    """
    places = {one.place for one in wanted}
    named = {(one.stream, one.seq): one.leaf for one in wanted}
    rows = [dict(row) for row in connection.execute(select(entries)).mappings()]
    rows = [row for row in rows if row["idx"] in places or (row["stream"], row["seq"]) in named]
    astray = [row for row in rows if (row["stream"], row["seq"]) not in named]
    for row in rows:
        if row not in astray and row["leaf"] != named[row["stream"], row["seq"]].raw and _is_head(connection, row):
            raise Forked(row["stream"])
    with _unsealed(connection):
        for row in rows:
            connection.execute(_REMOVAL, {"at": row["idx"]})
        for one in wanted:
            place = {"idx": one.place, "stream": one.stream, "seq": one.seq, "inserted_at": inserted_at}
            connection.execute(insert(entries), place | _columns(one.leaf))
        end = count(1 + (connection.scalar(select(func.max(entries.c.idx))) or 0))
        for row in sorted(astray, key=lambda row: int(row["idx"])):
            connection.execute(insert(entries), row | {"idx": next(end)})
    return sorted({one.stream for one in wanted} | {str(row["stream"]) for row in astray})


def _is_head(connection: Connection, row: dict[str, Any]) -> bool:
    """True of an entry that was sealed as the last of its stream, and not written there by hand."""
    head = stored(connection, row["stream"]).head
    return isinstance(row["leaf"], bytes) and (head.seq, head.digest) == (row["seq"], digest_of(row["leaf"]))


def rebuild(connection: Connection, stream: str, projection: Projection | None, inserted_at: str) -> bool:
    """Columns, head, fold and views of the stream follow from its entries, and it is not frozen.

    False when all that was so.
    """
    have = stored(connection, stream)
    found = inspect(stream, have, projection, lambda digest: text_in(connection, digest))
    if any(flaw.kind == "entry" for flaw in found.flaws):
        raise NotWhole(found)
    if not found.flaws and have.frozen is None:
        return False
    put_back(connection, stream, found.leaves, (), inserted_at)
    appending.release(connection, stream)
    for table in views_of(stream):
        ours = delete(table)
        connection.execute(ours if table.name in OWNER else ours.where(table.c.stream == stream))
    if found.facts:
        # Without the rules it was decided by nothing can be folded; that is told until they are there.
        has_rules = not any(flaw.kind == "text" for flaw in found.flaws)
        projected = _projected(connection, stream, found.facts, projection) if has_rules else None
        appending.write_what_follows(connection, appending.Batch(stream, START, (), (), found.head), projected)
    return True


def _projected(connection: Connection, stream: str, facts: Any, projection: Projection | None) -> Any:
    if projection is None:
        return None
    return projection(stream, Prior(START, None), facts, lambda digest: text_in(connection, digest))


def _astray(connection: Connection, leaves: Mapping[int, Leaf]) -> dict[int, int]:
    """Where in the log the leaves stand that were moved to another stream or seq."""
    seqs = {leaf.digest: seq for seq, leaf in leaves.items()}
    found = connection.execute(select(entries.c.digest, entries.c.idx).where(entries.c.digest.in_(seqs)))
    return {seqs[row.digest]: row.idx for row in found}


def _says(row: Any, leaf: Leaf) -> bool:
    return all(getattr(row, name) == value for name, value in _columns(leaf).items())


def _columns(leaf: Leaf) -> dict[str, Any]:
    """A row's columns as its leaf says them."""
    fact = fact_of(leaf)
    return {
        "type": fact.type, "leaf": leaf.raw, "digest": digest_of(leaf.raw),
        "recorded_at": moment_text(fact.recorded_at), "command_id": fact.command.id, "n": fact.command.n,
    }  # fmt: skip


def _empty_places(connection: Connection) -> list[int]:
    """The numbers between 1 and the last that no entry has; a log has none of them unless rows were deleted."""
    last, count = connection.execute(select(func.max(entries.c.idx), func.count())).one()
    if last is None or last == count:
        return []
    taken = set(connection.execute(select(entries.c.idx)).scalars())
    return [idx for idx in range(1, last + 1) if idx not in taken]
