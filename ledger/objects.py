"""The port of the archive store: objects that are written once and never changed, on another disk or in S3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

_PART = r"[a-z0-9_-][a-z0-9._-]{0,127}"
_NAME = re.compile(rf"{_PART}(/{_PART})*")


class ObjectDiffers(Exception):
    """Under this name other content is kept already; nothing was written."""


class ObjectsUnusable(Exception):
    """The store must not be used. `code`: not_write_once, or unreachable; `detail` names the store and what it said."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


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


def checked(name: str) -> str:
    """`name`; ValueError when it is none.

    A name may come from a file that an auditor was handed: nothing but names may become part of a path.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    return name
