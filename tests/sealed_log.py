"""A small office whose log is sealed: a ledger file, an archive folder and a signer, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.ledger_sqlite import SqliteLedger
from adapters.objects_folder import ObjectFolder
from adapters.sealing import Sealing
from adapters.signer_folder import SignerFolder
from ledger.checkpoint import Checkpoint
from ledger.notes import VerifierKey, verifier_key
from ledger.projections import PROJECTIONS
from ledger.published import Published
from tests.ledger_facts import NINE, fact

ORIGIN = "khoosheh.example/office"
STREAMS = ("one", "two", "three")
"""Streams that nobody folds, so that any fact may stand in them."""


@dataclass(slots=True)
class SealedLog:
    ledger: SqliteLedger
    objects: ObjectFolder
    signer: SignerFolder

    def grow(self, count: int, streams: tuple[str, ...] = STREAMS) -> None:
        """So many entries more, a few in one stream, a few in the next, about 600 bytes each."""
        for n, start in enumerate(range(0, count, 7)):
            stream = streams[n % len(streams)]
            after = self.ledger.head(stream).seq
            facts = [fact(after + 1 + k, note="x" * 80) for k in range(min(7, count - start))]
            self.ledger.append(stream, after, facts)

    def sealing(self) -> Sealing:
        return Sealing(self.ledger, self.objects, self.signer, "test", lambda: NINE)

    def seal(self) -> Checkpoint:
        head = self.sealing().round()
        assert head is not None
        return head

    @property
    def published(self) -> Published:
        return Published(self.objects, self.signer.standing().origin)

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        return tuple(map(verifier_key, self.signer.standing().keys))


@contextmanager
def sealed_log(folder: Path, *, durable: bool = False) -> Iterator[SealedLog]:
    """The office in this folder; made where there is none, and then nothing is recorded or signed."""
    folder.mkdir(parents=True, exist_ok=True)
    ledger = SqliteLedger(folder / "ledger.sqlite", {"directory": PROJECTIONS["directory"]}, rehearsal=not durable)
    signer = SignerFolder(folder / "signer")
    signer.begin(ORIGIN)
    try:
        yield SealedLog(ledger, ObjectFolder(folder / "archive"), signer)
    finally:
        ledger.close()
