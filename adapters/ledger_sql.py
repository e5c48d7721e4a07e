"""The ledger in an SQL database: append exactly once, views in the same transaction, one writer at a time.

The calls block, on purpose: activities run them in an executor of one thread, so an asynchronous driver
would add a thread and a queue and nothing else. How a database is opened is in the module of each.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, RootTransaction

from adapters import appending, inspecting, mending
from adapters.appending import Batch
from adapters.entries_reader import EntriesReader, text_in
from adapters.views_reader import ViewsReader
from domain.recording import Fact, Head
from domain.values import Digest
from ledger.entry import Leaf, digest_of, moment_text
from ledger.inspection import Forked, Inspection, NotWhole
from ledger.projections import PROJECTIONS
from ledger.store import LedgerConflict, Placed, Prior, Projected, Projection

PARSED_KEPT = 256
"""Parsed states kept in memory: a cluster that gets two commands in a row is not parsed twice."""

BatchIn = Callable[[Connection, str, Head, int, Sequence[Fact]], Batch]


def clock() -> datetime:
    """The moment it is, in UTC."""
    return datetime.now(UTC)


def longest_first(projections: Mapping[str, Projection]) -> list[tuple[str, Projection]]:
    """Prefixes with what folds the streams that begin so; the first that fits is the one."""
    return sorted(projections.items(), key=lambda item: len(item[0]), reverse=True)


class SqlReader(EntriesReader, ViewsReader):
    """`ledger.store.Entries` and `ledger.views.Views` over an engine that cannot write; any thread may ask."""

    _projections = longest_first(PROJECTIONS)

    def inspected(self, stream: str) -> Inspection:
        """What the store has of the stream, held against its leaves."""
        with inspecting.one_moment(self._engine) as connection:
            return inspecting.inspected(connection, stream, self._projection_of(stream))

    def _projection_of(self, stream: str) -> Projection | None:
        return next((made for prefix, made in self._projections if stream.startswith(prefix)), None)


class SqlLedger(SqlReader):
    """`ledger.store.Ledger`, and `ledger.office.SharedLedger`.

    `projections` are found by the longest prefix of the stream's name; a stream that none of them fits is
    sealed and not folded.
    """

    def __init__(
        self, writer: Engine, reader: Engine, projections: Mapping[str, Projection], clock: Callable[[], datetime]
    ) -> None:
        super().__init__(reader)
        self._writer = writer
        self._projections = longest_first(projections)
        self._clock = clock
        self._parsed: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self._one_at_a_time = Lock()
        self.owner = ""
        """The address of who owns the tables, where that is another than who appends: they alone can unseal them."""
        self.duplicates = 0
        """Facts that came again with equal content since opening."""

    def close(self) -> None:
        super().close()
        self._writer.dispose()

    def append(self, stream: str, after: int, facts: Sequence[Fact]) -> Head:
        return self._seal(stream, after, facts, appending.batch_of)

    def extend(self, stream: str, after: int, facts: Sequence[Fact]) -> Head:
        return self._seal(stream, after, facts, appending.batch_at_end)

    def _seal(self, stream: str, after: int, facts: Sequence[Fact], batch_in: BatchIn) -> Head:
        if not facts or any(fact.seq != after + place for place, fact in enumerate(facts, 1)):
            raise ValueError(f"facts after {after} must be numbered from {after + 1}")
        with self._one_at_a_time:
            try:
                done = self._behind_known_head(stream, after, facts)
                batch, parsed = done or self._behind_head(stream, after, facts, batch_in)
            except LedgerConflict as conflict:
                self._freeze(conflict)
                raise
            # Only now: a state that was rolled back must not be found again.
            self._keep(stream, batch.head, parsed)
            self.duplicates += len(facts) - len(batch.facts)
            return batch.head

    def _behind_known_head(self, stream: str, after: int, facts: Sequence[Fact]) -> tuple[Batch, Any] | None:
        """As `_behind_head`, without asking for the head; None, and nothing has happened, where that may not do."""

    def _behind_head(self, stream: str, after: int, facts: Sequence[Fact], batch_in: BatchIn) -> tuple[Batch, Any]:
        """What is new of the facts, committed, and the parsed state after it."""
        with self._writer.connect() as connection, connection.begin() as transaction:
            prior = appending.head_found(stream, self._head_row(connection, stream))
            batch = batch_in(connection, stream, prior, after, facts)
            return batch, self._write(transaction, batch) if batch.leaves else None

    def put_text(self, digest: Digest, text: bytes) -> None:
        if digest_of(text) != digest:
            raise ValueError(f"text is {digest_of(text)}, not {digest}")
        with self._one_at_a_time, self._writer.begin() as connection:
            appending.write_text(connection, digest, text)

    def release(self, stream: str) -> None:
        with self._one_at_a_time, self._writer.begin() as connection:
            appending.release(connection, stream)

    def put_back(self, stream: str, leaves: Mapping[int, Leaf], surplus: Collection[int] = ()) -> int:
        """`ledger.inspection.Inspectable.put_back`."""
        with self._one_at_a_time, self._mending() as connection:
            changed = mending.put_back(connection, stream, leaves, surplus, moment_text(self._clock()))
            self._rebuild(connection, stream)
            return changed

    def put_log(self, wanted: Sequence[Placed]) -> int:
        """`ledger.inspection.Refillable.put_log`."""
        with self._one_at_a_time, self._mending() as connection:
            for stream in mending.put_log(connection, wanted, moment_text(self._clock())):
                try:
                    self._rebuild(connection, stream)
                except NotWhole:
                    raise Forked(stream) from None
            return len(wanted)

    def rebuild(self, stream: str) -> bool:
        """`ledger.inspection.Inspectable.rebuild`."""
        with self._one_at_a_time, self._mending() as connection:
            return self._rebuild(connection, stream)

    def _mending(self) -> AbstractContextManager[Connection]:
        """A transaction that keeps all writers out."""
        return self._writer.begin()

    def _rebuild(self, connection: Connection, stream: str) -> bool:
        self._parsed.clear()  # what was parsed followed from other leaves
        return mending.rebuild(connection, stream, self._projection_of(stream), moment_text(self._clock()))

    def _write(self, transaction: RootTransaction, batch: Batch) -> Any:
        """The parsed state after the batch, everything about it committed."""
        connection = transaction.connection
        appending.insert_batch(connection, batch, moment_text(self._clock()))
        projected = self._projected(connection, batch)
        with self._at_once(connection):
            appending.write_what_follows(connection, batch, projected)
            transaction.commit()
        return projected.parsed if projected else None

    def _head_row(self, connection: Connection, stream: str) -> Any:
        """The stream's row of `streams`, if any; nobody else appends before this transaction has ended."""
        return appending.head_row(connection, stream)

    @contextmanager
    def _at_once(self, _: Connection) -> Iterator[None]:
        """What is executed inside has happened at the end, or raised by then; nobody asks for results before."""
        yield

    def _projected(self, connection: Connection, batch: Batch) -> Projected | None:
        """What the batch makes of the stream's state; None when nobody folds the stream."""
        projection = self._projection_of(batch.stream)
        if projection is None:
            return None
        prior, missed = self._prior(connection, batch)
        return projection(batch.stream, prior, [*missed, *batch.facts], lambda digest: text_in(connection, digest))

    def _prior(self, connection: Connection, batch: Batch) -> tuple[Prior, list[Fact]]:
        parsed = self._parsed.get((batch.stream, batch.prior.digest))
        if parsed is not None:
            return Prior(batch.prior, None, parsed), []
        return appending.folded_until(connection, batch)

    def _keep(self, stream: str, head: Head, parsed: Any) -> None:
        if parsed is None:
            return
        self._parsed[stream, head.digest] = parsed
        self._parsed.move_to_end((stream, head.digest))
        if len(self._parsed) > PARSED_KEPT:
            self._parsed.popitem(last=False)

    def _freeze(self, conflict: LedgerConflict) -> None:
        """The stream refuses appends from now on, whatever became of the batch that showed the conflict."""
        with self._writer.begin() as connection:
            appending.freeze(connection, conflict)
