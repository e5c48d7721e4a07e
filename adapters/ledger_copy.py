"""A copy of a ledger that others go on appending to: always one SQLite file, whichever database keeps the ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adapters.sqlite_copy import copy_database, no_writer


def copy_ledger(place: str, to: Path, meanwhile: Callable[[], None]) -> None:
    """`to` is a ledger with all that was sealed at one moment. `meanwhile` is done at that moment: nobody appends."""
    with no_writer(Path(place)):
        copy_database(Path(place), to)
        meanwhile()
