"""The log as it was published and signed: what the ledger is held against as a whole, and refilled from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ledger.checkpoint import Checkpoint, CheckpointRefused, open_checkpoint
from ledger.directory import STREAM, Enrolled
from ledger.entry import Leaf, digest_of, entry_in
from ledger.notes import NoteRefused, verifier_key
from ledger.objects import Objects
from ledger.published import Published
from ledger.reconciliation import Told
from ledger.store import Entries, Placed
from ledger.tiles import bundles
from ledger.tree import Frontier, leaf_hash

AT_ONCE = 4_096


class Found(NamedTuple):
    """What the log is not: as findings, and as the entries that are missing or other, each at its place."""

    findings: list[Told]
    wanted: list[Placed]
    size: int = 0


class PublishedLog:
    """By the keys that the ledger's own directory names. Nothing is published before a key is told there."""

    def __init__(self, ledger: Entries, objects: Callable[[], Objects]) -> None:
        self._ledger, self._objects = ledger, objects

    def check(self) -> Found:
        """The ledger against the newest checkpoint. LookupError of the store is told as a finding."""
        origin, keys = self._told()
        if not origin:
            return Found([], [])
        published = Published(self._objects(), origin)
        if not (sizes := published.sizes()):
            return Found([], [])
        try:
            head, by = open_checkpoint(published.checkpoint(sizes[-1]), map(verifier_key, keys))
            if not by or self._root(head.size) == head.root:
                return Found([] if by else [_unsigned(head.size)], [], head.size)
            return self._differing(published, head)
        except LookupError as missing:
            return Found([Told("conflict", "tiles_missing", "wait", {"name": str(missing.args[0])})], [])
        except (NoteRefused, CheckpointRefused, ValueError):
            return Found([_unsigned(sizes[-1])], [])

    def end(self) -> int:
        """The place of the newest entry that was published; 0 before the first."""
        origin, _ = self._told()
        sizes = Published(self._objects(), origin).sizes() if origin else []
        return sizes[-1] if sizes else 0

    def _differing(self, published: Published, head: Checkpoint) -> Found:
        """Every entry that is not where it was published. The bundles are believed only as a whole, by the root."""
        tree, wanted, size = Frontier(), list[Placed](), self._ledger.log_size()
        for place, raw, kept in self._pairs(published, head.size):
            tree.add(leaf_hash(raw))
            if kept != raw:
                entry = entry_in(raw)
                wanted.append(Placed(place, entry["stream"], entry["seq"], Leaf(raw, digest_of(raw))))
        if tree.root() != head.root:
            return Found([_unsigned(head.size)], [], head.size)
        first = wanted[0].place
        told = Told("conflict", "log_differs", "refill", {"place": first, "count": len(wanted)})
        if first > size:
            told = Told("behind", "log_behind", "refill", {"first": first, "last": head.size})
        return Found([told], wanted, head.size)

    def _pairs(self, published: Published, size: int) -> Iterator[tuple[int, bytes, bytes | None]]:
        """Place, the leaf as published, the leaf as kept."""
        for bundle in bundles(size):
            kept = {one.place: one.leaf.raw for one in self._ledger.log(bundle.start, bundle.width)}
            for place, raw in enumerate(published.leaves(bundle), bundle.start + 1):
                yield place, raw, kept.get(place)

    def _root(self, size: int) -> bytes:
        """The root over the first entries of the ledger; nothing when there are fewer."""
        tree = Frontier()
        for after in range(0, size, AT_ONCE):
            for one in self._ledger.log(after, min(AT_ONCE, size - after)):
                # Somebody may have written text where octets belong.
                if one.place != tree.size + 1 or not isinstance(one.leaf.raw, bytes):
                    return b""
                tree.add(leaf_hash(one.leaf.raw))
        return tree.root() if tree.size == size else b""

    def _told(self) -> tuple[str, tuple[str, ...]]:
        """The log's name now, and its keys, from the directory's entries themselves."""
        kept = self._ledger.snapshot(STREAM)
        keys = Enrolled.model_validate_json(kept.state_json).log_keys if kept else {}
        return next(reversed(keys.items()), ("", ()))


def _unsigned(size: int) -> Told:
    return Told("conflict", "checkpoint_unsigned", "restore", {"size": size})
