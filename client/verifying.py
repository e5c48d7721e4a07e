"""The whole record checked where it is kept: ledger, archive store, and what an auditor remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ledger.checkpoint import Checkpoint
from ledger.directory import log_origin
from ledger.full_check import Erased, FullCheck
from ledger.log_chains import Flaw
from ledger.newest import newest
from ledger.objects import Objects
from ledger.proofs import EntryProof, check_proof
from ledger.published import Published
from ledger.published_check import PublishedCheck
from ledger.store import Entries, Placed
from ledger.tree import Frontier, inclusion, leaf_hash
from ledger.witness import Held, Judgement, judge

AT_ONCE = 4_096


class Verified(NamedTuple):
    """What was found. `newest`: the largest right checkpoint; `root` is over all entries, sealed or not."""

    entries: int
    streams: int
    root: bytes
    newest: Checkpoint | None
    flaws: tuple[Flaw, ...]
    erased: tuple[Erased, ...]

    @property
    def unsealed(self) -> int:
        """Entries that no right checkpoint covers yet."""
        return self.entries - (self.newest.size if self.newest else 0)


def verify(
    ledger: Entries, objects: Objects, held: Iterable[Held] = (), told: Callable[[int], None] = lambda _: None
) -> Verified:
    """Everything there is to find; `told` hears how many entries are done."""
    origin, notes, published = log_origin(ledger) or "", list[int](), None
    if origin:
        published = Published(objects, origin)
        notes = published.sizes()
    check = FullCheck(
        origin,
        ((size, published.checkpoint(size)) for size in notes) if published else (),
        ledger.text,
        held=held,
        published=PublishedCheck(published, notes[-1]) if published and notes else None,
    )
    after = 0
    while batch := ledger.log(after, AT_ONCE):
        for placed in batch:
            check.take(placed)
        after = batch[-1].place
        told(check.entries)
    flaws = tuple(check.finish())
    return Verified(check.entries, check.streams, check.root(), check.newest, flaws, tuple(check.erased))


def judged(ledger: Entries, held: Iterable[Held]) -> list[tuple[Held, Judgement]]:
    """How the log as it is now stands to each thing held, by the leaves themselves."""
    origin, wanted = log_origin(ledger) or "", list(held)
    sizes, roots, frontier, after = {one.size for one in wanted}, dict[int, bytes](), Frontier(), 0
    while batch := ledger.log(after, AT_ONCE):
        for placed in batch:
            frontier.add(leaf_hash(placed.leaf.raw))
            if frontier.size in sizes:
                roots[frontier.size] = frontier.root()
        after = batch[-1].place
    roots[0] = Frontier().root()
    return [(one, judge(one, origin, frontier.size, roots.__getitem__)) for one in wanted]


class Proven(NamedTuple):
    """An entry's proof under the newest checkpoint, and the verifier text of the key that signed it."""

    proof: EntryProof
    head: Checkpoint
    key: str


def proven(ledger: Entries, objects: Objects, placed: Placed) -> Proven | None:
    """The proof of the entry, checked; None while no checkpoint covers it."""
    stands = newest(ledger, objects, ledger.extent().size)
    if stands is None or stands.checkpoint.size < placed.place:
        return None
    head, key = stands.checkpoint, stands.keys.needed(stands.checkpoint.size, stands.checkpoint.size)[0]
    path = inclusion(placed.place - 1, head.size, Published(objects, head.origin).nodes(head.size))
    proof = EntryProof(placed.place - 1, tuple(path), stands.note)
    return Proven(proof, check_proof(proof, placed.leaf.raw, [key]), key.text)
