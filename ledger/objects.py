"""The port of the archive store: objects that are written once and never changed, on another disk or in S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class ObjectDiffers(Exception):
    """Under this name other content is kept already; nothing was written."""


class Objects(Protocol):
    """Names are parts of `a-z 0-9 . _ -` between slashes, none of them beginning with a dot."""

    def put(self, name: str, content: bytes) -> None:
        """The object can be read from now on, whole, after a power cut too; again with equal content: nothing.

        Raises ObjectDiffers, and ValueError for what is no name.
        """

    def get(self, name: str) -> bytes:
        """LookupError when there is none."""

    def has(self, name: str) -> bool: ...

    def names(self, prefix: str = "") -> Iterator[str]:
        """Every object whose name begins so, by name."""
