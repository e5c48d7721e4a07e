"""`open`: start clusters, from a sheet or one by one; all or nothing is wrong, and never twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.acting import As, acting
from cli.command import command
from cli.errors import Findings, WrongUse, fault_rows, no_such, refusal_words
from cli.office import Office, now
from cli.reference import calendar, methodology, provinces, rulebook

if TYPE_CHECKING:
    from client.opening import Job, Outcome
    from client.sheet import Checked, Row

JOBS = "jobs"


@command
def open_(
    office: Office,
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help="CSV, XLSX or JSON.")] = None,
    *,
    id: Annotated[str | None, typer.Option(help="The cluster's id; without it, made of its name.")] = None,
    name_fa: Annotated[str | None, typer.Option(help="Its name in Persian.")] = None,
    name_en: Annotated[str | None, typer.Option(help="Its name in English.")] = None,
    province: Annotated[str | None, typer.Option(help="Any of its names, or its slug.")] = None,
    county: Annotated[str | None, typer.Option(help="The county.")] = None,
    product: Annotated[str | None, typer.Option(help="Its product or trade.")] = None,
    source: Annotated[str | None, typer.Option(help="Where its name was found.")] = None,
    status: Annotated[str | None, typer.Option(help="A status word: the cluster enters with a past.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The date of that word, as exact as it is known.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of a CSV that is not UTF-8, e.g. cp1256.")] = None,
    person: As = None,
) -> None:
    """Start clusters, from sheets or one by one. Every row is checked first: one bad row, and none is opened.

    Columns in any order, headed in English (id, name_fa, name_en, province_fa, province_en, county, product,
    source, status, as_of, note, country) or in Persian (نام، استان، شهرستان، محصول، وضعیت، تاریخ …).
    Needed: name_fa, a province, product. note and country are for readers of the sheet: they are recorded nowhere.
    The same file twice changes nothing; broken off, the same command goes on.

    Examples:
      khoosheh open clusters.xlsx
      khoosheh open --name-fa "سنگ محلات" --province markazi --product stone
    """
    given = {
        "id": id, "name_fa": name_fa, "name_en": name_en, "province_en": province, "county": county,
        "product": product, "source": source, "status": status, "as_of": as_of,
    }  # fmt: skip
    words = {key: value for key, value in given.items() if value is not None}
    if bool(files) == bool(words) or (words and not words.keys() >= {"name_fa", "province_en", "product"}):
        raise WrongUse("file_or_fields")
    checked = _checked_files(files, encoding) if files else _checked_words(words)
    _warn(office, checked)
    job, outcome = asyncio.run(_open(office, checked.rows, person))
    _show(office, job, outcome, checked)
    if outcome.refused:
        raise Findings


def _checked_files(files: list[Path], encoding: str | None) -> Checked:
    """The rows of all files together, all of them sound."""
    from adapters.tables import read_table

    for file in files:
        if not file.is_file() and not file.is_fifo():
            raise WrongUse("no_file", field="file", given=file)
    tables = [read_table(file, encoding) for file in files]
    found = [_check(table.heading, table.rows) for table in tables]
    return found[0]._replace(
        rows=tuple(row for one in found for row in one.rows),
        warnings=tuple(warning for one in found for warning in one.warnings),
    )


def _checked_words(words: dict[str, str]) -> Checked:
    known = {one[key] for one in provinces() for key in ("province", "name_fa", "name_en")}
    from client.wording import folded

    if folded(words["province_en"]) not in {folded(word) for word in known}:
        raise no_such("province", words["province_en"], {one["province"] for one in provinces()})
    return _check(tuple(words), ((2, tuple(words.values())),))


def _check(heading: Any, rows: Any) -> Checked:
    from client.sheet import check, known_words

    loaded = methodology()
    known = known_words(loaded.methodology, loaded.words, provinces())
    return check(heading, rows, known, calendar().day_of(now()))


def _warn(office: Office, checked: Checked) -> None:
    if checked.warnings and not office.screen.json:
        say = office.screen.say
        office.screen.note(say("screen.warnings"), "yellow")
        for one in checked.warnings[:20]:
            office.screen.note(f"  {office.screen.count(one.row)} {one.field}: {_words(office, one.code)}", "yellow")


def _words(office: Office, code: str) -> str:
    return office.screen.say(f"warning.{code}")


async def _open(office: Office, rows: tuple[Row, ...], person: str | None) -> tuple[Job, Outcome]:
    from client.opening import begun, open_all

    with office.writing() as ledger:
        programme = await office.programme(ledger)
        today = calendar().day_of(now())
        directory = office.directory(ledger)
        wanted, first = ("national_office", "provincial_coordinator"), rows[0]
        actor = acting(person, first.cluster, None, wanted, directory=directory, today=today,
                       province=first.data["province"])  # fmt: skip
        job = begun(office.settings.path(JOBS), rows, now())
        office.screen.note(office.screen.say("screen.job", job=job.id))
        with office.screen.progress(office.screen.say("screen.opening"), len(rows)) as bar:
            task = bar.task_ids[0]
            outcome = await open_all(
                programme, ledger, job, rows, actor=actor, rulebook=rulebook(), on_each=lambda: bar.advance(task)
            )
    return job, outcome


def _show(office: Office, job: Job, outcome: Outcome, checked: Checked) -> None:
    screen = office.screen
    refused = [
        {"row": row.number, "field": no.field, "code": no.code, "cluster": row.cluster,
         "message": refusal_words(screen, no.code, no.field, no.rule)}
        for row, no in sorted(outcome.refused, key=lambda pair: pair[0].number)
    ]  # fmt: skip
    warnings = [row | {"message": _words(office, row["code"])} for row in fault_rows(screen, checked.warnings)]
    screen.result({
        "job": job.id, "opened": len(outcome.opened), "already": len(outcome.already), "refused": refused,
        "clusters": [row.cluster for row in checked.rows if row.cluster not in {r["cluster"] for r in refused}],
        "warnings": warnings,
    })  # fmt: skip
    opened, already = screen.count(len(outcome.opened)), screen.count(len(outcome.already))
    screen.line(screen.say("screen.opened", opened=opened, already=already), "bold")
    if refused:
        screen.line(screen.say("screen.opened_refused", refused=screen.count(len(refused))), "bold red")
        headings = [screen.say(f"screen.{key}") for key in ("row", "cluster", "problem", "code")]
        screen.table(headings, [(r["row"], r["cluster"], r["message"], r["code"]) for r in refused])
    screen.line(screen.say("screen.next_board"), "dim")
