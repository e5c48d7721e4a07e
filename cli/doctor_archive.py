"""The doctor's look at the archive: its store takes what is given to it, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.check import Check

if TYPE_CHECKING:
    from cli.office import Office


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
