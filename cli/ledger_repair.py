"""`ledger repair`: what can be put right by a word, because nothing is decided by it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from cli.acting import As
from cli.command import command
from cli.errors import Findings
from cli.office import Office
from cli.reconciliation import archive, done_forms, each, reconciler, show_done, stamp_of, tell, wanted

if TYPE_CHECKING:
    from client.reconciling import Checked
    from domain.values import Frozen


@command
def repair(
    office: Office,
    clusters: Annotated[list[str] | None, typer.Argument(metavar="[CLUSTER]...", help="Which clusters.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every cluster, and the office's own streams.")] = False,
    owner: Annotated[
        str, typer.Option(envvar="KHOOSHEH_LEDGER_OWNER", metavar="ADDRESS", help="Who owns the tables of a server.")
    ] = "",
    person: As = None,
) -> None:
    """Put back entries as the histories have them, byte for byte; make heads, states and views follow; release.

    Whatever is done goes on record, in the stream `repairs`. What needs a decision is left, and named with its
    command. On a server, sealed rows are put back by the owner of the tables alone. Ends with 1 when something is left.

    Examples:
      khoosheh ledger repair qom-carpet --as p-0001
      khoosheh ledger repair --all
    """
    streams = wanted(clusters, every=every)
    checked, done = asyncio.run(_mended(office, streams, person, owner))
    repaired = done_forms(done)
    show_done(office, repaired)
    if not tell(office, checked, repaired=repaired):
        raise Findings


async def _mended(
    office: Office, streams: list[str], person: str | None, owner: str
) -> tuple[list[Checked], list[Frozen]]:
    from client.repairing import Mender

    done: list[Frozen] = []
    with office.writing() as ledger:
        ledger.owner = owner
        stamp = stamp_of(office, ledger, person, "repair")
        client = await office.connected()
        ours = reconciler(office, client, ledger)
        mender = Mender(client, ledger, ours, lambda: archive(office), office.settings.build)

        async def mended(stream: str) -> Checked:
            checked, facts = await mender.mend(stream, stamp)
            done.extend(facts)
            return checked

        return await each(office, streams, ours.streams, mended), done
