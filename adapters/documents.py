"""Documents in a folder: each value with its salt in one file, named by the commitment the ledger holds."""

from __future__ import annotations

import hmac
import re
import secrets
from pathlib import Path

from adapters.whole_file import sync_folder, write_whole
from domain.values import Commitment
from ledger.commitments import SALT_BYTES, commit, is_committed, octets

_NAMED = re.compile(r"hmac-sha256:([0-9a-f]{64})")


class DamagedDocument(Exception):
    """The file under this commitment does not hold what was committed to."""


class DocumentFolder:
    """`ledger.commitments.Documents` in a folder of one machine, readable by its owner only.

    With a `seed` (rehearsals) the salt follows from seed and value: the same seed gives the same
    commitments in whatever order values come, and equal values share one document.
    """

    def __init__(self, folder: Path, *, seed: bytes | None = None) -> None:
        self._folder = folder
        self._seed = seed
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, value: str | bytes) -> Commitment:
        salt = self._salt_for(octets(value))
        commitment = commit(value, salt)
        write_whole(self._place(commitment), salt + octets(value))
        return commitment

    def get(self, commitment: Commitment) -> bytes:
        try:
            kept = self._place(commitment).read_bytes()
        except FileNotFoundError:
            raise LookupError(commitment) from None
        salt, value = kept[:SALT_BYTES], kept[SALT_BYTES:]
        if len(salt) < SALT_BYTES or not is_committed(value, salt, commitment):
            raise DamagedDocument(commitment)
        return value

    def has(self, commitment: Commitment) -> bool:
        return self._place(commitment).exists()

    def forget(self, commitment: Commitment) -> bool:
        place = self._place(commitment)
        # A process killed while it wrote the document left it beside its place.
        kept = [*place.parent.glob(f".{place.name}.*"), *([place] if place.exists() else [])]
        for file in kept:
            file.unlink(missing_ok=True)
        if kept:
            sync_folder(place.parent)
        return bool(kept)

    def _salt_for(self, value: bytes) -> bytes:
        if self._seed is None:
            return secrets.token_bytes(SALT_BYTES)
        return hmac.digest(self._seed, value, "sha256")

    def _place(self, commitment: Commitment) -> Path:
        # A commitment reaches us from outside: nothing but hex digits may become part of a path.
        named = _NAMED.fullmatch(commitment)
        if named is None:
            raise LookupError(commitment)
        return self._folder / named[1][:2] / named[1]
