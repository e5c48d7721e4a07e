"""A script beside the scripted people: JSON lines of `at`, `cluster`, `command`, `actor`, `data`."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from domain.commands import TYPES
from domain.recording import Actor
from domain.values import Frozen
from rehearsal.life import Act


class ScriptUnreadable(Exception):
    """Line `line` of the script cannot be played; `detail` says why."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(f"line {line}: {detail}")
        self.line, self.detail = line, detail


class _Line(Frozen):
    """`at` is a day or a moment: commands of a day are given from 15:00 in the order of the file."""

    at: datetime | date
    cluster: str
    command: str
    actor: Actor
    data: dict[str, Any] = Field(default_factory=dict)


def read_script(path: Path, clusters: Collection[str]) -> tuple[tuple[str, Act], ...]:
    """The commands by cluster, in the order of their days. Raises ScriptUnreadable, OSError."""
    found: list[tuple[str, Act]] = []
    for number, written in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not written.strip():
            continue
        try:
            line = _Line.model_validate_json(written)
        except ValidationError as fault:
            first = fault.errors(include_url=False, include_input=False)[0]
            raise ScriptUnreadable(number, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        except json.JSONDecodeError as fault:
            raise ScriptUnreadable(number, str(fault)) from None
        if line.cluster not in clusters:
            raise ScriptUnreadable(number, f"no cluster {line.cluster}")
        if line.command not in TYPES:
            raise ScriptUnreadable(number, f"no command {line.command}")
        day = line.at.date() if isinstance(line.at, datetime) else line.at
        found.append((line.cluster, Act(day, f"script/{number}", line.command, line.actor, line.data)))
    return tuple(sorted(found, key=lambda one: one[1].on))
