"""Streams that many write to: the office's own (directory, agents, licences), unlike a cluster's one workflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.recording import Fact, Head
from ledger.store import Ledger


class LedgerMoved(Exception):
    """The stream no longer ends where the decision was made: read it again, decide again. Nothing is frozen."""

    def __init__(self, stream: str, have: int, after: int) -> None:
        super().__init__(stream, have, after)
        self.stream = stream
        self.have = have
        self.after = after


class SharedLedger(Ledger, Protocol):
    def extend(self, stream: str, after: int, facts: Sequence[Fact]) -> Head:
        """All `facts` are sealed behind entry `after`, which was the stream's last: compared and appended as one.

        Raises LedgerMoved when another writer was faster, where `append` would see a conflict and freeze
        the stream. Not idempotent by itself: whoever calls looks for its command id first.
        """
