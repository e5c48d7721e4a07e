"""Writing a file so that it is there whole and survives a power cut, or is not there."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_whole(place: Path, content: bytes, *, anew: bool = False) -> None:
    """`place` holds `content`, readable by its owner only. With `anew`, FileExistsError when it was there already."""
    _make(place.parent)
    beside = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
    try:
        with open(beside, "xb", opener=_owner_only) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if anew:
            place.hardlink_to(beside)
            beside.unlink()
        else:
            beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(place.parent)


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
