"""A checkpoint as people copy it by hand: 8 groups of 5 characters, any one wrong character of which is noticed."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import NamedTuple

from ledger.checkpoint import MOST_ENTRIES, Checkpoint

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O and U."""

_SIZE, _HASH, _GROUP = 7, 32, 5
_READ_AS = str.maketrans("ILO۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "11001234567890123456789")
_BETWEEN = re.compile(r"[\s\u200b-\u200f\u2066-\u2069\-–—.,،/]+")


class GroupsRefused(Exception):
    """No checkpoint on paper; `code`: groups_length, groups_letter, groups_mistyped. `found`: the length or letter."""

    def __init__(self, code: str, found: str = "") -> None:
        super().__init__(code, found)
        self.code, self.found = code, found


class PaperCheckpoint(NamedTuple):
    """The size, and the first 20 bytes of the SHA-256 of the checkpoint's text."""

    size: int
    digest: bytes


def paper_of(checkpoint: Checkpoint) -> PaperCheckpoint:
    """What of a checkpoint goes onto paper."""
    return PaperCheckpoint(checkpoint.size, sha256(checkpoint.text.encode()).digest()[:20])


def groups(paper: PaperCheckpoint) -> str:
    """`XXXXX XXXXX …`: 35 bits of size, 160 bits of digest, 5 bits of check."""
    if not 0 <= paper.size <= MOST_ENTRIES or len(paper.digest) != 20:
        raise ValueError(paper)
    number = paper.size << 160 | int.from_bytes(paper.digest)
    values = [number >> 5 * place & 31 for place in range(_SIZE + _HASH - 1, -1, -1)]
    written = "".join(LETTERS[value] for value in (*values, _remainder([*values, 0])))
    return " ".join(written[at : at + _GROUP] for at in range(0, len(written), _GROUP))


def read_groups(written: str) -> PaperCheckpoint:
    """What stands on the paper. Case, spaces, dashes and the script of the digits do not matter; I and L are read
    as 1, O as 0.
    """
    letters = _BETWEEN.sub("", written.upper()).translate(_READ_AS)
    for letter in letters:
        if letter not in LETTERS:
            raise GroupsRefused("groups_letter", letter)
    if len(letters) != _SIZE + _HASH + 1:
        raise GroupsRefused("groups_length", str(len(letters)))
    values = [LETTERS.index(letter) for letter in letters]
    if _remainder(values):
        raise GroupsRefused("groups_mistyped")
    number = 0
    for value in values[:-1]:
        number = number << 5 | value
    return PaperCheckpoint(number >> 160, (number & (1 << 160) - 1).to_bytes(20))


def _remainder(values: list[int]) -> int:
    """The values as a polynomial over GF(32), at x (x⁵ = x² + 1): 0 for groups as written. The powers of x are
    different for 31 places in a row and never 0, so one wrong letter or two exchanged neighbours always show.
    """
    at = 0
    for value in values:
        at = (at << 1 ^ (0b100101 if at & 16 else 0)) ^ value
    return at
