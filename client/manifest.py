"""What a backup holds: every file with its digest, and what its ledger must prove to be."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, ValidationError

from domain.values import Frozen, Moment

FILE = "manifest.json"

Counting = Callable[[int], None]
"""Told of one more file that is done, of so many."""


def uncounted(_: int) -> None:
    """Nobody counts."""


class Kept(Frozen):
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class Manifest(Frozen):
    """`ledger` and `engine` name their copies among the files; `outside` is what lies elsewhere and is not here."""

    v: int = Field(default=1, ge=1, le=1)
    kind: str = Field(default="khoosheh-backup", pattern="^khoosheh-backup$")
    at: Moment
    build: str
    entries: int = Field(ge=0)
    root: str = Field(pattern=r"^[0-9a-f]{64}$")
    ledger: str
    engine: str | None = None
    outside: dict[str, str] = Field(default_factory=dict)
    files: dict[str, Kept]


class NoBackup(Exception):
    """The folder is none: `code` is backup_missing or backup_unfinished (or not ours)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Flaw(NamedTuple):
    """A file that is `missing`, `changed`, or `unlisted`; of the ledger, what its chains show."""

    file: str
    kind: str
    detail: str = ""


def kept_as(file: Path) -> Kept:
    """The file as a manifest names it."""
    with file.open("rb") as opened:
        return Kept(sha256=file_digest(opened, "sha256").hexdigest(), size=file.stat().st_size)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    written = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / FILE).write_text(written + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Raises NoBackup."""
    if not folder.is_dir():
        raise NoBackup("backup_missing")
    try:
        return Manifest.model_validate_json((folder / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValidationError, UnicodeDecodeError):
        raise NoBackup("backup_unfinished") from None


def files_in(folder: Path) -> Iterator[str]:
    """Every file below, by its path in the folder; links are not followed, so a link to a folder is a file."""
    found = []
    for at, folders, files in os.walk(folder):
        links = (name for name in folders if os.path.islink(os.path.join(at, name)))  # noqa: PTH114, PTH118 - many
        found += [Path(at, name).relative_to(folder).as_posix() for name in (*files, *links)]
    return iter(sorted(found))


def flaws_of(folder: Path, manifest: Manifest, on_file: Counting = uncounted) -> list[Flaw]:
    """Everything in which the folder differs from its manifest."""
    there = {name for name in files_in(folder) if name != FILE}
    found = [Flaw(name, "unlisted") for name in sorted(there - manifest.files.keys())]
    for name, kept in manifest.files.items():
        place = folder / name
        if name not in there:
            found.append(Flaw(name, "missing"))
        elif place.is_symlink() or not place.is_file() or kept_as(place) != kept:
            found.append(Flaw(name, "changed"))
        on_file(len(manifest.files))
    return found
