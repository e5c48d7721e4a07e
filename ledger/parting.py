"""Where the record and a replay of it part: the first fact that is not the same byte for byte, and what in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

from domain.cluster import new_cluster
from domain.evolution import dump, evolve
from domain.rulebook import read
from domain.values import Digest
from ledger.canonical import NotCanonical
from ledger.entry import Leaf, NotAnEntry, entry_in, fact_of, state_digest

ABSENT = "—"


class Parting(NamedTuple):
    """`field` is the path of the first value that differs, empty where a whole fact is on one side only.

    `sealed` and `replayed` are the values, `ABSENT` where there is none.
    """

    seq: int
    type: str
    field: str
    sealed: Any
    replayed: Any


def first_parting(sealed: Sequence[Leaf], told: Sequence[tuple[int, Sequence[str]]]) -> Parting | None:
    """The first fact that was told otherwise than it is sealed, or that is sealed and was not told in its place.

    `told` are the leaves that were handed to the ledger, by the entry each batch was to follow, of runs that follow
    each other. A batch may come twice. What was told beyond the last sealed entry is not looked at.
    """
    following = told[0][0] if told else 0
    for after, leaves in told:
        if following < after and following < len(sealed):
            return _one_sided(sealed[following], following + 1)
        for place, raw in enumerate(leaves, after):
            if place < len(sealed) and sealed[place].raw.decode() != raw:
                return _difference(place + 1, sealed[place].raw, raw.encode())
        following = max(following, after + len(leaves))
    return None


def digests_at(
    cluster: str, sealed: Sequence[Leaf], text: Callable[[Digest], bytes], at: Collection[int]
) -> dict[int, Digest]:
    """The digest of the cluster's state after each entry of `at`, folded from the first."""
    found: dict[int, Digest] = {}
    state = None
    for leaf in sealed[: max(at, default=0)]:
        fact = fact_of(leaf)
        if state is None:
            if fact.methodology is None:
                raise ValueError("a cluster's fact names its rulebook")
            state = new_cluster(cluster, read(text(fact.methodology.digest)))
        state = evolve(state, fact)
        if fact.seq in at:
            found[fact.seq] = state_digest(dump(state))
    return found


def _one_sided(leaf: Leaf, seq: int) -> Parting:
    return Parting(seq, entry_in(leaf.raw)["type"], "", leaf.digest, ABSENT)


def _difference(seq: int, sealed: bytes, told: bytes) -> Parting:
    one = entry_in(sealed)
    try:
        other = entry_in(told)
    except (NotCanonical, NotAnEntry):
        return Parting(seq, one["type"], "", ABSENT, ABSENT)
    field, was, is_now = next(_differing("", one, other), ("", ABSENT, ABSENT))
    return Parting(seq, one["type"], field, was, is_now)


def _differing(path: str, one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """Path by path, in the order of keys; of the chain's link last, as it follows from all before."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys(), key=lambda key: (path == "" and key == "prev", key)):
            below = f"{path}.{key}" if path else key
            yield from _differing(below, one.get(key, ABSENT), other.get(key, ABSENT))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differing(f"{path}.{place}", left, right)
    elif one != other or type(one) is not type(other):
        yield path, one, other
