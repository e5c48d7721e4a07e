"""The newest checkpoint of a log: what a report or an export stands on."""

from __future__ import annotations

from typing import NamedTuple

from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.directory import STREAM, log_origin
from ledger.entry import entry_in
from ledger.log_keys import LogKeys
from ledger.notes import NoteRefused
from ledger.objects import Objects
from ledger.published import Published
from ledger.store import Entries


class Newest(NamedTuple):
    """The checkpoint, the note that was signed, and the keys of the log up to there."""

    checkpoint: Checkpoint
    note: bytes
    keys: LogKeys


def newest(entries: Entries, objects: Objects, most: int) -> Newest | None:
    """The last checkpoint that covers no more than `most` entries; None before the first.

    Signed by every key that must have signed it, as the entries tell; otherwise NoteRefused or CheckpointRefused.
    """
    origin = log_origin(entries)
    if origin is None:
        return None
    published = Published(objects, origin)
    sizes = [size for size in published.sizes() if size <= most]
    if not sizes:
        return None
    size, before = sizes[-1], sizes[-2] if len(sizes) > 1 else 0
    keys, note = keys_of(entries, origin), published.checkpoint(size)
    needed = keys.needed(size, before)
    checkpoint, by = open_checkpoint(note, needed)
    if checkpoint.size != size or set(by) != set(needed):
        raise NoteRefused("signer_unknown")
    return Newest(checkpoint, note, keys)


def keys_of(entries: Entries, origin: str) -> LogKeys:
    """The keys of that log, as its entries tell them."""
    keys = LogKeys(origin)
    for placed in entries.log(stream=STREAM):
        keys.take(placed.place - 1, entry_in(placed.leaf.raw))
    return keys
