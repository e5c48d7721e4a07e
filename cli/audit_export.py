"""`audit export`: the record, or what follows from it, as files to take away; each recorded before it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.acting import As, person_id
from cli.asked import Province, province_of
from cli.command import command
from cli.errors import WrongUse, no_such
from cli.exporting import Wanted, make
from cli.office import OFFICE, Office, now
from domain.recording import Fact
from ledger.exports import MOST_SCOPES
from ledger.projection import PREFIX

if TYPE_CHECKING:
    from adapters.ledger_sql import SqlLedger
    from ledger.newest import Newest
    from ledger.objects import Objects
    from ledger.store import Extent


@command
def export(  # noqa: PLR0917 - the options of one command
    office: Office,
    out: Annotated[Path, typer.Option(help="The folder the files are written to; none of them may be there yet.")],
    format: Annotated[str, typer.Option(metavar="bundle|csv|xlsx|ocel|pdf", help="What is made.")] = "bundle",
    cluster: Annotated[list[str] | None, typer.Option(help="Only this cluster; can be said again.")] = None,
    province: Province = None,
    without_histories: Annotated[
        bool, typer.Option("--without-histories", help="A bundle without the archived histories, which is small.")
    ] = False,
    person: As = None,
) -> None:
    """Take the record out: whole and provable in one file (bundle), as tables (csv, xlsx), an event log for process
    mining (ocel), or a report to read (pdf).

    Who took what is itself recorded, with the digest of each file, before the file has its name. A bundle holds the
    whole log up to its newest checkpoint.

    Examples:
      khoosheh audit export --out /safe/place
      khoosheh audit export --out /safe/place --format xlsx --province qom
      khoosheh audit export --out /safe/place --format pdf --lang fa
    """
    from adapters.objects_at import objects_at
    from exports.making import PARTS

    if format not in PARTS:
        raise no_such("--format", format, PARTS)
    if format == "bundle" and (cluster or province):
        raise WrongUse("bundle_is_whole", field="--cluster" if cluster else "--province")
    if format == "pdf":
        _check_reports()
    with office.writing() as ledger:
        objects, extent = objects_at(office.settings.archive_address), ledger.extent()
        clusters, scope = _asked_for(ledger, extent, cluster or [], province_of(province))
        _check_room(format, sum(extent.heads[PREFIX + one].seq for one in clusters))
        actor = OFFICE if person is None else office.directory(ledger).resolve_over(person_id(person), scope)
        newest = _newest(ledger, objects, extent)
        if format == "bundle" and newest is None:
            raise WrongUse("not_sealed", field="--format")
        wanted = Wanted(format, clusters, scope, extent, newest, actor, now(), not without_histories)
        places = [out / f"khoosheh-{wanted.read_until}{part.ending}" for part in PARTS[format]]
        for place in places:
            if place.exists():
                raise WrongUse("file_there", field="--out", given=place)
        facts = make(office, ledger, objects, wanted, places)
    _tell(office, wanted, places, facts)


def _asked_for(
    ledger: SqlLedger, extent: Extent, named: Sequence[str], province: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The clusters, and the same as scopes. Wrong use when there is no such cluster, or none at all."""
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
    return clusters, scope


def _check_room(format: str, entries: int) -> None:
    """Wrong use of a format that cannot hold so many."""
    from exports.making import MOST_ENTRIES

    if (most := MOST_ENTRIES.get(format)) is not None and entries > most:
        raise WrongUse("too_many_entries", field="--format", allowed=["csv"], entries=entries, most=most)


def _check_reports() -> None:
    """Wrong use where no report can be set, before anything is read or written."""
    from exports.report.document import PACKAGES, ReportsUnusable, ready

    try:
        ready()
    except ReportsUnusable as unusable:
        if unusable.code == "reports_missing":
            raise WrongUse("reports_missing", field="--format") from None
        raise WrongUse("pango_missing", field="--format", packages=" ".join(PACKAGES)) from None


def _newest(ledger: SqlLedger, objects: Objects, extent: Extent) -> Newest | None:
    """What the export stands on. Wrong use when the newest checkpoint is not signed as the log says it must be."""
    from ledger.checkpoint import CheckpointRefused
    from ledger.newest import newest
    from ledger.notes import NoteRefused

    try:
        return newest(ledger, objects, extent.size)
    except (CheckpointRefused, NoteRefused) as fault:
        raise WrongUse("checkpoint_wrong", detail=fault.code) from None


def _tell(office: Office, wanted: Wanted, places: Sequence[Path], facts: Sequence[Fact]) -> None:
    screen, say = office.screen, office.screen.say
    files: list[dict[str, Any]] = [
        {"file": str(place), "digest": fact.data["digest"], "size": fact.data["size"], "seq": fact.seq}
        for place, fact in zip(places, facts, strict=True)
    ]
    unsealed = wanted.extent.size - (wanted.stood.size if wanted.stood else 0)
    screen.result({
        "format": wanted.format, "files": files, "scope": wanted.scope, "clusters": len(wanted.clusters),
        "read_until": wanted.read_until, "by": wanted.actor.person, "unsealed": unsealed,
        "checkpoint": wanted.stood.model_dump() if wanted.stood else None,
    })  # fmt: skip
    headings = [say(f"export.{key}") for key in ("file", "size", "fact", "digest")]
    screen.table(headings, [
        (one["file"], screen.figure(one["size"]), screen.count(one["seq"]), one["digest"]) for one in files
    ])  # fmt: skip
    screen.line(say("export.read_until", clusters=screen.count(len(wanted.clusters)),
                    size=screen.figure(wanted.read_until)), "dim")  # fmt: skip
    if unsealed:
        screen.note(say("export.unsealed", n=screen.figure(unsealed)))
