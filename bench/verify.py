"""The whole record checked in one pass: a million entries with tree, signatures and who decided on what.

In seconds of the processor: it is one core's work, and what else the machine does is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

from bench.core import lived
from bench.figure import Figure
from bench.ledger import chained
from domain.rulebook import carried, content_of
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.entry import seal
from ledger.full_check import FullCheck
from ledger.store import Placed
from ledger.tree import Frontier, leaf_hash
from tests.forged_log import ORIGIN, PRIVATE, key_told
from tests.unit.test_three_years import RULEBOOK

ENTRIES, PLAIN, SIGNED_EVERY, AT_ONCE = 1_000_000, 200_000, 500, 10_000
TEXT = content_of(carried(RULEBOOK.methodology, RULEBOOK.calendar)[1])
KEY_FIRST = seal("directory", "", key_told())


async def run() -> list[Figure]:
    leaves = chained(lived().facts)
    start = process_time()
    for leaf in leaves:
        leaf_hash(leaf.raw)
    floor = len(leaves) / (process_time() - start)
    plain, _ = _checked(PLAIN, {})
    notes = _signed()
    whole, found = _checked(ENTRIES, notes)
    return [
        Figure(what="entries verified without signatures", reached=PLAIN / plain, unit="a second", bound="≥",
               budget=100_000, floor=floor, floor_is="the same bytes hashed once",
               note="canonical form, chains, tree and the rules about persons"),
        Figure(what=f"{ENTRIES:,} entries verified", reached=whole, unit="s", bound="≤", budget=60,
               note=f"the same, and {len(notes):,} signed checkpoints; reading from a store is not in it"),
        Figure(what=f"false alarms in {ENTRIES:,} clean entries", reached=found, unit="", bound="≤", budget=0),
    ]  # fmt: skip


def _checked(entries: int, notes: dict[int, bytes]) -> tuple[float, int]:
    """Seconds the check itself took, and how much it found."""
    check, took, batch = FullCheck(ORIGIN, notes.items(), lambda _: TEXT), 0.0, list[Placed]()
    for placed in _log(entries):
        batch.append(placed)
        if len(batch) == AT_ONCE or placed.place == entries:
            start = process_time()
            for one in batch:
                check.take(one)
            took += process_time() - start
            batch.clear()
    return took, len(check.finish())


def _signed() -> dict[int, bytes]:
    """A checkpoint for every so many entries."""
    notes, frontier = {}, Frontier()
    for placed in _log(ENTRIES):
        frontier.add(leaf_hash(placed.leaf.raw))
        if frontier.size % SIGNED_EVERY == 0:
            notes[frontier.size] = sign_checkpoint(Checkpoint(ORIGIN, frontier.size, frontier.root()), [PRIVATE])
    return notes


def _log(entries: int) -> Iterator[Placed]:
    """The same life in one cluster after another, behind the entry of the key."""
    facts, place, cluster = lived().facts, 1, 0
    yield Placed(1, "directory", 1, KEY_FIRST)
    while True:
        cluster += 1
        stream, prev = f"cluster/bench-{cluster}", ""
        for fact in facts:
            place += 1
            leaf = seal(stream, prev, fact)
            yield Placed(place, stream, fact.seq, leaf)
            if place == entries:
                return
            prev = leaf.digest
