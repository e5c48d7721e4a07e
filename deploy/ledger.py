"""The database of an office has the schema of this version, and its user may append: `deploy/ledger.py DATA`.

LEDGER_OWNER in the environment is the address of the database's owner, who may make roles; the office's own address is
the setting `ledger`. To be run before the first start and after each upgrade; again, it changes nothing.
"""  # noqa: INP001 - a script

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapters.ledger_at import prepare_at
from cli.command import language
from cli.errors import WrongUse, told
from cli.output import Screen
from ledger.place import shown
from settings import Settings


def main() -> None:
    """Says what is ready; ends with the exit codes of the programme."""
    parser = argparse.ArgumentParser(description="Prepares the PostgreSQL database of an office's ledger.")
    parser.add_argument("data", type=Path, metavar="DATA", help="the office's data folder")
    data = parser.parse_args().data
    screen = Screen(language(), json=False, quiet=False)
    with told(screen):
        owner = os.environ.get("LEDGER_OWNER", "")
        if not owner:
            raise WrongUse("ledger_owner")
        place = Settings.read(data).ledger_place
        prepare_at(owner, place)
        screen.line(screen.say("screen.ledger_prepared", place=shown(place)))


if __name__ == "__main__":
    main()
