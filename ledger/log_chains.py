"""Whether the entries of a log are the ones that were sealed, all of them, in their order (docs: ledger format §19)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger.canonical import NotCanonical
from ledger.entry import NotAnEntry, digest_of, entry_in
from ledger.entry_form import form_fault
from ledger.store import Placed

_SHORT = 16
"""Bytes of a digest that tell two entries at one number apart."""


class Flaw(NamedTuple):
    """One fault: in which stream and at which number (in none: at which place or size), of what kind, and how."""

    stream: str
    seq: int
    kind: str
    detail: str = ""


class LogChains:
    """The chains of all streams, told leaf by leaf in the order of the log."""

    def __init__(self) -> None:
        self._chains: dict[str, _Chain] = {}
        self._place = 0

    def __len__(self) -> int:
        """How many streams were met."""
        return len(self._chains)

    def take(self, placed: Placed, flaws: list[Flaw]) -> dict[str, Any] | None:
        """The entry, if the leaf is one; what is wrong with it and where it stands is added to `flaws`."""
        self._place += 1
        if placed.place != self._place:
            flaws.append(Flaw("", self._place, "gap", f"places {self._place} to {placed.place - 1} are empty"))
            self._place = placed.place
        raw, digest = placed.leaf.raw, digest_of(placed.leaf.raw)
        if placed.leaf.digest != digest:
            flaws.append(Flaw(placed.stream, placed.seq, "digest_differs", f"kept {placed.leaf.digest}, is {digest}"))
        try:
            entry = entry_in(raw)
        except NotCanonical as fault:
            flaws.append(Flaw("", placed.place, "not_canonical", f"{fault.code} {fault.path}".rstrip()))
            return None
        except NotAnEntry as fault:
            flaws.append(Flaw("", placed.place, "not_an_entry", fault.detail))
            return None
        if wrong := form_fault(entry):
            flaws.append(Flaw("", placed.place, "not_an_entry", wrong))
            return None
        stream, seq = entry["stream"], entry["seq"]
        if stream != placed.stream or seq != placed.seq:
            flaws.append(Flaw(placed.stream, placed.seq, "cross_copied", f"is entry {seq} of {stream}"))
        chain = self._chains.get(stream)
        if chain is None:
            chain = self._chains[stream] = _Chain()
        if (kind := chain.take(seq, entry["prev"], digest)) is not None:
            flaws.append(Flaw(stream, seq, kind, f"at place {placed.place}"))
        return entry

    def gaps(self) -> Iterator[Flaw]:
        """What never came, once all leaves are told."""
        for stream, chain in self._chains.items():
            for first, last in chain.missing():
                yield Flaw(stream, first, "gap", f"{first} to {last} are missing")


class _Chain:
    """One stream: its highest number so far, that entry's digest, and a short digest of every entry met.

    What follows the first gap is kept by number: a forged number may be as large as an integer gets.
    """

    __slots__ = ("_beyond", "_first", "_prev", "end")

    def __init__(self) -> None:
        self.end, self._prev = 0, ""
        self._first = bytearray()
        self._beyond: dict[int, bytes] = {}

    def take(self, seq: int, prev: Any, digest: str) -> str | None:
        """The kind of fault that the entry shows here, if any."""
        short = bytes.fromhex(digest[7 : 7 + 2 * _SHORT])
        if seq <= self.end:
            known = self._met(seq)
            if known is None:
                self._beyond[seq] = short
                return "swapped"
            return "copied" if known == short else "forked"
        is_broken = seq == self.end + 1 and prev != self._prev
        if seq == self.end + 1 and not self._beyond:
            self._first += short
        else:
            self._beyond[seq] = short
        self.end, self._prev = seq, digest
        return "chain_broken" if is_broken else None

    def missing(self) -> Iterator[tuple[int, int]]:
        """The runs of numbers that never came."""
        last = len(self._first) // _SHORT
        for seq in sorted(self._beyond):
            if seq > last + 1:
                yield last + 1, seq - 1
            last = seq

    def _met(self, seq: int) -> bytes | None:
        at = _SHORT * (seq - 1)
        return bytes(self._first[at : at + _SHORT]) or self._beyond.get(seq)
