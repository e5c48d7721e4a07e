"""What stands in a fact for a text or a file: provable while its salt is kept, a blank once forgotten."""

from __future__ import annotations

import hmac
from typing import Protocol

from domain.values import Commitment
from ledger.canonical import check_text

SALT_BYTES = 32


def commit(value: str | bytes, salt: bytes) -> Commitment:
    """HMAC-SHA-256 of `value` under `salt`: without the 32 random bytes even a short value cannot be guessed.

    Text counts as its UTF-8 bytes and must be in NFC (NotCanonical otherwise).
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return "hmac-sha256:" + hmac.digest(salt, octets(value), "sha256").hex()


def is_committed(value: str | bytes, salt: bytes, commitment: Commitment) -> bool:
    """Whether `commitment` was made from exactly this value and salt."""
    return hmac.compare_digest(commit(value, salt), commitment)


def octets(value: str | bytes) -> bytes:
    """The bytes a value is committed by."""
    if isinstance(value, bytes):
        return value
    check_text(value)
    return value.encode()


class Documents(Protocol):
    """Where values and their salts are kept, apart from the ledger, so that they can be forgotten."""

    def put(self, value: str | bytes) -> Commitment:
        """The value is kept under the commitment returned, durably."""

    def get(self, commitment: Commitment) -> bytes:
        """The bytes put; LookupError when they never were here or are forgotten."""

    def has(self, commitment: Commitment) -> bool: ...

    def forget(self, commitment: Commitment) -> bool:
        """Value and salt are gone; False when there was nothing to forget."""
