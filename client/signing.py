"""The office's signing key in a file, and the signature it puts under every command that is sent."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from stat import S_IMODE

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)  # fmt: skip

from domain.recording import Envelope
from ledger.signatures import SignedIn, sign

OWNER_ONLY = 0o600
PUBLIC = ".pub"


class KeyUnusable(Exception):
    """The key file must not be used; `code` says why: key_missing, key_mode, key_unreadable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


class Signer:
    """Signs as one key. `signed_in`: how the person who asks was authenticated."""

    def __init__(self, key: Ed25519PrivateKey, key_id: str) -> None:
        self._key, self.key_id = key, key_id

    def signed(self, envelope: Envelope, at: datetime, signed_in: SignedIn = "local_key") -> Envelope:
        """The envelope as the cluster accepts it, for 120 seconds from `at`."""
        return sign(envelope, self._key, self.key_id, at, signed_in)

    @property
    def public_key(self) -> Ed25519PublicKey:
        return self._key.public_key()


def create_key(folder: Path, key_id: str) -> Signer:
    """A new key pair in `folder`; an existing one is left and read. Only the owner can read the private half."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = folder / key_id
    key = Ed25519PrivateKey.generate()
    try:
        descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        return read_key(folder, key_id)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private.with_suffix(PUBLIC).write_bytes(public)
    return Signer(key, key_id)


def read_key(folder: Path, key_id: str) -> Signer:
    """The signer of that name. Raises KeyUnusable, also when others could have read the file."""
    path = folder / key_id
    try:
        mode = S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise KeyUnusable("key_mode", f"{path} is {mode:o}, must be {OWNER_ONLY:o}")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        raise KeyUnusable("key_missing", str(path)) from None
    except ValueError as fault:
        raise KeyUnusable("key_unreadable", f"{path}: {fault}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable("key_unreadable", f"{path} is no Ed25519 key")
    return Signer(key, key_id)


def public_keys(folder: Path) -> dict[str, Ed25519PublicKey]:
    """The keys whose signatures this office accepts, by id."""
    found: dict[str, Ed25519PublicKey] = {}
    for path in sorted(folder.glob(f"*{PUBLIC}")):
        key = load_pem_public_key(path.read_bytes())
        if isinstance(key, Ed25519PublicKey):
            found[path.stem] = key
    return found
