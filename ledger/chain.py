"""Whether the leaves of one stream are the ones that were sealed, all of them, in their order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from domain.recording import Head
from ledger.canonical import NotCanonical
from ledger.entry import Leaf, NotAnEntry, digest_of, entry_in

Kind = Literal["not_canonical", "not_an_entry", "wrong_digest", "wrong_stream", "gap", "out_of_order", "broken_prev"]

START = Head(seq=0)
"""Where every stream begins: before its first entry."""


class Finding(NamedTuple):
    """One fault: where it shows (the seq written in the leaf, or expected there), of what kind, and how."""

    stream: str
    seq: int
    kind: Kind
    detail: str


def verify_chain(stream: str, leaves: Iterable[Leaf], after: Head = START) -> Head | list[Finding]:
    """The head of `stream` when `leaves` follow `after` unbroken, otherwise everything that is wrong.

    A cut tail leaves no trace here: the caller compares the head with one remembered elsewhere. Nor does
    what a store keeps beside its leaves.
    """
    seq, prev = after.seq, after.digest
    findings: list[Finding] = []
    for leaf in leaves:
        digest = digest_of(leaf.raw)
        seq += 1
        try:
            entry = entry_in(leaf.raw)
        except NotCanonical as fault:
            findings.append(Finding(stream, seq, "not_canonical", f"{fault.code} {fault.path}".rstrip()))
        except NotAnEntry as fault:
            findings.append(Finding(stream, seq, "not_an_entry", fault.detail))
        else:
            if entry["stream"] != stream or entry["seq"] != seq or entry["prev"] != prev:
                findings.extend(_misplaced(stream, seq, prev, entry))
                # The next leaf is judged from here, so that one fault is not told once per later leaf.
                seq = entry["seq"]
        if leaf.digest != digest:
            findings.append(Finding(stream, seq, "wrong_digest", f"kept {leaf.digest}, is {digest}"))
        prev = digest
    return findings or Head(seq=seq, digest=prev)


def _misplaced(stream: str, seq: int, prev: str, entry: dict[str, Any]) -> Iterable[Finding]:
    found = entry["seq"]
    if entry["stream"] != stream:
        yield Finding(stream, found, "wrong_stream", f"belongs to {entry['stream']}")
    if found > seq:
        yield Finding(stream, found, "gap", f"{seq} to {found - 1} are missing")
    elif found < seq:
        yield Finding(stream, found, "out_of_order", f"stands where {seq} belongs")
    if entry["prev"] != prev:
        yield Finding(stream, found, "broken_prev", f"names {entry['prev']}, follows {prev}")
