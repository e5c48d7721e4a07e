"""The doctor's look at what the office's rounds found: whether record and engine said the same when last asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.check import Check

if TYPE_CHECKING:
    from cli.office import Office
    from ledger.store import Entries

MOST_NAMED = 5


def differences(office: Office, ledger: Entries) -> Check:
    """Broken while a round's finding stands."""
    from ledger.repairs import STREAM, Repaired

    kept = ledger.snapshot(STREAM)
    standing = sorted(Repaired.model_validate_json(kept.state_json).open) if kept else []
    if not standing:
        return Check("differences", "ok", "0")
    named = ", ".join(standing[:MOST_NAMED])
    return Check("differences", "broken", f"{len(standing)}: {named}", office.screen.say("mend.differences"))
