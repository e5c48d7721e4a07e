"""Whatever is done to a bundle, bit by bit or at random, verify.py finds it or refuses it, and never breaks."""

from __future__ import annotations

import random

import pytest

from tests.page_bundles import (
    blamed,
    bundle,
    kinds,
    members_of,
    note,
    office,
    resealed,
    root_at,
    sealed,
    with_history,
    zipped,
)

# Of the exhaustive sweeps every STEP-th is tried here; 1 tries them all.
STEP = 211


def test_every_flipped_bit_is_found_or_refused() -> None:
    content = bundle(office().leaves[:3])
    for bit in range(0, len(content) * 8, STEP):
        wrong = bytearray(content)
        wrong[bit // 8] ^= 1 << bit % 8
        assert blamed(bytes(wrong)), bit


def test_every_flipped_bit_under_a_new_comment_is_found_too() -> None:
    """Whoever can write a new comment is found by the manifest, the tree and the fixed fields."""
    members = members_of(office().leaves[:3])
    content = zipped(members, stored=tuple(name for name, _ in members))
    for bit in range(0, (len(content) - 71) * 8, STEP):
        wrong = bytearray(content)
        wrong[bit // 8] ^= 1 << bit % 8
        assert blamed(resealed(bytes(wrong))), bit


def test_every_cut_and_every_byte_too_much_is_refused_or_found() -> None:
    content = bundle(office().leaves[:3])
    for wrong in [content[:end] for end in range(0, len(content), STEP)] + [b"x" + content, content + b"x"]:
        assert blamed(wrong)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_to_the_lines_is_found(seed: int) -> None:
    """Deleted, put in, exchanged, copied, changed or cut: with the old checkpoint nothing passes."""
    chance, leaves = random.Random(seed), office().leaves
    for _ in range(8):
        wrong = list(leaves)
        for _ in range(chance.randint(1, 3)):
            at, to = chance.randrange(len(wrong)), chance.randrange(len(wrong))
            what = chance.randrange(6)
            if what == 0 and len(wrong) > 2:
                del wrong[at]
            elif what == 1:
                wrong.insert(at, wrong[to])
            elif what == 2:
                wrong[at], wrong[to] = wrong[to], wrong[at]
            elif what == 3:
                wrong[at] = wrong[at].replace(b"2026", b"2027", 1)
            elif what == 4 and at:
                del wrong[at:]
            else:
                wrong.insert(at, b"{}")
        told = kinds(bundle(wrong, {9: note(leaves, 9)}, size=9, root=root_at(leaves, 9).hex()))
        assert bool(told & {"root_differs", "tail_cut", "bad_signature"}) == (wrong != leaves)


@pytest.mark.parametrize("seed", range(6))
def test_noise_gets_an_answer(seed: int) -> None:
    """Bytes changed, cut, doubled or moved anywhere, with a comment that is right again."""
    chance, content = random.Random(seed), bundle(with_history().leaves, histories={b"run": 1})
    for _ in range(60 // STEP + 5):
        wrong = bytearray(content[:-71])
        for _ in range(chance.randint(1, 6)):
            at, length = chance.randrange(len(wrong)), chance.randint(1, 40)
            what = chance.randrange(4)
            if what == 0:
                wrong[at : at + length] = chance.randbytes(length)
            elif what == 1:
                del wrong[at : at + length]
            elif what == 2:
                wrong[at:at] = wrong[chance.randrange(len(wrong)) :][:length]
            else:
                wrong[at] ^= 1 << chance.randrange(8)
        assert blamed(sealed(bytes(wrong))) or bytes(wrong) == content[:-71]


@pytest.mark.parametrize("seed", range(6))
def test_noise_in_a_member_gets_an_answer(seed: int) -> None:
    chance, members = random.Random(seed), members_of(with_history().leaves, histories={b"run": 1})
    for _ in range(12):
        at = chance.randrange(len(members))
        name, content = members[at]
        cut = chance.randrange(len(content))
        noise = chance.choice(
            [b"", b"\xff", b"[" * 2_000, b"\n", b'"', b"9" * 5_000, b"\xed\xa0\x80", content, chance.randbytes(30)]
        )
        wrong = content[:cut] + noise + content[cut + chance.randrange(3) :]
        assert blamed(zipped([*members[:at], (name, wrong), *members[at + 1 :]])) or wrong == content
