"""What is seen on the way through a rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Course:
    """Counted while the years pass, over all engines."""

    commands: int = 0
    facts: int = 0
    handed_over: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    ownerless: set[tuple[str, str]] = field(default_factory=set)
    stuck: list[str] = field(default_factory=list)
    funnel: list[dict[str, Any]] = field(default_factory=list)


Told = Callable[[int, Course], None]
"""Is told the number of each month that has passed everywhere, and what was seen until then."""
