"""What somebody remembers of a log, held against the log as it is now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from ledger.checkpoint import Checkpoint
from ledger.paper import PaperCheckpoint, paper_of

Judgement = Literal["same", "extends", "shrunk", "forked", "other_log"]
"""The log is the one held; goes on from it; is shorter; has another past; has another name."""

Held = Checkpoint | PaperCheckpoint


def as_paper(held: Held) -> PaperCheckpoint:
    """What is held, in the form that is shown to people."""
    return paper_of(held) if isinstance(held, Checkpoint) else held


def judge(held: Held, origin: str, size: int, root_at: Callable[[int], bytes]) -> Judgement:
    """How the log `origin` of `size` entries stands to what is held; `root_at(n)` is its root over the first n.

    Paper does not say which log it is of: that of another log is `forked` like any other past.
    """
    if isinstance(held, Checkpoint) and held.origin != origin:
        return "other_log"
    if held.size > size:
        return "shrunk"
    now = Checkpoint(origin, held.size, root_at(held.size))
    if held not in (now, paper_of(now)):
        return "forked"
    return "same" if held.size == size else "extends"
