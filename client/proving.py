"""Whether a ledger is whole in itself: every chain, and the root over the log in the order of its entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ledger.chain import Finding, verify_chain
from ledger.entry import Leaf
from ledger.store import Entries
from ledger.tree import Frontier, leaf_hash

PAGE = 5_000


class Proved(NamedTuple):
    """How many entries there are, the root over them (RFC 6962, 64 hex digits), and what is wrong."""

    entries: int
    root: str
    findings: list[Finding]


def prove(ledger: Entries, on_page: Callable[[int], None] = lambda _: None) -> Proved:
    """Every entry read once in the order of the log and once in its chain; `on_page` is told how many more were."""
    frontier = Frontier()
    for leaves in _pages(ledger):
        for leaf in leaves:
            frontier.add(leaf_hash(leaf.raw))
        on_page(len(leaves))
    findings: list[Finding] = []
    for stream, head in ledger.streams():
        found = verify_chain(stream, ledger.entries(stream))
        if isinstance(found, list):
            findings += found
        elif found != head:
            findings.append(Finding(stream, head.seq, "gap", f"the head is {head.seq}, the chain ends at {found.seq}"))
        on_page(head.seq)
    return Proved(frontier.size, frontier.root().hex(), findings)


def _pages(ledger: Entries) -> Iterator[list[Leaf]]:
    after = 0
    while page := ledger.log(after, PAGE):
        yield [placed.leaf for placed in page]
        after = page[-1].place
