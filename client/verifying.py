"""The whole record checked where it is kept: ledger, archive store, and what an auditor remembers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from ledger.canonical import NotCanonical
from ledger.checkpoint import ORIGIN, Checkpoint, epoch_of
from ledger.directory import STREAM as DIRECTORY
from ledger.entry import NotAnEntry, digest_of, entry_in
from ledger.full_check import Erased, FullCheck, TextDiffers
from ledger.log_chains import Flaw
from ledger.log_keys import KEY_ADDED
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
    """What was found. `newest`: the largest right checkpoint; `root` is over all entries, sealed or not; `compared`:
    how much of what is held is of this office.
    """

    entries: int
    streams: int
    root: bytes
    newest: Checkpoint | None
    flaws: tuple[Flaw, ...]
    erased: tuple[Erased, ...]
    compared: int

    @property
    def unsealed(self) -> int:
        """Entries that no right checkpoint covers yet."""
        return self.entries - (self.newest.size if self.newest else 0)


def verify(
    ledger: Entries, objects: Objects, held: Iterable[Held] = (), told: Callable[[int], None] = lambda _: None
) -> Verified:
    """Everything there is to find; `told` hears how many entries are done."""
    origin = _origin(ledger)
    published = Published(objects, origin)
    notes = published.sizes() if origin else []
    check = FullCheck(
        origin,
        ((size, _note(published, size)) for size in notes),
        _right_text(ledger),
        held=held,
        published=PublishedCheck(published, notes[-1]) if notes else None,
    )
    after = 0
    while batch := ledger.log(after, AT_ONCE):
        for placed in batch:
            check.take(placed)
        after = batch[-1].place
        told(check.entries)
    flaws = (*check.finish(), *_forsaken(objects, origin, notes, check.entries))
    return Verified(
        check.entries, check.streams, check.root(), check.newest, flaws, tuple(check.erased), check.compared
    )


def _origin(ledger: Entries) -> str:
    """What the log is called, by its newest key; from the leaves themselves, as nothing beside them is sealed."""
    origin = ""
    for placed in ledger.log(stream=DIRECTORY):
        try:
            entry = entry_in(placed.leaf.raw)
        except (NotCanonical, NotAnEntry):
            continue  # told where the whole log is read
        if entry["type"] == KEY_ADDED and entry["stream"] == DIRECTORY and type(entry["data"]) is dict:
            told = entry["data"].get("origin")
            origin = told if isinstance(told, str) and ORIGIN.fullmatch(told) else origin
    return origin


def _note(published: Published, size: int) -> bytes:
    try:
        return published.checkpoint(size)
    except LookupError:
        return b""


def _right_text(ledger: Entries) -> Callable[[str], bytes]:
    def text(digest: str) -> bytes:
        found = ledger.text(digest)
        if digest_of(found) != digest:
            raise TextDiffers(digest)
        if not _is_object(found):
            raise LookupError(digest)
        return found

    return text


def _is_object(text: bytes) -> bool:
    """Whether every reader reads the same JSON object in it."""
    try:
        return isinstance(json.loads(text, object_pairs_hook=_once), dict)
    except (ValueError, RecursionError):
        return False


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(pairs)
    return found


def _forsaken(objects: Objects, origin: str, notes: list[int], entries: int) -> Iterator[Flaw]:
    """Whether the archive has checkpoints that this log does not own to: of a later epoch than its own, or of any
    while it has none. Who takes the key out of the entries, or begins an epoch by hand, would else have no seals.
    """
    own = epoch_of(origin)
    others = range(1, own + 2) if not notes else (own + 1,)
    for epoch in others:
        sealed = [] if epoch == own and origin else Published(objects, f"/{epoch}").sizes()
        if sealed:
            yield Flaw("", entries, "not_sealed", f"the archive has {len(sealed)} checkpoints of epoch {epoch}")


def judged(ledger: Entries, held: Iterable[Held]) -> list[tuple[Held, Judgement]]:
    """How the log as it is now stands to each thing held, by the leaves themselves."""
    origin, wanted = _origin(ledger), list(held)
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
