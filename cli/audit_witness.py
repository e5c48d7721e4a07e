"""`audit witness`: what an auditor remembers of the log, kept in a file of their own and held against it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.command import command
from cli.errors import Findings, WrongUse
from cli.help import Command
from cli.office import Office, now
from cli.usage import Commands

if TYPE_CHECKING:
    from adapters.held import HeldCheckpoint
    from ledger.witness import Judgement

HELD = Path("held.jsonl")
Kept = Annotated[Path, typer.Option("--held", envvar="KHOOSHEH_HELD", help="Your own file of what you hold.")]
CONTRADICTS = ("shrunk", "forked")
MOST_BYTES = 100_000

witness = typer.Typer(
    cls=Commands, help="What you hold of the log yourself, against what it is now.", no_args_is_help=True,
    rich_markup_mode=None,
)  # fmt: skip


@command
def add(
    office: Office,
    given: Annotated[list[str], typer.Argument(metavar="FILE|GROUPS...", help="A checkpoint's file, or its 8 groups.")],
    *,
    held: Kept = HELD,
) -> None:
    """Keep a checkpoint: from its file, or the 8 groups on a report, typed with spaces or dashes, in any digits.

    A slip of the hand is noticed. A log that is shorter than what you hold, or has another past, is told as that, and
    the checkpoint is kept all the same: it is you who knows. Ends with 1 then.

    Examples:
      khoosheh audit witness add checkpoint.txt
      khoosheh audit witness add 00000 04NCW JVJD5 0W04P WPZ7V E9C6T ZS82S RBGPN
    """
    from adapters.held import HeldFile, HeldUnreadable, holding

    try:
        one = holding(_written(given), now())
        is_new = HeldFile(held).add(one)
    except HeldUnreadable as fault:
        raise _wrong(fault, held) from None
    (row,) = _judged(office, [one])
    office.screen.result({"held": _form(*row), "new": is_new})
    office.screen.line(office.screen.say("witness.kept" if is_new else "witness.known", file=held))
    _show(office, [row])


@command
def check(
    office: Office,
    *,
    held: Kept = HELD,
) -> None:
    """Hold the log against everything you keep: it is the same, goes on from it, is shorter, or has another past.

    Ends with 1 when it is shorter or another.

    Example:
      khoosheh audit witness check --json
    """
    kept = held_in(held)
    if not kept:
        raise WrongUse("nothing_held", field="--held", given=held)
    rows = _judged(office, kept)
    office.screen.result({"ok": not _contradicted(rows), "held": [_form(*row) for row in rows]})
    _show(office, rows)


@command
def list_(
    office: Office,
    *,
    held: Kept = HELD,
) -> None:
    """List what you hold; the log is not looked at.

    Example:
      khoosheh audit witness list
    """
    kept = held_in(held)
    office.screen.result({"held": [_form(one, None) for one in kept]})
    _table(office, [(one, None) for one in kept])


for name, run in (("add", add), ("check", check), ("list", list_)):
    witness.command(name, cls=Command)(run)


def held_in(path: Path) -> list[HeldCheckpoint]:
    """What the file holds. Wrong use of it when a line is none."""
    from adapters.held import HeldFile, HeldUnreadable

    try:
        return HeldFile(path).all()
    except HeldUnreadable as fault:
        raise _wrong(fault, path) from None


def _written(given: list[str]) -> str:
    if len(given) == 1 and Path(given[0]).is_file():
        with Path(given[0]).open("rb") as file:
            return file.read(MOST_BYTES).decode(errors="replace")
    return " ".join(given)


def _wrong(fault: Any, path: Path) -> WrongUse:
    if fault.line:
        return WrongUse("held_file", field="--held", file=path, line=fault.line, why=fault.code)
    code = fault.code if fault.code.startswith("groups_") else "no_note"
    return WrongUse("no_checkpoint", code=code, field="FILE|GROUPS", reason=code)


def _judged(office: Office, kept: list[HeldCheckpoint]) -> list[tuple[HeldCheckpoint, Judgement | None]]:
    from client.verifying import judged

    with office.reading() as ledger:
        found = judged(ledger, [one.held for one in kept])
    return [(one, judgement) for one, (_, judgement) in zip(kept, found, strict=True)]


def _contradicted(rows: list[tuple[HeldCheckpoint, Judgement | None]]) -> bool:
    return any(judgement in CONTRADICTS for _, judgement in rows)


def _form(one: HeldCheckpoint, judgement: Judgement | None) -> dict[str, Any]:
    from ledger.paper import groups
    from ledger.witness import as_paper

    form = {"size": one.held.size, "groups": groups(as_paper(one.held)), "since": one.since}
    return form | ({"log": judgement} if judgement else {})


def _show(office: Office, rows: list[tuple[HeldCheckpoint, Judgement | None]]) -> None:
    _table(office, rows)
    if _contradicted(rows):
        office.screen.fault(office.screen.say("witness.contradicted"))
        raise Findings


def _table(office: Office, rows: list[tuple[HeldCheckpoint, Judgement | None]]) -> None:
    screen, say = office.screen, office.screen.say
    headings = [say(f"witness.{key}") for key in ("groups", "size", "since", "log")]
    cells = []
    for one, judgement in rows:
        form = _form(one, judgement)
        style = "bold red" if judgement in CONTRADICTS else "green"
        said = (say(f"witness.{judgement}"), style) if judgement else ""
        cells.append((form["groups"], screen.figure(form["size"]), screen.day(one.since), said))
    screen.table(headings, cells)
