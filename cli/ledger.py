"""`ledger`: what an operator does to the record itself; one file for each verb."""

from __future__ import annotations

import typer

from cli.help import Command
from cli.ledger_rebuild_views import rebuild_views
from cli.ledger_refill import refill
from cli.ledger_repair import repair
from cli.usage import Commands

ledger = typer.Typer(
    cls=Commands, help="Put the record right: what follows from its entries, and entries from the histories.",
    no_args_is_help=True, rich_markup_mode=None,
)  # fmt: skip

for name, run in (("refill", refill), ("repair", repair), ("rebuild-views", rebuild_views)):
    ledger.command(name, cls=Command)(run)
