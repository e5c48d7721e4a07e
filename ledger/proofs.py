"""One entry with the proof that it is in the log, as a text to hand over (C2SP tlog-proof v1)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.notes import VerifierKey
from ledger.tree import ProofRefused, check_inclusion, leaf_hash

_MOST_HASHES = 63
_HEAD = "c2sp.org/tlog-proof@v1"
_FORM = re.compile(
    rf"{re.escape(_HEAD)}\n(?:extra [A-Za-z0-9+/]*=*\n)?index (0|[1-9][0-9]{{0,17}})\n((?:[A-Za-z0-9+/]{{43}}=\n)*)\n"
)


@dataclass(frozen=True, slots=True)
class EntryProof:
    """Where the entry is, the hashes beside its way to the root, and the checkpoint (a signed note, unchecked)."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    @property
    def raw(self) -> bytes:
        hashes = "".join(b64encode(each).decode() + "\n" for each in self.path)
        return f"{_HEAD}\nindex {self.index}\n{hashes}\n".encode() + self.checkpoint


def read_proof(raw: bytes) -> EntryProof:
    """The proof spelled by `raw`; ProofRefused `proof_form` when it is none."""
    try:
        written = _FORM.match(raw.decode())
    except UnicodeDecodeError:
        written = None
    if written is None:
        raise ProofRefused("proof_form")
    path = tuple(b64decode(line) for line in written[2].split())
    if len(path) > _MOST_HASHES or "".join(b64encode(each).decode() + "\n" for each in path) != written[2]:
        raise ProofRefused("proof_form")
    return EntryProof(int(written[1]), path, raw[len(written[0].encode()) :])


def check_proof(proof: EntryProof, leaf: bytes, known: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint under which this leaf is in the log; raises ProofRefused, NoteRefused, CheckpointRefused."""
    checkpoint, _ = open_checkpoint(proof.checkpoint, known)
    check_inclusion(leaf_hash(leaf), proof.index, checkpoint.size, proof.path, checkpoint.root)
    return checkpoint
