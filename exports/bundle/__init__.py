"""What goes into every bundle beside the log: one page of instructions, and the program that checks it."""

from __future__ import annotations

from pathlib import Path

import ledger
from adapters.bundle import Enclosed

README = Path(__file__).with_name("README.md")
PROGRAM = Path(ledger.__file__).with_name("verify.py")


def enclosed() -> Enclosed:
    """Both as they are committed."""
    return Enclosed(README.read_bytes(), PROGRAM.read_bytes())
