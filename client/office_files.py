"""The files of an office as a backup sees them: databases, what of the log is published, and all the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from client.manifest import files_in
from ledger.place import is_on_server
from settings import Settings

RUNNING = ("run.json", "run.new", "up.lock")
LOGS = "logs"
BESIDE = ("-journal", "-wal", "-shm")
PUBLISHED = re.compile(r"(?:[0-9]+/)?(checkpoint|tile)/")
"""Objects of the archive that point to entries of the ledger (docs/ledger-format.md, section 12)."""


class OfficeFiles:
    """`ledger` and `engine` are what their copies are called; None: the engine runs elsewhere, or never ran."""

    def __init__(self, settings: Settings, *, with_signer: bool) -> None:
        self._settings = settings
        place, engine, archive = settings.ledger_place, settings.engine_path, settings.archive_address
        self.ledger = "ledger.sqlite" if is_on_server(place) else self._inside(Path(place)) or Path(place).name
        self.engine = engine.name if not settings.temporal and engine.exists() else None
        self._archive = self._inside(archive) if isinstance(archive, Path) else None
        databases = {name + end for name in (self.ledger, engine.name) for end in ("", *BESIDE)}
        # A signer that comes out of a backup could sign a second past.
        signer = () if with_signer else (self._inside(settings.signer_folder),)
        self._left_out = {*databases, *RUNNING, LOGS, *signer}

    def published(self) -> set[str]:
        """The checkpoints there are, and then the tiles there are: all of them are of entries sealed by now."""
        checkpoints = {name for name in self._listed() if self._kind(name) == "checkpoint"}
        return checkpoints | {name for name in self._listed() if self._kind(name) == "tile"}

    def others(self) -> set[str]:
        """Documents, histories, keys, settings: all that is neither a database nor published."""
        return {name for name in self._listed() if not self._kind(name)}

    def outside(self) -> dict[str, str]:
        """What the office uses and that does not lie in its data folder."""
        data, archive = self._settings.data, self._settings.archive_address
        # A link to a folder is there because the folder is elsewhere.
        found = {one.name: str(one.resolve()) for one in data.iterdir() if one.is_symlink() and one.is_dir()}
        if self._archive is None:
            found["archive"] = archive if isinstance(archive, str) else str(archive.resolve())
        if self._settings.temporal:
            found["engine"] = self._settings.temporal
        return found

    def _listed(self) -> Iterator[str]:
        """The files that are copied as they are; one whose name begins with a dot is just being written."""
        for name in files_in(self._settings.data):
            place = Path(name)
            is_ours = self._left_out.isdisjoint((name, *map(str, place.parents)))
            if is_ours and not place.name.startswith(".") and not (self._settings.data / name).is_dir():
                yield name

    def _kind(self, name: str) -> str:
        """Which part of the published log this file is, if any."""
        if self._archive is None or not name.startswith(f"{self._archive}/"):
            return ""
        found = PUBLISHED.match(name, len(self._archive) + 1)
        return found[1] if found else ""

    def _inside(self, place: Path) -> str | None:
        """Its path in the data folder, if it lies there."""
        data, found = self._settings.data.resolve(), place.resolve()
        return found.relative_to(data).as_posix() if found.is_relative_to(data) else None
