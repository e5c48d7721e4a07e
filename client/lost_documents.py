"""Values that the record names and the document store has no more, although nobody forgot them on record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from adapters.documents import DamagedDocument
from domain.recording import Fact
from ledger.commitments import Documents
from ledger.erasure import commitments_in
from ledger.reconciliation import Told


def lost(facts: Iterable[Fact], documents: Documents, erased: Collection[str]) -> Iterator[Told]:
    """One finding for each value that is gone, or is not the one that was committed to."""
    for fact in facts:
        if fact.type.endswith(".forgotten"):
            continue  # names what was erased under it
        for _, commitment in commitments_in(fact.data):
            if commitment not in erased and not _is_there(documents, commitment):
                yield Told("conflict", "document_lost", "restore", {"seq": fact.seq, "commitment": commitment})


def _is_there(documents: Documents, commitment: str) -> bool:
    try:
        documents.get(commitment)
    except (LookupError, DamagedDocument):
        return False
    return True
