"""Whose signatures this process accepts. The one thing a validator reads that no history holds.

Validators do not run at replay, so keys may change while clusters live; `worker` sets them before it polls.
"""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEYS: dict[str, Ed25519PublicKey] = {}


def trust(keys: Mapping[str, Ed25519PublicKey]) -> None:
    """Signatures by these keys, and by no others, are accepted from now on."""
    KEYS.clear()
    KEYS.update(keys)
