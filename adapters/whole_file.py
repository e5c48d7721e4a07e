"""Writing a file so that it is there whole and survives a power cut, or is not there."""

from __future__ import annotations

import hashlib
import os
import secrets
from io import BufferedRandom
from pathlib import Path
from types import TracebackType
from typing import Self


class Draft:
    """A file written beside its place, readable by its owner only; nobody finds it under its name before `put`.

    To be entered. What was not put is gone afterwards; a kill leaves a hidden file that no name leads to.
    """

    def __init__(self, place: Path) -> None:
        _make(place.parent)
        self.place = place
        self._beside = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
        self.file: BufferedRandom = open(self._beside, "x+b", opener=_owner_only)  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.file.close()
        self._beside.unlink(missing_ok=True)

    def settle(self) -> tuple[str, int]:
        """All that was written is on the disk: its `sha256:…` digest and its size in bytes."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.seek(0)
        digest = hashlib.file_digest(self.file, "sha256").hexdigest()
        return f"sha256:{digest}", self.file.tell()

    def put(self, *, anew: bool) -> None:
        """The file has its name, durably. With `anew`, FileExistsError when there was one of that name."""
        self.file.flush()
        os.fsync(self.file.fileno())
        if anew:
            self.place.hardlink_to(self._beside)
        else:
            self._beside.replace(self.place)
        sync_folder(self.place.parent)


def write_whole(place: Path, content: bytes, *, anew: bool = False) -> None:
    """`place` holds `content`, readable by its owner only. With `anew`, FileExistsError when it was there already."""
    with Draft(place) as draft:
        draft.file.write(content)
        draft.put(anew=anew)


def sync_folder(folder: Path) -> None:
    """The folder's own list of names is on the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _make(folder: Path) -> None:
    if folder.exists():
        return
    _make(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
