"""`audit replay`: each cluster's years told three ways, and the first fact where two of them part."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.command import command
from cli.errors import Findings, Unreachable, WrongUse, no_such
from cli.office import Office

if TYPE_CHECKING:
    from temporalio.client import Client

    from client.replay_audit import ReplayAudit, Told

SHORT = len("sha256:") + 12
LISTING = "khoosheh board"


@command
def replay(
    office: Office,
    clusters: Annotated[list[str] | None, typer.Argument(metavar="CLUSTER", help="Those; none: all.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no engine, even where one runs.")] = False,
    code: Annotated[Path | None, typer.Option(help="The folder of another build, whose code replays.")] = None,
    processes: Annotated[int, typer.Option(min=0, help="So many at once; 0: one a processor.")] = 0,
) -> None:
    """Replay every kept history with the workflow's code, and hold the record against what comes of it.

    Three ways lead to a cluster's state: folding its sealed facts, replaying the histories of the archive, and asking
    the living workflow where an engine answers. They must end in the same state, and each fact of the replay must be
    the sealed one byte for byte; where it is not, the first one is named. What is archived needs no server.

    Ends with 1 where two ways part.

    Example:
      khoosheh audit replay
      khoosheh audit replay qom-carpet --json
    """
    began = monotonic()
    build, number = _code(code), processes or _processors()
    told = asyncio.run(_told(office, clusters or [], offline=offline, code=build, processes=number))
    ok = all(one.ok for one in told)
    office.screen.result({
        "ok": ok, "clusters": [_form(one) for one in told],
        "history_events": sum(one.history_events for one in told), "seconds": round(monotonic() - began, 3),
    })  # fmt: skip
    _show(office, told)
    if not ok:
        raise Findings


async def _told(office: Office, wanted: list[str], *, offline: bool, code: Path | None, processes: int) -> list[Told]:
    from adapters.objects_at import objects_at
    from client.replay_audit import ReplayAudit
    from client.replayers import Replayers
    from ledger.archive import STREAM, archived_in
    from ledger.projection import PREFIX

    client = None if offline or office.settings.rehearsal else await _engine(office)
    with office.reading() as ledger:
        known = [stream.removeprefix(PREFIX) for stream, _ in ledger.streams(PREFIX)]
        for cluster in wanted:
            if cluster not in known:
                raise no_such("cluster", cluster, known, LISTING)
        archived = archived_in(ledger.entries(STREAM))
        replayers = Replayers(processes, code)
        objects = cache(lambda: objects_at(office.settings.archive_address))
        try:
            audit = ReplayAudit(ledger, archived, objects, replayers, client)
            return await _each(office, audit, wanted or known, processes)
        finally:
            await replayers.close()


async def _each(office: Office, audit: ReplayAudit, clusters: Sequence[str], processes: int) -> list[Told]:
    """All of them, as many at once as replay and one more, which is read meanwhile."""
    turns = asyncio.Semaphore(processes + 1)
    with office.screen.progress(office.screen.say("screen.replaying"), len(clusters)) as bar:

        async def _one(cluster: str) -> Told:
            async with turns:
                told = await audit.told(cluster)
            bar.advance(bar.task_ids[0])
            return told

        return await asyncio.gather(*map(_one, clusters))


async def _engine(office: Office) -> Client | None:
    try:
        return await office.connected()
    except Unreachable as fault:
        office.screen.note(
            office.screen.say("screen.replay_offline", why=office.screen.say(f"reach.{fault.key}", **fault.values))
        )
        return None


def _code(given: Path | None) -> Path | None:
    """Where the modules lie of the build in that folder, which may be a released one."""
    if given is None:
        return None
    for place in (given, given / "source"):
        if (place / "client" / "replaying.py").is_file():
            return place
    raise WrongUse("no_build", field="--code", given=given)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _form(told: Told) -> dict[str, Any]:
    findings = [{key: value for key, value in asdict(one).items() if value not in (None, "")} for one in told.findings]
    return asdict(told) | {"ok": told.ok, "findings": findings, "seconds": round(told.seconds, 3)}


def _show(office: Office, told: Sequence[Told]) -> None:
    screen, say = office.screen, office.screen.say
    good, bad = (say("state.ok"), "green"), (say("state.broken"), "bold red")
    headings = ("cluster", "runs", "events", "facts", "by_ledger", "by_replay", "by_workflow", "state")
    screen.table([say(f"screen.{key}") for key in headings], [
        (one.id, screen.figure(one.runs), screen.figure(one.history_events), screen.figure(one.facts),
         _short(one.ledger_digest), _short(one.replay_digest), _short(one.live_digest), good if one.ok else bad)
        for one in told
    ])  # fmt: skip
    for one in told:
        for finding in one.findings:
            screen.line(f"{one.id}: {say(f'replay_finding.{finding.kind}')}", "bold red")
            for line in _lines(office, finding):
                screen.line(f"  {line}")
        if one.beyond:
            screen.line(say("screen.replay_beyond", cluster=one.id, n=screen.figure(one.beyond)), "yellow")
    events = sum(one.history_events for one in told)
    wrong = sum(not one.ok for one in told)
    words = (
        say("screen.replay_parted", n=screen.figure(wrong))
        if wrong
        else say("screen.replay_same", n=screen.figure(len(told)))
    )
    screen.line(
        say("screen.replay_done", events=screen.figure(events), said=words), "bold red" if wrong else "bold green"
    )


def _lines(office: Office, finding: Any) -> list[str]:
    """What is known of a finding, one thing a line."""
    say, screen = office.screen.say, office.screen
    said = [
        ("chapter", screen.count(finding.run) if finding.run is not None else ""),
        ("entry", f"#{finding.seq} {finding.type or ''}".strip() if finding.seq is not None else ""),
        ("field", finding.field or ""),
        ("as_sealed", "" if finding.sealed is None else str(finding.sealed)),
        ("as_replayed", "" if finding.replayed is None else str(finding.replayed)),
        ("detail", finding.detail),
    ]
    return [f"{say(f'screen.{key}')}: {value[:400]}" for key, value in said if value]


def _short(digest: str | None) -> str:
    return digest[len("sha256:") : SHORT] if digest else "—"
