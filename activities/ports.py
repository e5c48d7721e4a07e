"""What the activities of this room are given, named by need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.recording import Fact, Head


class Appends(Protocol):
    """The one thing the record is asked to do here; `ledger.store.Ledger` does it."""

    def append(self, stream: str, after: int, facts: Sequence[Fact]) -> Head: ...
