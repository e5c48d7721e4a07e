"""`ledger rebuild-views`: heads, states and views, made anew from the entries alone."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.acting import As
from cli.command import command
from cli.errors import Findings
from cli.office import Office
from cli.reconciliation import done_forms, show_done, stamp_of, tell


@command
def rebuild_views(
    office: Office,
    streams: Annotated[list[str] | None, typer.Argument(metavar="[STREAM]...", help="cluster/… or directory …")] = None,
    *,
    person: As = None,
) -> None:
    """Make heads, states and views follow from the entries again; those that do are left alone. No engine is needed.

    Each stream in a transaction of its own: whoever reads meanwhile sees all of it as it was, or all of it anew.
    A stream whose entries are not whole is refused, as nothing follows from those.

    Examples:
      khoosheh ledger rebuild-views
      khoosheh ledger rebuild-views cluster/qom-carpet
    """
    from client.rebuilding import rebuilt
    from client.reconciling import Checked
    from ledger.inspection import NotWhole
    from ledger.reconciliation import judge_record

    with office.writing() as ledger:
        stamp = stamp_of(office, ledger, person, "rebuild_views")
        names = streams or [stream for stream, _ in ledger.streams()]
        with office.screen.progress(office.screen.say("screen.rebuilding"), len(names)) as bar:
            try:
                done = rebuilt(ledger, names, stamp, office.settings.build, lambda: bar.advance(bar.task_ids[0]))
            except NotWhole as fault:
                tell(office, [Checked(fault.found.stream, list(judge_record(fault.found, {})), fault.found)])
                raise Findings from None
    changed = done_forms(done)
    office.screen.result({"streams": len(names), "repaired": changed})
    show_done(office, changed)
    if not changed:
        office.screen.line(office.screen.say("screen.rebuilt_nothing", n=office.screen.count(len(names))), "bold green")
