"""The signer's own folder: its keys, and its memory of what it signed last, which no restored database can undo."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from adapters.whole_file import write_whole
from ledger.checkpoint import ORIGIN, Checkpoint, CheckpointRefused, epoch_of, next_epoch, open_checkpoint
from ledger.checkpoint import sign_checkpoint as signed
from ledger.notes import NoteRefused, VerifierKey, verifier_of
from ledger.succession import NotSigned, check_succession

MEMORY, LOCK, KEYS = "last.json", "lock", "*.pem"


class SignerUnusable(Exception):
    """`code`: signer_missing, signer_memory, signer_key, signer_key_mode, signer_key_unknown, signer_origin,
    signer_request, signer_failed. `detail` names the file, or what was said.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Standing:
    """The log it signs for, its keys (the newest last), what it signed last, and that as it was signed."""

    origin: str
    keys: tuple[str, ...]
    last: Checkpoint | None = None
    note: bytes = b""


class SignerFolder:
    """One process at a time. Killed at any step, it never signs two roots of one size."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, origin: str) -> Standing:
        """It signs for this log, with a new key; when it signs for one already, nothing."""
        if not ORIGIN.fullmatch(origin) or epoch_of(origin) > 1:
            raise SignerUnusable("signer_origin", origin)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            if not (self._folder / MEMORY).exists():
                if self._key_files(origin):
                    raise SignerUnusable("signer_memory", f"{self._folder}: keys without {MEMORY}")
                self._remember(origin, b"")
            return self._standing()

    def standing(self) -> Standing:
        with self._alone():
            return self._standing()

    def rotate(self) -> Standing:
        """There is one more key; it signs from the checkpoint on that covers its entry in the log."""
        with self._alone():
            self._add_key(self._standing().origin)
            return self._standing()

    def begin_epoch(self, origin: str) -> Standing:
        """It signs for this later epoch's log, from nothing and with a new key, and never again for the one before.

        A signer of which nothing is left begins so too: only an epoch of its own is without memory.
        """
        if not ORIGIN.fullmatch(origin) or epoch_of(origin) == 1:
            raise SignerUnusable("signer_origin", origin)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            before = self._memory()[0] if (self._folder / MEMORY).exists() else origin
            if origin not in (before, next_epoch(before)):
                raise SignerUnusable("signer_origin", origin)
            if origin != before or not (self._folder / MEMORY).exists():
                self._remember(origin, b"")
            return self._standing()

    def sign(self, asked: Checkpoint, proof: Sequence[bytes], by: Sequence[str]) -> bytes:
        """The note of `asked`, by each key of `by`; NotSigned unless the log has provably only grown."""
        with self._alone():
            standing = self._standing()
            named = {verifier_of(standing.origin, key).text: key for key in self._keys(standing.origin)}
            if not by or not set(by) <= named.keys():
                raise SignerUnusable("signer_key_unknown", ", ".join(sorted(set(by) - named.keys())))
            if asked.origin != standing.origin:
                raise NotSigned("sign_other_log", standing.last)
            check_succession(standing.last, asked, proof)
            note = signed(asked, [named[key] for key in by])
            self._remember(asked.origin, note)
            # Only now may it leave this process: whoever asks next is held against it, after a power cut too.
            return note

    def _standing(self) -> Standing:
        origin, note = self._memory()
        if not self._key_files(origin):
            if note:
                raise SignerUnusable("signer_key", f"{self._folder}: no key of {origin}")
            self._add_key(origin)
        keys = tuple(verifier_of(origin, key) for key in self._keys(origin))
        return Standing(origin, tuple(key.text for key in keys), self._last(note, keys), note)

    def _last(self, note: bytes, keys: Sequence[VerifierKey]) -> Checkpoint | None:
        """What the memory says was signed; a memory that none of our keys signed is none."""
        try:
            return open_checkpoint(note, keys)[0] if note else None
        except (NoteRefused, CheckpointRefused) as fault:
            raise SignerUnusable("signer_memory", f"{self._folder / MEMORY}: {fault.code}") from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            lock = (self._folder / LOCK).open("a")
        except FileNotFoundError:
            raise SignerUnusable("signer_missing", str(self._folder)) from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _memory(self) -> tuple[str, bytes]:
        path = self._folder / MEMORY
        try:
            kept = json.loads(path.read_bytes())
            return str(kept["origin"]), str(kept["note"]).encode()
        except FileNotFoundError:
            raise SignerUnusable("signer_missing", str(path)) from None
        except (ValueError, KeyError, TypeError) as fault:
            raise SignerUnusable("signer_memory", f"{path}: {fault}") from None

    def _remember(self, origin: str, note: bytes) -> None:
        write_whole(self._folder / MEMORY, json.dumps({"origin": origin, "note": note.decode()}).encode())

    def _key_files(self, origin: str) -> list[Path]:
        return sorted((self._folder / str(epoch_of(origin))).glob(KEYS))

    def _keys(self, origin: str) -> list[Ed25519PrivateKey]:
        return [_read_key(path) for path in self._key_files(origin)]

    def _add_key(self, origin: str) -> None:
        key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        number = len(self._key_files(origin)) + 1
        write_whole(self._folder / str(epoch_of(origin)) / f"{number:04}.pem", key, anew=True)


def _read_key(path: Path) -> Ed25519PrivateKey:
    if (mode := S_IMODE(path.stat().st_mode)) & 0o077:
        raise SignerUnusable("signer_key_mode", f"{path} is {mode:o}, must be 600")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as fault:
        raise SignerUnusable("signer_key", f"{path}: {fault}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SignerUnusable("signer_key", f"{path} is no Ed25519 key")
    return key
