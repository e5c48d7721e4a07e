"""`recover`: a cluster whose workflow is lost, or was tampered with, lives on from the record."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from cli.acting import As, person_id
from cli.command import command
from cli.errors import Findings, Unreachable, no_such
from cli.forgetting import Second
from cli.office import OFFICE, Office, now
from cli.on_record import asked_by, refusals_on_record
from cli.reconciliation import reconciler, tell
from cli.reference import calendar
from domain.events import RecoveryReason

if TYPE_CHECKING:
    from domain.recording import Receipt

REASONS = get_args(RecoveryReason)
MAY, MAY_CONFIRM = ("national_office",), ("national_office", "senior_supervisor")


@command
def recover(
    office: Office,
    cluster: Annotated[str, typer.Argument(help="The cluster's id; `audit reconcile` says which ones need it.")],
    *,
    reason: Annotated[str, typer.Option(metavar="|".join(REASONS), help="What happened; goes on record.")],
    second: Second,
    person: As = None,
) -> None:
    """Make a cluster's workflow anew from its sealed entries, after two people have looked at them.

    The run that is open, if any, is ended; a new one begins where the record ends, and the recovery is its first
    entry. Refused when nothing calls for it. Broken off, the same command goes on.

    Example:
      khoosheh recover qom-carpet --as p-0001 --second p-0002 --reason terminated
    """
    if reason not in REASONS:
        raise no_such("--reason", reason, REASONS)
    receipt = asyncio.run(_recover(office, cluster, reason, person, second))
    office.screen.result({"cluster": cluster, "seq": receipt.seq, "head": receipt.head.model_dump()})
    office.screen.line(office.screen.say("screen.recovered", seq=office.screen.count(receipt.seq)), "bold green")


async def _recover(office: Office, cluster: str, reason: str, person: str | None, second: str) -> Receipt:
    from client.ids import command_id
    from client.programme import Unknown
    from client.recovering import Recovery, RepairFirst
    from client.signatories import signed_by

    first, id = person_id(person) if person else OFFICE.person, command_id(now())
    other = person_id(second, "--second")
    with office.writing() as ledger, refusals_on_record(ledger, asked_by(first, "Recover", cluster, id=id)):
        signed = signed_by(ledger, first, other, calendar().day_of(now()), may=MAY, may_confirm=MAY_CONFIRM)
        programme = await office.programme(ledger)
        client = await office.connected()
        recovery = Recovery(client, ledger, programme, reconciler(office, client, ledger), clock=now,
                            task_queue=office.settings.task_queue)  # fmt: skip
        try:
            return await recovery.recover(cluster, signed, reason, id)  # type: ignore[arg-type]  # one of REASONS
        except Unknown:
            raise Unreachable("recovery", cluster=cluster) from None
        except RepairFirst as first:
            tell(office, [first.checked])
            raise Findings from None
