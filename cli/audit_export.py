"""`audit export`: the record, or what follows from it, as files to take away; each recorded before it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from cli.acting import As, person_id
from cli.asked import Province, province_of
from cli.command import command
from cli.errors import WrongUse, no_such
from cli.office import OFFICE, Office, now
from cli.reference import duty_title, province_name, title
from domain.recording import Actor, Cause, Fact
from ledger.exports import MOST_SCOPES, ExportMade, Stood
from ledger.projection import PREFIX

if TYPE_CHECKING:
    from adapters.ledger_sql import SqlLedger
    from exports.report.standing import Standing
    from ledger.store import Extent


class Wanted(NamedTuple):
    """What is exported: the clusters by id, and the same in the words of the record."""

    format: str
    clusters: tuple[str, ...]
    scope: tuple[str, ...]
    extent: Extent
    checkpoint: Stood | None
    at: datetime


@command
def export(  # noqa: PLR0917 - the options of one command
    office: Office,
    out: Annotated[Path, typer.Option(help="The folder the files are written to; none of them may be there yet.")],
    format: Annotated[str, typer.Option(metavar="csv|xlsx|ocel|pdf", help="What is made.")] = "csv",
    cluster: Annotated[list[str] | None, typer.Option(help="Only this cluster; can be said again.")] = None,
    province: Province = None,
    person: As = None,
) -> None:
    """Take the record out: tables (csv, xlsx), an event log for process mining (ocel), a report to read (pdf).

    Who took what is itself recorded, with the digest of each file, before the file has its name.

    Examples:
      khoosheh audit export --out /safe/place --format xlsx --province qom
      khoosheh audit export --out /safe/place --format pdf --lang fa
    """
    from exports.making import PARTS

    if format not in PARTS:
        raise no_such("--format", format, PARTS)
    if format == "pdf":
        _check_reports()
    with office.writing() as ledger:
        wanted = _wanted(ledger, format, cluster or [], province_of(province))
        actor = _actor(office, ledger, person, wanted)
        places = [out / f"khoosheh-{wanted.extent.size}{part.ending}" for part in PARTS[format]]
        for place in places:
            if place.exists():
                raise WrongUse("file_there", field="--out", given=place)
        facts = _make(office, ledger, wanted, places, actor)
    _tell(office, wanted, places, facts)


def _wanted(ledger: SqlLedger, format: str, named: Sequence[str], province: str | None) -> Wanted:
    """Everything that was asked for is there. Wrong use otherwise."""
    from exports.making import MOST_ENTRIES

    extent = ledger.extent()
    known = [stream.removeprefix(PREFIX) for stream in extent.heads if stream.startswith(PREFIX)]
    for one in named:
        if one not in known:
            raise no_such("cluster", one, known, "khoosheh board")
    if named and province:
        raise WrongUse("clusters_or_province", field="--province")
    if len(named) > MOST_SCOPES:
        raise WrongUse("too_many_clusters", field="--cluster", allowed=[f"1–{MOST_SCOPES}"], most=MOST_SCOPES)
    clusters, scope = tuple(dict.fromkeys(named)), tuple(PREFIX + one for one in dict.fromkeys(named))
    if province:
        there = {row["cluster_id"] for row in ledger.portfolio(provinces=[province])}
        clusters, scope = tuple(one for one in known if one in there), (f"province/{province}",)
    elif not named:
        clusters, scope = tuple(known), ("nation",)
    if not clusters:
        raise WrongUse("nothing_to_export", field="--province" if province else "")
    entries = sum(extent.heads[PREFIX + one].seq for one in clusters)
    if (most := MOST_ENTRIES.get(format)) is not None and entries > most:
        raise WrongUse("too_many_entries", field="--format", allowed=["csv"], entries=entries, most=most)
    return Wanted(format, clusters, scope, extent, None, now())


def _actor(office: Office, ledger: SqlLedger, person: str | None, wanted: Wanted) -> Actor:
    """Who takes it out, in a role that reaches all of it. Refused when there is none."""
    if person is None:
        return OFFICE
    return office.directory(ledger).resolve_over(person_id(person), wanted.scope)


def _make(
    office: Office, ledger: SqlLedger, wanted: Wanted, places: Sequence[Path], actor: Actor
) -> list[Fact]:  # fmt: skip
    """The files have their names, and facts about them."""
    from adapters.exports import About, ExportStream
    from adapters.office_stream import Stamp
    from adapters.whole_file import Draft
    from exports.case import cases
    from exports.making import PARTS, filling
    from exports.wording import Wording

    def _about(part: str | None) -> About:
        return lambda digest, size: ExportMade.model_validate({
            "format": wanted.format, "part": part, "digest": digest, "size": size, "scope": wanted.scope,
            "read_until": wanted.extent.size, "checkpoint": wanted.checkpoint,
        })  # fmt: skip

    wording = Wording(office.lang, title, duty_title, province_name)
    stamp = Stamp(actor, Cause(kind="command", ref="audit export"), wanted.at, "local_key")
    screen, standing = office.screen, _standing(office, wanted, actor)
    bar = screen.progress(screen.say("export.reading"), len(wanted.clusters))

    def _told(page: int) -> None:
        bar.update(bar.task_ids[0], description=screen.say("export.setting", page=screen.count(page)))

    with ExitStack() as stack:
        drafts = [stack.enter_context(Draft(place)) for place in places]
        files = [draft.file for draft in drafts]
        with bar, filling(wanted.format, files, wording, standing, _told) as add:
            for case in cases(ledger, wanted.extent, wanted.clusters, wanted.at):
                add(case)
                bar.advance(bar.task_ids[0])
        abouts = [_about(part.key) for part in PARTS[wanted.format]]
        stream = ExportStream(ledger, office.settings.build)
        return stream.hand_out(list(zip(drafts, abouts, strict=True)), stamp)


def _check_reports() -> None:
    """Wrong use where no report can be set, before anything is read or written."""
    from exports.report.document import PACKAGES, ReportsUnusable, ready

    try:
        ready()
    except ReportsUnusable as unusable:
        if unusable.code == "reports_missing":
            raise WrongUse("reports_missing", field="--format") from None
        raise WrongUse("pango_missing", field="--format", packages=" ".join(PACKAGES)) from None


def _standing(office: Office, wanted: Wanted, actor: Actor) -> Standing:
    from exports.report.standing import Standing

    return Standing(_scope_words(office, wanted), wanted.at, actor.person, title("role", actor.role, office.lang),
                    wanted.extent.size)  # fmt: skip


def _scope_words(office: Office, wanted: Wanted) -> list[str]:
    """What the report is of, as its title page says it."""
    level, _, place = wanted.scope[0].partition("/")
    if level == "cluster":
        return list(wanted.clusters)
    name = province_name(place, office.lang) if level == "province" else office.screen.say("report.scope_all")
    return [f"{name} ({office.screen.count(len(wanted.clusters))})"]


def _tell(office: Office, wanted: Wanted, places: Sequence[Path], facts: Sequence[Fact]) -> None:
    screen, say = office.screen, office.screen.say
    files: list[dict[str, Any]] = [
        {"file": str(place), "digest": fact.data["digest"], "size": fact.data["size"], "seq": fact.seq}
        for place, fact in zip(places, facts, strict=True)
    ]
    screen.result({
        "format": wanted.format, "files": files, "scope": wanted.scope, "clusters": len(wanted.clusters),
        "read_until": wanted.extent.size, "by": facts[0].actor.person,
        "checkpoint": wanted.checkpoint.model_dump() if wanted.checkpoint else None,
    })  # fmt: skip
    headings = [say(f"export.{key}") for key in ("file", "size", "fact", "digest")]
    screen.table(headings, [
        (one["file"], screen.figure(one["size"]), screen.count(one["seq"]), one["digest"]) for one in files
    ])  # fmt: skip
    screen.line(say("export.read_until", clusters=screen.count(len(wanted.clusters)),
                    size=screen.figure(wanted.extent.size)), "dim")  # fmt: skip
