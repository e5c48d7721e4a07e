"""Ten thousand forgeries of a log: by somebody without its key, and by the office itself, which has it."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from random import Random

import pytest

from tests.tampering.altering import CHANGES, Change, Roots, Told, answer, office_of, packed, rechained

FORGERIES, ENTRIES, PROCESSES, AT_ONCE = 10_000, 100, 2, 50
SIZES = (10, 40, 70, ENTRIES)
"""Where the office signed, and where an auditor may have written down what it signed."""
WITHOUT_KEY = {"gap", "copied", "swapped", "forked", "chain_broken", "root_differs", "tail_cut", "bad_signature",
               "not_sealed", "not_an_entry"}  # fmt: skip


@cache
def honest() -> tuple[list[bytes], Roots]:
    leaves = office_of(ENTRIES).leaves
    return leaves, Roots(leaves)


def changed(seed: int) -> tuple[str, Change, Random]:
    """What is done in this forgery; every second forger chains the entries anew."""
    chance = Random(seed)
    change = CHANGES[seed % len(CHANGES)]
    made = change(list(honest()[0]), chance)
    if seed // len(CHANGES) % 2:
        made = Change(rechained(made.leaves), made.first)
    return change.__name__, made, chance


def without_key(seed: int) -> tuple[str, set[str]]:
    """Resealed as far as that goes without a key. Checkpoints that contradict may be left out, but the last, which
    has to be there, is given the name of the size it should have. A cut is held against what somebody remembers.
    """
    what, made, chance = changed(seed)
    roots, size = honest()[1], len(made.leaves)
    notes = {one: roots.note(one) for one in SIZES if one <= made.first or chance.random() < 0.5}
    if what == "tail_cut":
        # Cut back to a checkpoint that the office did sign: in itself that is a right bundle.
        size = max(one for one in SIZES if one <= size) if size >= SIZES[0] else size
        made = Change(made.leaves[:size], made.first)
        notes = {one: note for one, note in notes.items() if one <= size}
    notes.setdefault(size, roots.note(min(size, ENTRIES)))
    return what, answer(packed(made.leaves, notes), roots.held(ENTRIES))


def with_key(seed: int, *, held: bool) -> tuple[str, set[str], bool]:
    """Rewritten, chained and signed anew by the office itself; and whether the change lies under what is held."""
    what, made, chance = changed(seed)
    leaves = rechained(made.leaves)
    roots, size = Roots(leaves), len(leaves)
    remembered = chance.choice(SIZES)
    told = answer(
        packed(leaves, {one: roots.note(one) for one in {SIZES[1], size} if one <= size}),
        *([honest()[1].held(remembered)] if held else []),
    )
    return what, told, made.first < remembered


@pytest.mark.timeout(3_600)
def test_whatever_is_done_without_the_key_is_found_and_named() -> None:
    told = Told()
    with ProcessPoolExecutor(PROCESSES) as pool:
        for seed, (what, kinds) in enumerate(pool.map(without_key, range(FORGERIES), chunksize=AT_ONCE)):
            told.add(what, kinds)
            assert kinds, seed
            assert kinds & WITHOUT_KEY, seed
    print(f"\nwithout the key, {FORGERIES:,} forgeries of {ENTRIES} entries\n{told}")


@pytest.mark.timeout(3_600)
def test_what_the_office_itself_rewrites_is_found_by_whoever_holds_a_checkpoint_over_it() -> None:
    """And by nobody else: what lies behind everything that is held can be rewritten by who has the key."""
    told, unseen = Told(), Told()
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = pool.map(partial(with_key, held=True), range(FORGERIES), chunksize=AT_ONCE)
        for seed, (what, kinds, under) in enumerate(found):
            (told if under else unseen).add(what, kinds)
            assert bool(kinds & {"forked", "tail_cut"}) == under, seed
    print(f"\nwith the key, under what is held\n{told}\nwith the key, behind what is held\n{unseen}")


@pytest.mark.timeout(3_600)
def test_without_anything_held_the_office_can_rewrite_the_past() -> None:
    """What the limits at the end of each answer say; were it otherwise, they would be wrong."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = [kinds for _, kinds, _ in pool.map(partial(with_key, held=False), range(100), chunksize=10)]
    assert any(not kinds for kinds in found)
    assert not any(kinds & {"root_differs", "bad_signature", "forked", "tail_cut"} for kinds in found)
