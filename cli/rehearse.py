"""`rehearse`: the same system on virtual time with scripted people, and a report of what came of it."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from cli.command import command, day
from cli.errors import Findings, Unreachable, WrongUse, no_such
from cli.office import Office
from cli.reference import FOLDER, calendar, duty_title, methodology, provinces, title
from cli.sealing import seal_rehearsal
from settings import shut_out

if TYPE_CHECKING:
    from client.sheet import Row
    from rehearsal.personas import Kind
    from rehearsal.premises import Reference
    from rehearsal.rehearsing import Rehearsed, Wanted

PEOPLE = ("demo.csv", "agents.csv")
KINDS = ("punctual", "typical", "late", "none")


@command
def rehearse(  # noqa: PLR0917 - the options of one command
    office: Office,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The sheet of clusters: CSV, XLSX or JSON.")],
    months: Annotated[int, typer.Option(min=1, max=68, help="How many months pass.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed gives the same facts.")] = 1403,
    sample: Annotated[int | None, typer.Option(min=1, help="So many clusters, of every status.")] = None,
    script: Annotated[Path | None, typer.Option(help="JSON lines of at, cluster, command, actor, data.")] = None,
    people: Annotated[str, typer.Option(metavar="|".join(KINDS), help="How people keep to their dates.")] = "typical",
    keep: Annotated[Path | None, typer.Option(help="A new data folder that board, show and duties then take.")] = None,
    start: Annotated[str | None, typer.Option(help="The first day, e.g. 1403/01/15 or 2024-04-03.")] = None,
    engines: Annotated[int, typer.Option(min=0, max=16, hidden=True)] = 0,
) -> None:
    """Rehearse years of the programme in minutes: the real engine on virtual time, with scripted people.

    Ends with the ledger verified and every cluster's record held against its living state.

    Example:
      khoosheh rehearse clusters.csv --sample 30 --months 60
    """
    from rehearsal.rehearsing import START, Wanted
    from rehearsal.script import ScriptUnreadable, read_script

    if people not in KINDS:
        raise no_such("--people", people, KINDS)
    if not file.is_file():
        raise WrongUse("no_file", field="file", given=file)
    if keep is not None and keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise WrongUse("not_empty", field="--keep", given=keep)
    if script is not None and not script.is_file():
        raise WrongUse("no_file", field="--script", given=script)
    rows = _rows(file, sample, seed)
    try:
        played = read_script(script, {row.cluster for row in rows}) if script else ()
    except (ScriptUnreadable, UnicodeDecodeError) as fault:
        raise WrongUse("script", field="--script", given=f"{script}: {fault}") from None
    wanted = Wanted(
        rows,
        months,
        seed,
        cast("Kind", people),
        day(start, "--start") if start else START,
        engines,
        played,
        archived=keep is not None,
    )
    # An office of its own: neither its ledger nor its engine is the one that the environment names.
    shut_out("TEMPORAL_", "KHOOSHEH_")
    with _stopping_in_order(), _folder(keep) as data:
        rehearsed = _run(office, wanted, data)
        if keep is not None:
            seal_rehearsal(data, office.screen)
    _show(office, rehearsed)


def _rows(file: Path, sample: int | None, seed: int) -> tuple[Row, ...]:
    from adapters.tables import read_table
    from client.sheet import check, known_words
    from rehearsal.chance import Chance
    from rehearsal.premises import sampled

    loaded, table = methodology(), read_table(file)
    known = known_words(loaded.methodology, loaded.words, provinces())
    # A status may be younger than the first virtual day: the sheet is judged by the last day the calendar knows.
    checked = check(table.heading, table.rows, known, calendar().estimated_until)
    chance = Chance(seed, "sample")
    return tuple(sampled(checked.rows, sample, lambda cluster: chance.between(0, 2**48, cluster)))


def _reference() -> Reference:
    from rehearsal.premises import Reference

    sheets = tuple(FOLDER / "directory" / name for name in PEOPLE)
    return Reference(methodology().methodology, calendar(), sheets, frozenset(one["province"] for one in provinces()))


def _run(office: Office, wanted: Wanted, data: Path) -> Rehearsed:
    from rehearsal.course import Course
    from rehearsal.engine import EngineFailed
    from rehearsal.rehearsing import rehearse as run
    from rehearsal.report import progress_words
    from rehearsal.timeline import NotSettled
    from rehearsal.words import said

    with office.screen.progress(said("starting", office.lang), wanted.months) as bar:
        task = bar.task_ids[0]

        def _told(month: int, course: Course) -> None:
            words = progress_words(office.lang, month, course.handed_over, course.facts)
            bar.update(task, completed=month, description=words)

        try:
            return asyncio.run(_cancelled_in_order(run(wanted, _reference(), data, _told)))
        except _Stopped as stopped:
            raise SystemExit(128 + stopped.args[0]) from None
        except (EngineFailed, NotSettled) as fault:
            raise Unreachable("rehearsal", detail=str(fault)) from None


class _Stopped(Exception):
    """Told to stop while the engines ran; they run no more."""


def _stops() -> list[int]:
    """The signals by which somebody tells us to stop; one that is ignored, as under nohup, stays so."""
    return [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) != signal.SIG_IGN]


@contextmanager
def _stopping_in_order() -> Iterator[None]:
    """Told to stop, the rehearsal ends as by an error: its folder is removed."""

    def _stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, _stop) for number in _stops()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def _cancelled_in_order(work: Coroutine[Any, Any, Rehearsed]) -> Rehearsed:
    """The work, which is cancelled when we are told to stop. Raises _Stopped.

    A handler that raises here would break off the loop in the midst of a step; who waits for its end waits for ever.
    """
    loop, task, told = asyncio.get_running_loop(), asyncio.current_task(), list[int]()

    def _stop(number: int) -> None:
        told.append(number)
        if task is not None:
            task.cancel()

    for number in _stops():
        loop.add_signal_handler(number, _stop, number)
    try:
        return await work
    except asyncio.CancelledError:
        if told:
            raise _Stopped(told[0]) from None
        raise


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Where the rehearsal's data lie: in the folder to be kept, or in one that is gone afterwards."""
    if keep is not None:
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="khoosheh-rehearsal-") as folder:
        yield Path(folder)


def _show(office: Office, rehearsed: Rehearsed) -> None:
    from rehearsal.report import Report, as_object, is_sound

    office.screen.result(as_object(rehearsed))
    report = Report(rehearsed, methodology().methodology, office.lang, title=title, duty_title=duty_title)
    first, *more = report.heading()
    office.screen.line(first, "bold")
    for line in [*more, ""]:
        office.screen.line(line)
    for section in report.sections():
        office.screen.table(section.headings, section.rows, section.title)
    for line, style in report.proof():
        office.screen.line(line, style)
    if not is_sound(rehearsed):
        raise Findings
