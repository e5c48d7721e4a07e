"""`audit`: what somebody does who trusts neither the office nor us; one file for each verb."""

from __future__ import annotations

import typer

from cli.audit_diff import diff
from cli.audit_exceptions import exceptions
from cli.audit_export import export
from cli.audit_log import log
from cli.audit_proof import proof
from cli.audit_reconcile import reconcile
from cli.audit_replay import replay
from cli.audit_sample import sample
from cli.audit_timeline import timeline
from cli.audit_verify import verify
from cli.audit_witness import witness
from cli.help import Command
from cli.on_record import watched
from cli.usage import Commands

audit = typer.Typer(
    cls=Commands, help="The auditor's tools: they read the record and change nothing in it.", no_args_is_help=True,
    rich_markup_mode=None,
)  # fmt: skip

for name, run in (
    ("timeline", timeline),
    ("diff", diff),
    ("exceptions", exceptions),
    ("sample", sample),
    ("log", log),
    ("verify", verify),
    ("replay", replay),
    ("proof", proof),
    ("export", export),
    # A further verb: one line here and its file `cli/audit_<verb>.py`.
):
    audit.command(name, cls=Command)(watched(f"audit {name}", run, always=True))

# Shows nobody's record, and has to look at a ledger that was just restored without adding to it.
audit.command("reconcile", cls=Command)(reconcile)
# Neither shows anything of the record, and both must work on one that nobody may or can write to any more.
audit.command("verify", cls=Command)(verify)
audit.add_typer(witness, name="witness")
