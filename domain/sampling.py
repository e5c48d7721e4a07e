"""Drawing cases that nobody could have chosen: whoever knows the seed draws the same ones again, in any language."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

METHOD = "sha256(seed|id)"
"""The ids in the order of the SHA-256 of `seed|id` (UTF-8, as hex digits); the first n are drawn."""


def draw(ids: Iterable[str], n: int, seed: str) -> list[str]:
    """The first `n` of the ids by METHOD, all when there are fewer; a larger n only adds to a smaller one."""
    return sorted(set(ids), key=lambda id: (sha256(f"{seed}|{id}".encode()).hexdigest(), id))[:n]
