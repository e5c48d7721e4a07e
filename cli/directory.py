"""`directory`: people, roles, bodies and agents; from sheets, as lists, back into sheets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.acting import As, person_id
from cli.command import command
from cli.errors import REFUSED, WrongUse, tell_faults
from cli.forgetting import Reason, Second, erase, erased_words
from cli.help import Command
from cli.office import OFFICE, Office
from cli.on_record import watched
from cli.reference import province_name, title
from cli.usage import Commands

directory = typer.Typer(
    cls=Commands, help="People, roles, bodies and agents.", no_args_is_help=True, rich_markup_mode=None
)


@command
def import_(
    office: Office,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.")],
) -> None:
    """Take over a sheet of people (person, role, scope, until, name_fa, name_en, contact) or of agents.

    Names and contacts go to the document store, never into the record. The same sheet twice changes nothing.

    Example:
      khoosheh directory import reference/directory/demo.csv
    """
    from client.directory_sheet import SheetRefused

    if not file.is_file():
        raise WrongUse("no_file", field="file", given=file)
    screen = office.screen
    with office.writing() as ledger:
        try:
            done = office.directory(ledger).import_file(file, OFFICE)
        except SheetRefused as refused:
            tell_faults(screen, refused.faults, said="screen.faults_directory", table="fault_directory",
                        result={"rows": 0, "facts": 0})  # fmt: skip
            raise SystemExit(REFUSED) from None
    screen.result({"rows": done.rows, "facts": done.facts, "refused": [], "forgotten": list(done.forgotten)})
    key = "screen.imported" if done.facts else "screen.imported_nothing"
    screen.line(screen.say(key, rows=screen.count(done.rows), facts=screen.count(done.facts)))
    if done.forgotten:
        screen.note(screen.say("screen.left_out", people=", ".join(done.forgotten)), "yellow")


@command
def list_(office: Office) -> None:
    """Who holds which role today, who sits in which body, and the agents with their load; ids only."""
    with office.reading() as ledger:
        found = office.directory(ledger).list()
    office.screen.result(found)
    _show(office, found)


@command
def export(
    office: Office,
    out: Annotated[Path, typer.Option(help="The folder the two sheets are written to.")] = Path(),
) -> None:
    """Write directory.csv and agents.csv, which can be imported again. They hold names: keep them safe.

    Example:
      khoosheh directory export --out /safe/place
    """
    with office.reading() as ledger:
        sheets = office.directory(ledger).export()
    out.mkdir(parents=True, exist_ok=True)
    for name, written in sheets.items():
        place = out / name
        place.touch(mode=0o600)
        place.write_text(written, encoding="utf-8-sig")
    files = [str(out / name) for name in sheets]
    office.screen.result({"files": files})
    office.screen.line(office.screen.say("screen.exported", files=", ".join(files)))


@command
def forget(
    office: Office,
    who: Annotated[str, typer.Argument(metavar="PERSON", help="Who is forgotten (p-…).")],
    *,
    reason: Reason,
    second: Second,
    person: As = None,
) -> None:
    """Forget a person: every name and contact they ever had here. Their id and their acts stay on record.

    Refused while they hold a role, and for ten years after their last act, unless a court orders it. Two people
    sign. Sheets and backups outside the data folder are yours to delete.

    Example:
      khoosheh directory forget p-0270 --reason request --as p-0001 --second p-0002
    """
    erase(office, "ForgetPerson", person_id(who, "PERSON"), reason, first=person, second=second)


directory.command("import", cls=Command)(import_)
directory.command("forget", cls=Command)(forget)
directory.command("list", cls=Command)(watched("directory list", list_, always=False))
# Names leave the office.
directory.command("export", cls=Command)(watched("directory export", export, always=True))


def _show(office: Office, found: dict[str, Any]) -> None:
    screen, lang, say = office.screen, office.lang, office.screen.say

    def _place(scope: str) -> str:
        level, _, place = scope.partition("/")
        return province_name(place, lang) if level == "province" else place or "—"

    people = [
        (person["id"] if place == 0 else "", title("role", role["role"], lang), _place(role["scope"]),
         screen.day(role["until"]))
        for person in found["people"] for place, role in enumerate(person["roles"])
    ]  # fmt: skip
    people += [
        (person["id"], erased_words(screen, person["erased"]), "", "")
        for person in found["people"] if "erased" in person
    ]  # fmt: skip
    screen.table([say(f"screen.{key}") for key in ("person", "role", "scope", "until")], people, say("screen.people"))
    screen.table(
        [say(f"screen.{key}") for key in ("bodies", "scope", "members")],
        [
            (title("role", one["body"], lang), _place(one["scope"]), ", ".join(m["person"] for m in one["members"]))
            for one in found["bodies"]
        ],
    )
    screen.table(
        [say(f"screen.{key}") for key in ("agents", "province", "capacity", "load")],
        [
            (one["id"], province_name(one["province"], lang), screen.count(one["capacity"]), ", ".join(one["load"]))
            for one in found["agents"]
        ],
    )
