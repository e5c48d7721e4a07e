"""A backup of an office that goes on working: what points is copied before what it points to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from adapters.ledger_at import reader_at
from adapters.ledger_copy import copy_ledger
from adapters.sqlite_copy import copy_database
from adapters.whole_file import sync_folder
from client.manifest import FILE, Counting, Kept, Manifest, files_in, kept_as, uncounted, write_manifest
from client.proving import prove
from ledger.erasure import erasures
from ledger.place import is_on_server
from ledger.store import LedgerUnusable
from settings import Settings

RUNNING = ("run.json", "run.new", "up.lock")
LOGS = "logs"
SIGNER = "signer"
"""The folder of the key that signs checkpoints and of what it signed last. In a backup it could sign a second past."""

BESIDE = ("-journal", "-wal", "-shm")


def unfinished(folder: Path) -> Path:
    """Where a backup or a restored office is made before it gets its name: what stands there is not whole."""
    return folder.with_name(f".{folder.name}.unfinished")


def back_up(settings: Settings, folder: Path, *, with_signer: bool = False, on_file: Counting = uncounted) -> Manifest:
    """`folder` holds the office as it was at one moment, provably whole. Killed meanwhile, it is not there at all;
    begun again, it goes on with what was copied.

    The ledger comes first, then documents and archive, which it names: what is in them besides harms nobody.
    """
    made = unfinished(folder)
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    (made / FILE).unlink(missing_ok=True)
    ledger, engine = _names(settings)
    while True:
        _copy_databases(settings, made / ledger, made / engine if engine else None)
        ours = set(_ours(settings, (ledger, engine), with_signer=with_signer))
        files = _mirrored(settings.data, made, ours, (ledger, engine), on_file)
        if _erased(settings.ledger_place) == _erased(str(made / ledger)):
            break  # else something was erased meanwhile: this ledger would call it lost
    with closing(reader_at(str(made / ledger))) as copy:
        proved = prove(copy)
    if proved.findings:
        raise LedgerUnusable("damaged", str(proved.findings[0]))
    manifest = Manifest(
        at=datetime.now(UTC), build=settings.build, entries=proved.entries, root=proved.root, ledger=ledger,
        engine=engine, outside=_outside(settings), files=files,
    )  # fmt: skip
    write_manifest(made, manifest)
    give_name(made, folder)
    return manifest


def give_name(made: Path, folder: Path) -> None:
    """What was made stands under its name, and on the disk, whole."""
    os.sync()
    made.replace(folder)
    sync_folder(folder.parent)


def _names(settings: Settings) -> tuple[str, str | None]:
    """What ledger and engine are called in the data folder; one that lies elsewhere, by its last name."""
    place, engine = settings.ledger_place, settings.engine_path
    ledger = "ledger.sqlite" if is_on_server(place) else _inside(settings, Path(place)) or Path(place).name
    return ledger, engine.name if not settings.temporal and engine.exists() else None


def _inside(settings: Settings, place: Path) -> str | None:
    """Its path in the data folder, if it lies there."""
    data, found = settings.data.resolve(), place.resolve()
    return found.relative_to(data).as_posix() if found.is_relative_to(data) else None


def _copy_databases(settings: Settings, ledger: Path, engine: Path | None) -> None:
    """Both as of one moment: while nothing is sealed, the engine cannot learn that something was."""

    def _engine() -> None:
        if engine is not None:
            copy_database(settings.engine_path, engine)

    ledger.parent.mkdir(parents=True, exist_ok=True)
    copy_ledger(settings.ledger_place, ledger, _engine)


def _ours(settings: Settings, databases: tuple[str | None, ...], *, with_signer: bool) -> Iterator[str]:
    """The files of the data folder that are simply copied."""
    beside = {name + end for name in databases if name for end in ("", *BESIDE)}
    left_out = {*beside, settings.engine_path.name, *RUNNING, LOGS, *(() if with_signer else (SIGNER,))}
    for name in files_in(settings.data):
        parts = Path(name).parts
        if name in left_out or parts[0] in left_out or (settings.data / name).is_dir():
            continue
        if not parts[-1].startswith("."):  # one that is being written
            yield name


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


def _outside(settings: Settings) -> dict[str, str]:
    """What the office uses and this backup does not hold."""
    # A link to a folder is there because the folder is elsewhere.
    found = {one.name: str(one.resolve()) for one in settings.data.iterdir() if one.is_symlink() and one.is_dir()}
    archive = settings.archive_address
    if isinstance(archive, str) or _inside(settings, archive) is None:
        found["archive"] = archive if isinstance(archive, str) else str(archive.resolve())
    if settings.temporal:
        found["engine"] = settings.temporal
    return found
