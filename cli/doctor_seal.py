"""The doctor's look at the seal: the log is signed, and nothing waits for it too long."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cli.check import Check
from cli.errors import Unreachable, ledger_words
from cli.office import now
from cli.sealing import signer_of

if TYPE_CHECKING:
    from cli.office import Office

TOO_LONG = timedelta(minutes=10)
"""Sealing looks once a minute; who has not been sealed after ten is not going to be."""


def seal(office: Office) -> Check:
    """How much of the ledger is under a checkpoint, and since when the first entry waits that is not."""
    from adapters.signer_folder import SignerUnusable
    from ledger.store import LedgerUnusable

    say = office.screen.say
    try:
        with office.reading() as ledger:
            size = ledger.extent().size
            standing = signer_of(office).standing()
            sealed = standing.last.size if standing.last else 0
            waiting = ledger.log(sealed, 1)
    except Unreachable:
        return Check("seal", "attention", "", say("mend.no_office", data=office.data))
    except LedgerUnusable as unusable:
        return Check("seal", "attention", unusable.code, ledger_words(office.screen, unusable.code, unusable.detail))
    except SignerUnusable as unusable:
        state = "attention" if unusable.code == "signer_missing" else "broken"
        return Check("seal", state, unusable.code, say(f"reach.{unusable.code}", detail=unusable.detail))
    detail = say("screen.sealed_of", sealed=office.screen.figure(sealed), size=office.screen.figure(size))
    if size < sealed:
        return Check("seal", "broken", detail, say("sealing.sign_shrunk", detail=f"{standing.origin} {sealed}"))
    if waiting and not office.settings.rehearsal and _waits(waiting[0]) > TOO_LONG:
        log = office.settings.path("logs") / "sealing.log"
        minutes = office.screen.count(int(_waits(waiting[0]) / timedelta(minutes=1)))
        return Check("seal", "attention", detail, say("mend.seal", minutes=minutes, log=log))
    return Check("seal", "ok", f"{detail}, {standing.origin}")


def _waits(placed: Any) -> timedelta:
    from ledger.entry import fact_of

    return now() - fact_of(placed.leaf).recorded_at
