"""An office out of a backup: nothing is touched before every file is checked, nothing named before all is proven."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from adapters.documents import DocumentFolder
from adapters.ledger_at import reader_at
from adapters.ledger_copy import lay_ledger
from adapters.objects_folder import ObjectFolder
from client.backing_up import give_name, unfinished
from client.forgetting import forget_all
from client.manifest import FILE, Counting, Flaw, Manifest, flaws_of, read_manifest, uncounted
from client.proving import Proved, prove
from client.published_log import PublishedLog
from client.sent import SENT
from ledger.erasure import erasures
from ledger.place import is_on_server, shown
from ledger.store import Entries, LedgerUnusable
from settings import Settings

DOCUMENTS = "documents"


class BackupFlawed(Exception):
    """The backup is not what it was; nothing was restored."""

    def __init__(self, flaws: list[Flaw]) -> None:
        super().__init__(flaws[0])
        self.flaws = flaws


class Restored(NamedTuple):
    """What the ledger proved to be, what of the office lies elsewhere, and how many values were erased again."""

    entries: int
    root: str
    outside: dict[str, str]
    erased: int


def restore(folder: Path, data: Path, *, newer: str | None = None, on_file: Counting = uncounted) -> Restored:
    """`data` is the office of the backup, proven whole, without anything that its ledger says is erased, or that
    the ledger at `newer` does. Killed meanwhile, `data` is as before. Raises NoBackup, BackupFlawed, LedgerUnusable.
    """
    manifest = read_manifest(folder)
    if flaws := flaws_of(folder, manifest, on_file):
        raise BackupFlawed(flaws)
    made = unfinished(data)
    if made.exists():
        shutil.rmtree(made)
    try:
        shutil.copytree(folder, made, symlinks=True, ignore=lambda at, _: [FILE] if Path(at) == folder else [])
        # Once more: what was checked there must be what arrived here.
        if flaws := flaws_of(made, manifest, on_file):
            raise BackupFlawed(flaws)
        with closing(reader_at(str(made / manifest.ledger))) as ledger:
            proved, gone = prove(ledger), set(erasures(ledger))
            if flaws := list(_flaws_in(proved, ledger, made, manifest)):
                raise BackupFlawed(flaws)
        if newer is not None:
            with closing(reader_at(newer)) as later:
                gone |= set(erasures(later))
        _settle(made, manifest)
        erased = forget_all(gone, DocumentFolder(made / DOCUMENTS), made / SENT)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    made.chmod(0o700)
    give_name(made, data)
    return Restored(proved.entries, proved.root, manifest.outside, erased)


def _flaws_in(proved: Proved, ledger: Entries, made: Path, manifest: Manifest) -> Iterator[Flaw]:
    """What the ledger lacks to be the one that was backed up, and the one whose checkpoints came with it."""
    for found in proved.findings:
        yield Flaw(manifest.ledger, found.kind, f"{found.stream} {found.seq}")
    if (proved.entries, proved.root) != (manifest.entries, manifest.root):
        yield Flaw(manifest.ledger, "root", f"{proved.entries} {proved.root}")
    archive = Settings.read(made).archive_address
    if isinstance(archive, Path) and "archive" not in manifest.outside:
        for told in PublishedLog(ledger, lambda: ObjectFolder(archive)).check().findings:
            yield Flaw(manifest.ledger, told.code)


def _settle(made: Path, manifest: Manifest) -> None:
    """The ledger is where the settings of the office, and the environment, say: in a file, or in a database."""
    kept, place = made / manifest.ledger, Settings.read(made).ledger_place
    if is_on_server(place):
        lay_ledger(kept, place)
        with closing(reader_at(place)) as ledger:
            proved = prove(ledger)
        if (proved.entries, proved.root, proved.findings) != (manifest.entries, manifest.root, []):
            raise LedgerUnusable("damaged", shown(place))
        kept.unlink()
    elif Path(place) != kept and Path(place).is_relative_to(made):
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        kept.replace(place)
