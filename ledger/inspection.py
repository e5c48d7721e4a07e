"""Whether a stream's rows are what its leaves say: the columns beside them, the head, the fold and the views."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from domain.recording import Fact, Head
from domain.values import Digest
from ledger.canonical import NotCanonical
from ledger.chain import START, verify_chain
from ledger.entry import Leaf, NotAnEntry, digest_of, fact_of, moment_text
from ledger.store import Prior, Projected, Projection, Row, Snapshot

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
    """What the leaves themselves say. `state` is the digest of their fold; empty when they cannot be folded."""

    stream: str
    head: Head
    facts: tuple[Fact, ...]
    leaves: tuple[Leaf, ...]
    state: Digest | Literal[""]
    frozen: int | None
    flaws: tuple[Flaw, ...]

    @property
    def is_sound(self) -> bool:
        """True when each leaf is the one that follows the one before."""
        return not any(flaw.kind in ("entry", "head") for flaw in self.flaws)


class Inspectable(Protocol):
    """A ledger that shows its rows, and lets them be put right by people who say so on record."""

    def inspected(self, stream: str) -> Inspection: ...

    def put_back(self, stream: str, leaves: Mapping[int, Leaf]) -> int:
        """These leaves stand at their seqs, whatever stood there; how many rows that changed.

        The stream's head, fold and views follow from the leaves again, and it is not frozen.
        """

    def rebuild(self, stream: str) -> bool:
        """The fold and the views of the stream follow from its entries; False when they did before."""


def inspect(stream: str, stored: Stored, projection: Projection | None, text: Callable[[Digest], bytes]) -> Inspection:
    """Every flaw of the stream, in the order of what depends on what: where leaves are wrong, nothing is folded."""
    leaves = tuple(Leaf(row.leaf, row.digest) for row in stored.rows)
    flaws = [*_entries(stream, leaves), *_columns(stored.rows)]
    last = stored.rows[-1] if stored.rows else None
    head = Head(seq=last.seq, digest=digest_of(last.leaf)) if last else START
    if stored.head != head:
        flaws.append(
            Flaw(head.seq, "head", f"kept {stored.head.seq} {stored.head.digest}, is {head.seq} {head.digest}")
        )
    facts, state = (), ""
    if not any(flaw.kind == "entry" for flaw in flaws):
        facts = tuple(fact_of(leaf) for leaf in leaves)
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


def _entries(stream: str, leaves: Iterable[Leaf]) -> Iterable[Flaw]:
    found = verify_chain(stream, leaves)
    return () if isinstance(found, Head) else [Flaw(one.seq, "entry", f"{one.kind}: {one.detail}") for one in found]


def _columns(rows: Iterable[Kept]) -> Iterable[Flaw]:
    """A row that is not found, or is found as something else, although its leaf is whole."""
    for row in rows:
        try:
            fact = fact_of(Leaf(row.leaf, row.digest))
        except (NotCanonical, NotAnEntry):
            continue  # told already, as an entry
        said = (fact.seq, fact.type, moment_text(fact.recorded_at), fact.command.id, fact.command.n)
        if said != (row.seq, row.type, row.recorded_at, row.command_id, row.n):
            yield Flaw(row.seq, "columns", " ".join(map(str, said)))


def _fold(
    stream: str, stored: Stored, facts: Sequence[Fact], projection: Projection | None, text: Callable[[Digest], bytes]
) -> tuple[str, list[Flaw]]:
    if projection is None or not facts:
        return "", [Flaw(0, "view", _named(row)) for row in stored.views]
    try:
        projected, rows = folded(stream, facts, projection, text)
    except LookupError as missing:
        return "", [Flaw(1, "text", str(missing.args[0]))]
    flaws = []
    kept, seq = stored.snapshot, facts[-1].seq
    if kept is None or (kept.seq, kept.digest, kept.state_json) != (seq, stored.rows[-1].digest, projected.state_json):
        flaws.append(Flaw(seq, "state", f"folds to {digest_of(projected.state_json)}"))
    return digest_of(projected.state_json), [*flaws, *_views(stored.views, rows, seq)]


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
