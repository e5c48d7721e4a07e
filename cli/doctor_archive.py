"""The doctor's look at the archive: its store takes what it is given, once, and no ended run is near to being lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cli.check import Check
from cli.errors import Unreachable
from cli.office import now

if TYPE_CHECKING:
    from temporalio.client import Client

    from cli.office import Office

SHOWN = 3


def store(office: Office) -> Check:
    """The store can be used as settings name it."""
    from adapters.objects_at import objects_at
    from ledger.objects import ObjectsUnusable

    address = office.settings.archive_address
    try:
        objects_at(address)
    except ObjectsUnusable as unusable:
        mend = office.screen.say(f"mend.archive_{unusable.code}", detail=unusable.detail)
        return Check("archive", "broken", f"{unusable.code}: {unusable.detail}", mend)
    return Check("archive", "ok", str(address))


async def late(office: Office, client: Client) -> list[Check]:
    """Runs that ended long ago and are not archived: the engine lets go of them when their retention is over."""
    from client.sweeping import PART_OF_RETENTION, unarchived
    from ledger.store import LedgerUnusable

    settings = office.settings
    before = now() - timedelta(days=settings.retention_days) / PART_OF_RETENTION
    try:
        with office.reading() as ledger:
            left = await unarchived(client, ledger, before)
    except (Unreachable, LedgerUnusable):
        return []  # which the check of the ledger itself says
    if not left:
        return [Check("archived", "ok", "0")]
    shown = ", ".join(map(str, left[:SHOWN]))
    mend = office.screen.say("mend.archive_late", log=settings.path("logs") / "worker.log")
    return [Check("archived", "broken", f"archive_late: {len(left)}; {shown}", mend)]
