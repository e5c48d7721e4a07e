"""`audit reconcile`: do engine and ledger say the same, and what mends it where they do not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import command
from cli.errors import Findings
from cli.office import Office
from cli.reconciliation import archive, each, log_form, reconciler, tell, wanted

if TYPE_CHECKING:
    from client.reconciling import Checked


@command
def reconcile(
    office: Office,
    clusters: Annotated[list[str] | None, typer.Argument(metavar="[CLUSTER]...", help="Which clusters.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every cluster, and the office's own streams.")] = False,
) -> None:
    """Hold the record against the engine: entries, heads, views, states, runs, and everything that came in.

    Finds what was changed in the database, what was done to a workflow past its door (reset, terminate, updates), and
    what one side has and the other lacks. Each finding names the command that puts it right. Ends with 1 on findings.

    Examples:
      khoosheh audit reconcile qom-carpet
      khoosheh audit reconcile --all --json
    """
    streams = wanted(clusters, every=every)
    if not tell(office, asyncio.run(_checked(office, streams))):
        raise Findings


async def _checked(office: Office, streams: list[str]) -> list[Checked]:
    from client.lost_documents import lost
    from client.published_log import PublishedLog
    from ledger.erasure import erasures

    with office.reading() as ledger:
        ours = reconciler(office, await office.connected(), ledger)
        gone = erasures(ledger)

        async def check(stream: str) -> Checked:
            found = await ours.check(stream)
            return replace(found, findings=[*found.findings, *lost(found.ledger.facts, office.documents, gone)])

        checked = await each(office, streams, ours.streams, check)
        if not streams:
            published = PublishedLog(ledger, lambda: archive(office))
            checked += [log_form(one) for one in published.check().findings]
        return checked
