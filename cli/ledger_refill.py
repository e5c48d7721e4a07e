"""`ledger refill`: the log as it was published and signed, back in the ledger, before anything else is done with it."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.acting import As
from cli.command import command
from cli.errors import Findings
from cli.forgetting import complete_erasures
from cli.office import Office
from cli.reconciliation import archive, done_forms, log_form, show_done, stamp_of, tell


@command
def refill(
    office: Office,
    *,
    owner: Annotated[
        str, typer.Option(envvar="KHOOSHEH_LEDGER_OWNER", metavar="ADDRESS", help="Who owns the tables of a server.")
    ] = "",
    person: As = None,
) -> None:
    """Put back every entry of the published log, at its place, after an older ledger was restored. Needs no engine.

    To be done before `up`: what is sealed on an older ledger meanwhile takes the places of other entries, and then
    nothing is changed. What is younger than the last checkpoint comes from the histories, by `ledger repair --all`.

    Example:
      khoosheh ledger refill --data ~/khoosheh
    """
    from client.published_log import PublishedLog
    from client.refilling import refilled
    from ledger.inspection import Forked
    from ledger.reconciliation import Told

    with office.writing() as ledger:
        ledger.owner = owner
        stamp = stamp_of(office, ledger, person, "refill")
        published = PublishedLog(ledger, lambda: archive(office))
        try:
            done = refilled(ledger, published, stamp, office.settings.build)
        except Forked as fault:
            forked = Told("conflict", "log_forked", "restore", {"stream": fault.stream})
            tell(office, [log_form(forked)])
            raise Findings from None
        complete_erasures(office, ledger)  # what came back may say that something was erased
        left = published.check().findings
    changed = done_forms(done)
    show_done(office, changed)
    if not tell(office, [log_form(one) for one in left], repaired=changed):
        raise Findings
