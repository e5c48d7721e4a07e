"""One cluster as an export sees it: its entries up to a moment of the log, and the state they add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from domain.cluster import Cluster, new_cluster
from domain.evolution import evolve_all, load
from domain.recording import Head
from domain.rulebook import read
from ledger.entry import Leaf, entry_in, fact_of
from ledger.projection import PREFIX
from ledger.store import Entries, Extent


class Sealed(NamedTuple):
    """An entry by its keys, and the digest of its leaf."""

    entry: dict[str, Any]
    digest: str


class Case(NamedTuple):
    """`today` is the cluster's day; of a rehearsal that ended in the future, its last. `entries` are what the
    `leaves` say.
    """

    cluster: Cluster
    entries: Sequence[Sealed]
    head: Head
    today: date
    leaves: Sequence[Leaf]


def cases(ledger: Entries, extent: Extent, clusters: Sequence[str], at: datetime) -> Iterator[Case]:
    """These clusters in turn, each with exactly the entries it had at that extent of the log."""
    for cluster in clusters:
        stream = PREFIX + cluster
        head = extent.heads[stream]
        leaves = ledger.entries(stream, 0, head.seq)
        sealed = [Sealed(entry_in(leaf.raw), leaf.digest) for leaf in leaves]
        state = _state(ledger, stream, head, leaves, sealed)
        yield Case(state, sealed, head, state.calendar.day_of(max(at, state.last_at or at)), leaves)


def _state(ledger: Entries, stream: str, head: Head, leaves: Sequence[Leaf], sealed: Sequence[Sealed]) -> Cluster:
    """The kept state where it stands on the same entry, else the fold of the entries: the two are equal."""
    rulebook = read(ledger.text(sealed[-1].entry["methodology"]["digest"]))
    kept = ledger.snapshot(stream)
    if kept is not None and (kept.seq, kept.digest) == (head.seq, head.digest):
        return load(kept.state_json, rulebook)
    return evolve_all(new_cluster(stream.removeprefix(PREFIX), rulebook), map(fact_of, leaves))
