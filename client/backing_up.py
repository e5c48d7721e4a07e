"""A backup of an office that goes on working: what points is copied before what it points to."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from adapters.ledger_at import reader_at
from adapters.ledger_copy import copy_ledger
from adapters.sqlite_copy import copy_database
from adapters.whole_file import sync_folder
from client.manifest import FILE, Counting, Kept, Manifest, files_in, kept_as, uncounted, write_manifest
from client.office_files import OfficeFiles
from client.proving import prove
from ledger.erasure import erasures
from ledger.store import LedgerUnusable
from settings import Settings


def unfinished(folder: Path) -> Path:
    """Where a backup or a restored office is made before it gets its name: what stands there is not whole."""
    return folder.with_name(f".{folder.name}.unfinished")


def back_up(settings: Settings, folder: Path, *, with_signer: bool = False, on_file: Counting = uncounted) -> Manifest:
    """`folder` holds the office as it was at one moment, provably whole. Killed meanwhile, it is not there at all;
    begun again, it goes on with what was copied.

    What points comes before what it points to: checkpoints, tiles, ledger, documents and histories. What is in
    these besides harms nobody.
    """
    made = unfinished(folder)
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    (made / FILE).unlink(missing_ok=True)
    files = OfficeFiles(settings, with_signer=with_signer)
    ledger = made / files.ledger
    while True:
        published = files.published()
        _copy_databases(settings, ledger, made / files.engine if files.engine else None)
        kept = _mirrored(settings.data, made, published | files.others(), (files.ledger, files.engine), on_file)
        if _erased(settings.ledger_place) == _erased(str(ledger)):
            break  # else something was erased meanwhile: this ledger would call it lost
    with closing(reader_at(str(ledger))) as copy:
        proved = prove(copy)
    if proved.findings:
        raise LedgerUnusable("damaged", str(proved.findings[0]))
    manifest = Manifest(
        at=datetime.now(UTC), build=settings.build, entries=proved.entries, root=proved.root, ledger=files.ledger,
        engine=files.engine, outside=files.outside(), files=kept,
    )  # fmt: skip
    write_manifest(made, manifest)
    give_name(made, folder)
    return manifest


def give_name(made: Path, folder: Path) -> None:
    """What was made stands under its name, and on the disk, whole."""
    os.sync()
    made.replace(folder)
    sync_folder(folder.parent)


def _copy_databases(settings: Settings, ledger: Path, engine: Path | None) -> None:
    """Both as of one moment: while nothing is sealed, the engine cannot learn that something was."""

    def _engine() -> None:
        if engine is not None:
            copy_database(settings.engine_path, engine)

    ledger.parent.mkdir(parents=True, exist_ok=True)
    copy_ledger(settings.ledger_place, ledger, _engine)


def _mirrored(
    data: Path, made: Path, wanted: set[str], databases: tuple[str | None, ...], on_file: Counting
) -> dict[str, Kept]:
    """`made` holds exactly the wanted files as they are in `data`, besides the databases; all of them as kept."""
    found = {name: kept_as(made / name) for name in databases if name}
    for name in sorted(wanted):
        kept = _copied(data / name, made / name)
        if kept is not None:
            found[name] = kept
        on_file(len(wanted))
    for name in files_in(made):
        if name not in found:
            (made / name).unlink()
    return found


def _copied(source: Path, target: Path) -> Kept | None:
    """The file as it was copied, now or by an earlier attempt; None when it was deleted meanwhile."""
    try:
        kept = kept_as(source)
        if not (target.is_file() and kept_as(target) == kept):
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            target.chmod(0o600)
            kept = kept_as(target)
    except FileNotFoundError:
        return None
    return kept


def _erased(place: str) -> set[str]:
    with closing(reader_at(place)) as ledger:
        return set(erasures(ledger))
