"""`backup` and `restore`: the office in a folder, and out of it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.command import command
from cli.errors import Findings, Unreachable, WrongUse
from cli.office import Office
from client.manifest import Counting
from settings import Settings


@command
def backup(
    office: Office,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, best on another disk.")],
    *,
    with_signer: Annotated[
        bool, typer.Option("--with-signer", help="Also the key that signs checkpoints, and its memory.")
    ] = False,
) -> None:
    """Copy the office into a folder while it goes on working: ledger, engine, documents, archive, keys, settings.

    Ledger and engine are of one moment. The copy is proven whole before it gets its name; what is killed meanwhile
    is continued by the same command. It holds names and keys: keep it safe, no longer than `docs/retention.md` says.

    Example:
      khoosheh backup /safe/place/2026-11-26
    """
    from client.backing_up import back_up, unfinished

    with office.reading():
        pass  # there is an office here
    _new(folder, "DIR")
    if folder.resolve().is_relative_to(office.data.resolve()):
        raise WrongUse("inside", field="DIR", given=folder)
    screen = office.screen
    with _alone(unfinished(folder)), _counted(office, "screen.backing_up") as count:
        done = back_up(office.settings, folder, with_signer=with_signer, on_file=count)
    size = sum(kept.size for kept in done.files.values())
    screen.result({
        "ok": True, "entries": done.entries, "root": done.root, "backup": str(folder), "files": len(done.files),
        "bytes": size, "outside": done.outside,
    })  # fmt: skip
    files, megabytes = screen.count(len(done.files)), screen.digits(f"{size / 2**20:.1f}")
    screen.line(screen.say("screen.backed_up", folder=folder, files=files, megabytes=megabytes), "bold green")
    _proof(office, done.entries, done.root, done.outside)


@command
def restore(
    office: Office,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `backup` made.")],
    *,
    newer: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A later backup or data folder: what it erased is erased too.")
    ] = None,
) -> None:
    """Make the office of a backup in --data, a new folder. Nothing is written before every file is checked.

    All chains are verified, and the root of the whole log is the one the backup named. What the ledger says is erased
    is erased again.

    Example:
      khoosheh restore /safe/place/2026-11-26 --data ~/khoosheh
    """
    from client.manifest import NoBackup
    from client.restoring import BackupFlawed
    from client.restoring import restore as run

    _new(office.data, "--data")
    screen = office.screen
    try:
        later = _ledger_of(newer) if newer else None
        with _counted(office, "screen.restoring") as count:
            done = run(folder, office.data, newer=later, on_file=count)
    except NoBackup as none:
        raise WrongUse("backup_unfinished", code=none.code, field="DIR", given=folder) from None
    except BackupFlawed as flawed:
        screen.result({"ok": False, "findings": [flaw._asdict() for flaw in flawed.flaws]})
        screen.fault(screen.say("screen.backup_flawed", n=screen.count(len(flawed.flaws))))
        headings = [screen.say(f"screen.{key}") for key in ("file", "problem", "detail")]
        screen.table(headings, [(one.file, screen.say(f"flaw.{one.kind}"), one.detail) for one in flawed.flaws[:100]],
                     fault=True)  # fmt: skip
        raise Findings from None
    screen.result({
        "ok": True, "entries": done.entries, "root": done.root, "data": str(office.data), "erased": done.erased,
        "outside": done.outside,
    })  # fmt: skip
    screen.line(screen.say("screen.restored", data=office.data), "bold green")
    if "archive" in done.outside:
        # It may have been published since: what is sealed before that is put back would take its places.
        screen.line(screen.say("screen.refill_first", data=office.data), "bold yellow")
    screen.line(screen.say("screen.start", data=office.data))
    _proof(office, done.entries, done.root, done.outside)
    screen.line(screen.say("screen.erased_again", n=screen.count(done.erased)), "dim")


@contextmanager
def _counted(office: Office, key: str) -> Iterator[Counting]:
    with office.screen.progress(office.screen.say(key), 0) as bar:
        yield lambda total: bar.update(bar.task_ids[0], advance=1, total=total)


def _new(folder: Path, field: str) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse("not_empty", field=field, given=folder)


@contextmanager
def _alone(made: Path) -> Iterator[None]:
    """Nobody else writes the same backup meanwhile."""
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    opened = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise WrongUse("backup_busy", field="DIR", given=made) from None
    finally:
        os.close(opened)


def _ledger_of(folder: Path) -> str:
    """Where the ledger of a backup, or of a data folder, is kept."""
    from client.manifest import FILE, read_manifest

    is_backup = (folder / FILE).exists()
    place = str(folder / read_manifest(folder).ledger) if is_backup else Settings.read(folder).ledger_place
    if "://" not in place and not Path(place).exists():
        raise Unreachable("no_office", data=folder)
    return place


def _proof(office: Office, entries: int, root: str, outside: dict[str, str]) -> None:
    screen = office.screen
    screen.line(screen.say("screen.proof", entries=screen.figure(entries), root=root))
    for name, place in outside.items():
        screen.line(screen.say("screen.outside", name=name, place=place), "yellow")
