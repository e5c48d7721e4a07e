"""Checkpoints (C2SP tlog-checkpoint): "the log of this name has so many entries, under this root", signed."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.notes import Note, NoteRefused, VerifierKey, read_note, signature_of, signers

MOST_ENTRIES = 2**35 - 1
"""What the paper form can count: a thousand entries a second for a year."""

ORIGIN = re.compile(r"(?=.{3,100}\Z)[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*")
_EPOCH = re.compile(r"/([1-9][0-9]*)\Z")
_TEXT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,10})\n([A-Za-z0-9+/]{43}=)\n")


class CheckpointRefused(Exception):
    """A text that is no checkpoint of ours; `code`: checkpoint_form, checkpoint_origin, checkpoint_size."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Checkpoint(NamedTuple):
    """The head of a log: its name, the number of its entries, and the root of their tree (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in this text of a note; CheckpointRefused unless it is spelled exactly so."""
    written = _TEXT.fullmatch(text)
    if written is None:
        raise CheckpointRefused("checkpoint_form")
    if not ORIGIN.fullmatch(written[1]):
        raise CheckpointRefused("checkpoint_origin")
    found = Checkpoint(written[1], int(written[2]), b64decode(written[3]))
    if found.size > MOST_ENTRIES:
        raise CheckpointRefused("checkpoint_size")
    if found.text != text:
        raise CheckpointRefused("checkpoint_form")
    return found


def sign_checkpoint(checkpoint: Checkpoint, keys: Sequence[Ed25519PrivateKey]) -> bytes:
    """The signed note; every key signs under the name of the log. The same keys give the same bytes."""
    text = checkpoint.text
    return Note(text, tuple(signature_of(text, checkpoint.origin, key) for key in keys)).raw


def open_checkpoint(raw: bytes, known: Iterable[VerifierKey]) -> tuple[Checkpoint, tuple[VerifierKey, ...]]:
    """The checkpoint, and which of the known keys signed it; NoteRefused or CheckpointRefused otherwise."""
    note = read_note(raw)
    by = signers(note, known)
    checkpoint = read_checkpoint(note.text)
    if any(key.name != checkpoint.origin for key in by):
        raise NoteRefused("signer_unknown")
    return checkpoint, by


def epoch_of(origin: str) -> int:
    """Which epoch of its office's log this is: the number at its end, 1 when there is none."""
    numbered = _EPOCH.search(origin)
    return int(numbered[1]) if numbered else 1


def office_of(origin: str) -> str:
    """The name that the logs of all epochs of an office share."""
    return _EPOCH.sub("", origin)


def next_epoch(origin: str) -> str:
    """The name of the log that is begun when this one cannot be continued."""
    return f"{office_of(origin)}/{epoch_of(origin) + 1}"
