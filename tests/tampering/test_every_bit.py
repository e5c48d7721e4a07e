"""Each single bit of a bundle of 1,000 entries, flipped: found or refused; never passed, never a crash."""

from __future__ import annotations

import io
import json
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from random import Random

import pytest

from ledger import verify
from tests.page_bundles import Members, digest, members_of, office, resealed, spelled, zipped
from tests.tampering.altering import Roots, Told, answer, members_resealed, office_of, packed

ENTRIES, PROCESSES = 1_000, 2
WHOLE_CHECKS, UNDER_A_NEW_COMMENT = 2_000, 10_000
SMALL, IN_ENTRIES, WHOLE_ENTRIES = 100, 10_000, (0, 50, 99)
SEALED = ("keys.txt", "checkpoints/", "texts/", "histories/index.json")
"""What is sealed, or must be what the entries say. README.md and verify.py in a bundle are neither."""


@cache
def honest() -> tuple[list[bytes], dict[int, bytes]]:
    leaves = office_of(ENTRIES).leaves
    roots = Roots(leaves)
    return leaves, {size: roots.note(size) for size in (250, 500, 750, ENTRIES)}


@cache
def bundle() -> bytes:
    return packed(*honest())


def flipped(content: bytes, bit: int) -> bytes:
    wrong = bytearray(content)
    wrong[bit >> 3] ^= 1 << (bit & 7)
    return bytes(wrong)


def missed(bits: range) -> list[int]:
    """Those of the bits whose flip the first thing a check does neither finds nor refuses.

    `Archive` compares the comment with all bytes before it, and what it tells stays told: it goes into the findings.
    """
    content, found = bundle(), list[int]()
    for bit in bits:
        told: list[str] = []
        try:
            verify.Archive(io.BytesIO(flipped(content, bit)), told.append)
        except verify.CannotJudge:
            told.append("refused")
        if not told:
            found.append(bit)
    return found


def shares(count: int, pieces: int = 64) -> list[range]:
    step = -(-count // pieces)
    return [range(start, min(start + step, count)) for start in range(0, count, step)]


@pytest.mark.timeout(3_600)
def test_every_flipped_bit_of_a_bundle_is_found_or_refused() -> None:
    bits = len(bundle()) * 8
    assert answer(bundle()) == set()
    with ProcessPoolExecutor(PROCESSES) as pool:
        passed = [bit for found in pool.map(missed, shares(bits)) for bit in found]
    assert passed == []
    print(f"\n{bits:,} bits of {len(bundle()):,} bytes, {ENTRIES:,} entries: every one found or refused")


@pytest.mark.timeout(3_600)
def test_a_whole_check_of_a_flipped_bundle_says_so_and_never_breaks() -> None:
    """At random, and every bit of the end record with its comment."""
    chance, content, told = Random(1), bundle(), Told()
    bits = [chance.randrange(len(content) * 8) for _ in range(WHOLE_CHECKS)]
    bits += range((len(content) - 93) * 8, len(content) * 8)
    with ProcessPoolExecutor(PROCESSES) as pool:
        for kinds in pool.map(judged_flip, bits, chunksize=50):
            told.add("flipped", kinds)
            assert kinds
    print(f"\nwhole checks\n{told}")


@cache
def packed_small() -> bytes:
    return zipped(small()[0])


def judged_flip(bit: int) -> set[str]:
    return answer(flipped(bundle(), bit))


def under_a_new_comment(bit: int) -> tuple[bool, set[str]]:
    """Whether every member is as it was all the same, and what the check says."""
    content = packed_small()
    wrong = resealed(flipped(content, bit))
    kinds = answer(wrong)
    return not kinds and contents(wrong) == contents(content), kinds


@pytest.mark.timeout(3_600)
def test_a_bit_flipped_under_a_new_comment_is_found_unless_every_member_is_as_it_was() -> None:
    """Packed bytes can say the same thing in several ways: those flips alter no member, and are counted apart."""
    chance, told = Random(2), Told()
    bits = [chance.randrange((len(packed_small()) - 71) * 8) for _ in range(UNDER_A_NEW_COMMENT)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        for bit, (same, kinds) in zip(bits, pool.map(under_a_new_comment, bits, chunksize=50), strict=True):
            told.add("alters nothing" if same else "alters", kinds)
            assert kinds or same, bit
    print(f"\nunder a new comment\n{told}")


def contents(content: bytes) -> list[tuple[str, bytes]]:
    faults: list[str] = []
    archive = verify.Archive(io.BytesIO(content), faults.append)
    found = [(member.name, b"".join(archive.pieces(member, faults.append))) for member in archive.members]
    assert faults == []
    return found


@cache
def stored() -> bytes:
    members = members_of(office().leaves[:3])
    return zipped(members, stored=tuple(name for name, _ in members))


def stored_flip(bit: int) -> set[str]:
    return answer(resealed(flipped(stored(), bit)))


@pytest.mark.timeout(3_600)
def test_where_nothing_is_packed_every_bit_under_a_new_comment_is_found() -> None:
    bits = (len(stored()) - 71) * 8
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = list(pool.map(stored_flip, range(bits), chunksize=500))
    assert [bit for bit, kinds in enumerate(found) if not kinds] == []
    print(f"\nevery one of {bits:,} bits of a small bundle under a new comment found or refused")


@cache
def small() -> tuple[Members, list[bytes]]:
    leaves = office_of(SMALL).leaves
    roots = Roots(leaves)
    return members_resealed(leaves, {size: roots.note(size) for size in (50, SMALL)}), leaves


def forged(place: tuple[str, int]) -> set[str]:
    """One bit of one member, and everything sealed anew that needs no key: CRC, digests, sizes, root, comment."""
    name, bit = place
    members = dict(small()[0])
    members[name] = flipped(members[name], bit)
    lines = members["entries.jsonl"].split(b"\n")
    roots = Roots(lines if lines[-1] else lines[:-1])
    told = json.loads(members.pop("manifest.json"))
    told["files"] = {member: digest(content) for member, content in members.items()}
    told["size"], told["root"] = len(roots.at) - 1, roots.at[-1].hex()
    return answer(zipped([*members.items(), ("manifest.json", spelled(told))], stored=tuple(members)))


@pytest.mark.timeout(3_600)
def test_a_bit_of_a_sealed_member_is_found_and_named_whatever_was_sealed_anew_without_the_key() -> None:
    """Every bit of all small members and of whole entries, and entries at random."""
    chance, told, (members, leaves) = Random(3), Told(), small()
    lines = dict(members)["entries.jsonl"]
    places = [(name, bit) for name, content in members if name.startswith(SEALED) for bit in range(len(content) * 8)]
    places += [("entries.jsonl", chance.randrange(len(lines) * 8)) for _ in range(IN_ENTRIES)]
    for index in WHOLE_ENTRIES:
        start = sum(len(leaf) + 1 for leaf in leaves[:index]) * 8
        places += [("entries.jsonl", start + bit) for bit in range(len(leaves[index]) * 8 + 8)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        for (name, bit), kinds in zip(places, pool.map(forged, places, chunksize=100), strict=True):
            told.add(name.partition("/")[0], kinds)
            assert kinds, (name, bit)
            assert "refused" not in kinds, (name, bit)
    print(f"\neverything sealed anew but the signature\n{told}")
