"""One fact behind whatever a stream ends with: for streams that only grow, where nothing is decided."""

from __future__ import annotations

from collections.abc import Callable

from domain.recording import Fact
from ledger.office import LedgerMoved, SharedLedger


def seal_at_end(ledger: SharedLedger, stream: str, fact_at: Callable[[int], Fact | None]) -> None:
    """`fact_at(seq)` is sealed as the last entry; None: nothing is to be sealed any more."""
    while True:
        after = ledger.head(stream).seq
        if (fact := fact_at(after + 1)) is None:
            return
        try:
            ledger.extend(stream, after, [fact])
        except LedgerMoved:
            continue  # somebody else's went in, so this is no endless loop
        return
