"""The command line of Khoosheh: puts the commands of `cli` together. `python starter.py`, installed as `khoosheh`."""

from __future__ import annotations

import sys

import typer

from cli.audit import audit
from cli.backup import backup, restore
from cli.board import board
from cli.command import spoken
from cli.directory import directory
from cli.do import do
from cli.doctor import doctor
from cli.documents import documents
from cli.duties import duties
from cli.errors import WRONG_USE
from cli.help import Command
from cli.ledger import ledger
from cli.on_record import watched
from cli.open import open_
from cli.recover import recover
from cli.rehearse import rehearse
from cli.seal import seal
from cli.show import show
from cli.up import up
from cli.usage import Commands
from cli.vocabulary import vocabulary
from client.ending import run_to_end

ABOUT = """Khoosheh (خوشه) runs a national programme of business-cluster development.

First steps:
  khoosheh up
  khoosheh directory import FILE
  khoosheh open FILE
  khoosheh board

Exit codes: 0 done · 1 refused, or findings · 2 wrong use · 3 engine or ledger cannot be reached.
"""

app = typer.Typer(
    cls=Commands, name="khoosheh", help=ABOUT, no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]}, rich_markup_mode=None,
)  # fmt: skip

for name, run in (
    ("up", up), ("open", open_), ("do", do), ("board", board), ("show", show), ("duties", duties),
    ("vocabulary", vocabulary), ("doctor", doctor), ("rehearse", rehearse),
    ("backup", backup), ("restore", restore), ("recover", recover), ("seal", seal),
    # A further command: one line here and its file in cli/.
):  # fmt: skip
    # What an auditor is shown is on record, and who takes all of it out.
    is_watched, always = name in ("board", "show", "duties", "backup"), name == "backup"
    app.command(name, cls=Command)(watched(name, run, always=always) if is_watched else run)
app.add_typer(directory, name="directory")
app.add_typer(audit, name="audit")
app.add_typer(documents, name="documents")
app.add_typer(ledger, name="ledger")


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    if not spoken(sys.argv[1:]):
        sys.exit(WRONG_USE)
    run_to_end(app)


if __name__ == "__main__":
    main()
