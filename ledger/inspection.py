"""Whether a stream's rows are what its leaves say: the columns beside them, the head, the fold and the views."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from domain.recording import Fact, Head
from domain.values import Digest
from ledger.canonical import NotCanonical
from ledger.chain import START, verify_chain
from ledger.entry import Leaf, NotAnEntry, digest_of, entry_in, fact_of, moment_text, state_digest
from ledger.store import Placed, Prior, Projected, Projection, Row, Snapshot

FlawKind = Literal["entry", "columns", "head", "text", "state", "view"]


class Flaw(NamedTuple):
    """One thing in the store that does not follow from the leaves, or a leaf that is not the one that was sealed."""

    seq: int
    kind: FlawKind
    detail: str


class Kept(NamedTuple):
    """One row of the entries, as the store has it: the leaf, and what stands beside it for finding it."""

    idx: int
    stream: str
    seq: int
    type: str
    leaf: bytes
    digest: str
    recorded_at: str
    command_id: str
    n: int


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything a store has of one stream."""

    rows: Sequence[Kept]
    head: Head
    frozen: int | None
    snapshot: Snapshot | None
    views: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the leaves themselves say, by their seqs. `state` is the digest of their fold; empty when
    they cannot be folded, and then there are no facts either if it is the chain that is broken.
    """

    stream: str
    head: Head
    facts: tuple[Fact, ...]
    leaves: Mapping[int, Leaf]
    state: Digest | Literal[""]
    frozen: int | None
    flaws: tuple[Flaw, ...]


class NotWhole(Exception):
    """Nothing can be made to follow from the entries of a stream; `found` says what is wrong with them."""

    def __init__(self, found: Inspection) -> None:
        super().__init__(found.stream, found.flaws[0].detail)
        self.found = found


class Forked(Exception):
    """In this stream something else was sealed than was published: nothing was changed."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.stream = stream


class Inspectable(Protocol):
    """A ledger that shows its rows, and lets them be put right by people who say so on record."""

    def inspected(self, stream: str) -> Inspection: ...

    def put_back(self, stream: str, leaves: Mapping[int, Leaf], surplus: Collection[int] = ()) -> int:
        """These leaves stand at their seqs, whatever stood there, and none at those of `surplus`; how many rows
        that changed.

        The stream's head, fold and views follow from the leaves again, and it is not frozen. Raises NotWhole, and
        then nothing is changed.
        """

    def put_log(self, wanted: Sequence[Placed]) -> int:
        """These entries stand at their places in the log, and everything follows from them; how many they were.

        Raises Forked, and then nothing is changed, when something was sealed that follows from other entries.
        """

    def rebuild(self, stream: str) -> bool:
        """Columns, head, fold and views of the stream follow from its entries; False when they did before.

        Raises NotWhole.
        """


def inspect(stream: str, stored: Stored, projection: Projection | None, text: Callable[[Digest], bytes]) -> Inspection:
    """Every flaw of the stream, in the order of what depends on what: where leaves are wrong, nothing is folded."""
    leaves = {_seq_of(row): Leaf(row.leaf, row.digest) for row in stored.rows}
    chain = verify_chain(stream, leaves.values())
    entries = [] if isinstance(chain, Head) else [Flaw(f.seq, "entry", f"{f.kind}: {f.detail}") for f in chain]
    head = chain if isinstance(chain, Head) else Head(seq=max(leaves), digest=digest_of(leaves[max(leaves)].raw))
    flaws = [*entries, *_columns(stored.rows)]
    if stored.head != head:
        kept = stored.head
        flaws.append(Flaw(head.seq, "head", f"kept {kept.seq} {kept.digest}, is {head.seq} {head.digest}"))
    facts: tuple[Fact, ...] = ()
    state = ""
    if not entries:
        facts = tuple(fact_of(leaf) for leaf in leaves.values())
        state, found = _fold(stream, stored, facts, projection, text)
        flaws += found
    return Inspection(stream, head, facts, leaves, state, stored.frozen, tuple(flaws))


def folded(
    stream: str, facts: Sequence[Fact], projection: Projection, text: Callable[[Digest], bytes]
) -> tuple[Projected, list[Row]]:
    """The state after all facts of a stream, and the rows there are then."""
    projected = projection(stream, Prior(START, None), facts, text)
    last = {_place(row): row for row in projected.rows}
    return projected, [row for row in last.values() if row.columns is not None]


def _seq_of(row: Kept) -> int:
    """The seq that the leaf says; the row's own where the leaf says nothing."""
    try:
        return int(entry_in(row.leaf)["seq"])
    except (NotCanonical, NotAnEntry):
        return row.seq


def _columns(rows: Iterable[Kept]) -> Iterable[Flaw]:
    """A row that is not found, or is found as something else, although its leaf is whole."""
    for row in rows:
        try:
            fact = fact_of(Leaf(row.leaf, row.digest))
        except (NotCanonical, NotAnEntry):
            continue  # told already, as an entry
        said = (fact.seq, fact.type, moment_text(fact.recorded_at), fact.command.id, fact.command.n)
        if said != (row.seq, row.type, row.recorded_at, row.command_id, row.n):
            yield Flaw(fact.seq, "columns", " ".join(map(str, said)))


def _fold(
    stream: str, stored: Stored, facts: Sequence[Fact], projection: Projection | None, text: Callable[[Digest], bytes]
) -> tuple[str, list[Flaw]]:
    if projection is None or not facts:
        return "", [Flaw(0, "view", _named(row)) for row in stored.views]
    seq, missing = facts[-1].seq, list[str]()

    def read(wanted: Digest) -> bytes:
        try:
            return text(wanted)
        except LookupError:
            missing.append(wanted)
            raise

    try:
        projected, rows = folded(stream, facts, projection, read)
    except (LookupError, ValueError) as fault:
        return "", [Flaw(1, "text", missing[0]) if missing else Flaw(seq, "entry", f"not_a_fact: {fault}")]
    digest = state_digest(projected.state_json)
    kept = stored.snapshot
    is_kept = kept is not None and (kept.seq, kept.digest) == (seq, stored.rows[-1].digest)
    flaws = [] if kept and is_kept and _says(kept, digest) else [Flaw(seq, "state", f"folds to {digest}")]
    return digest, [*flaws, *_views(stored.views, rows, seq)]


def _says(kept: Snapshot, digest: str) -> bool:
    try:
        return kept.state_digest == digest
    except ValueError:
        return False


def _views(kept: Iterable[Row], wanted: Iterable[Row], seq: int) -> Iterable[Flaw]:
    have = {_place(row): _said(row) for row in kept}
    want = {_place(row): _said(row) for row in wanted}
    for place in sorted(have.keys() | want.keys()):
        if have.get(place) != want.get(place):
            yield Flaw(seq, "view", " ".join(map(str, place)))


def _place(row: Row) -> tuple[Any, ...]:
    return row.table, *(str(row.key[name]) for name in sorted(row.key))


def _said(row: Row) -> dict[str, Any]:
    """The columns that say something: one that is not named is NULL."""
    return {name: value for name, value in (row.columns or {}).items() if value is not None}


def _named(row: Row) -> str:
    return " ".join(map(str, _place(row)))
