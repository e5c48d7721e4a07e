"""What is decided and not yet sealed, in the order of deciding, behind the last entry that is."""

from __future__ import annotations

from collections.abc import Iterable

from domain.recording import Fact, Head

MOST = 500
SMALL = 16  # facts are at most 64 kB each, and a payload at most 2 MiB
BATCH_CHARACTERS = 500_000


class Outbox:
    """`head` is what the ledger acknowledged."""

    def __init__(self, head: Head) -> None:
        self.head = head
        self._facts: list[Fact] = []

    def __bool__(self) -> bool:
        return bool(self._facts)

    @property
    def is_full(self) -> bool:
        return len(self._facts) >= MOST

    def put(self, facts: Iterable[Fact]) -> None:
        self._facts.extend(facts)

    def batch(self) -> list[Fact]:
        """The oldest facts, as many as fit into one activity's input."""
        if len(self._facts) <= SMALL:
            return list(self._facts)
        batch, size = self._facts[:SMALL], 0
        for fact in self._facts[SMALL:]:
            size += len(fact.model_dump_json())
            if size > BATCH_CHARACTERS:
                break
            batch.append(fact)
        return batch

    def sealed(self, head: Head) -> None:
        """Everything up to `head` is in the ledger."""
        del self._facts[: head.seq - self.head.seq]
        self.head = head
