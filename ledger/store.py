"""The port: what the workflow's side asks of a ledger, and what a ledger asks of those who fold it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from domain.recording import Fact, Head
from domain.values import Digest
from ledger.entry import Leaf, state_digest


class LedgerConflict(Exception):
    """Other content is sealed at (stream, seq), or a command's facts are sealed elsewhere in the stream.

    Never retried: the stream is frozen until somebody has looked and released it.
    """

    def __init__(self, stream: str, seq: int) -> None:
        super().__init__(stream, seq)
        self.stream = stream
        self.seq = seq


class LedgerBehind(Exception):
    """The batch follows seq `after`, the stream ends at `have`: what lies between must be appended first."""

    def __init__(self, stream: str, have: int, after: int) -> None:
        super().__init__(stream, have, after)
        self.stream = stream
        self.have = have
        self.after = after


class LedgerUnusable(Exception):
    """The store must not be opened; `code` says why, `detail` names the file, version or file system."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The folded state of a stream as of its entry `seq`, whose digest is `digest`."""

    seq: int
    digest: Digest
    state_json: bytes

    @property
    def state_digest(self) -> Digest:
        """What the workflow's own state is compared with."""
        return state_digest(self.state_json)


@dataclass(frozen=True, slots=True)
class Row:
    """One view row, whole: a column not named becomes NULL. `columns` None: there is no such row any more."""

    table: str
    key: Mapping[str, Any]
    columns: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Prior:
    """Where a stream stood before some facts.

    `parsed` is what the projection last returned for exactly this head, if the store still has it;
    otherwise `state_json` is to be parsed (None: there is no state yet).
    """

    head: Head
    state_json: bytes | None
    parsed: Any = None


@dataclass(frozen=True, slots=True)
class Projected:
    """The state after some facts, the rows that changed, and the same state parsed, for the store to keep.

    `parsed` must never be changed by anybody; nothing depends on its being kept.
    """

    state_json: bytes
    rows: tuple[Row, ...] = ()
    parsed: Any = field(default=None, compare=False)


class Placed(NamedTuple):
    """An entry where it stands: its place in the log (1, 2, 3 …), and the stream and number it is kept under."""

    place: int
    stream: str
    seq: int
    leaf: Leaf


class Projection(Protocol):
    """Pure: the same prior state and facts give the same answer. An exception refuses the whole batch."""

    def __call__(
        self, stream: str, prior: Prior, facts: Sequence[Fact], text: Callable[[Digest], bytes]
    ) -> Projected: ...


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the log reached at one moment: its length, and the head of every stream that had an entry."""

    size: int
    heads: Mapping[str, Head]


class Entries(Protocol):
    """What is sealed, and what was folded from it."""

    def extent(self) -> Extent:
        """Of one moment: every entry of the heads is among the first `size` of the log, and the other way round."""

    def head(self, stream: str) -> Head: ...

    def entries(self, stream: str, after: int = 0, limit: int | None = None) -> list[Leaf]:
        """The leaves with seq > `after`, in order."""

    def log(self, after: int = 0, limit: int | None = None, stream: str | None = None) -> list[Placed]:
        """The entries of all streams (or of one) in the order they were appended, from place `after` + 1 on."""

    def log_size(self) -> int:
        """The place of the last entry; 0 when there is none."""

    def command(self, command_id: str) -> list[Leaf]:
        """All leaves one command caused, in order: the answer to "was it done?" (empty: it was not)."""

    def streams(self, prefix: str = "") -> list[tuple[str, Head]]:
        """Every stream whose name begins so, with its head, by name."""

    def snapshot(self, stream: str) -> Snapshot | None: ...

    def text(self, digest: Digest) -> bytes:
        """The reference text of that digest; LookupError when it was never put."""

    def frozen(self, stream: str) -> int | None:
        """The seq at which a conflict froze the stream, or None."""


class Ledger(Entries, Protocol):
    def append(self, stream: str, after: int, facts: Sequence[Fact]) -> Head:
        """All `facts` are sealed in `stream` behind its entry `after`, folded and in views: durably, once.

        The head is the one after the last of them, however often and partly they were here before.

        Raises LedgerConflict, LedgerBehind (retry), NotCanonical; after any other error nothing is known:
        ask again with the same batch.
        """

    def put_text(self, digest: Digest, text: bytes) -> None:
        """`text` (methodology, calendar) can be read by its digest for ever; ValueError if it has another."""

    def release(self, stream: str) -> None:
        """A frozen stream accepts appends again; what is sealed in it stays as it is."""
