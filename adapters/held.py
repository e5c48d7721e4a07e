"""What an auditor holds of a log, in a file of their own: one checkpoint a line, as a note or as it stands on paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.whole_file import write_whole
from ledger.checkpoint import CheckpointRefused, read_checkpoint
from ledger.notes import NoteRefused, read_note
from ledger.paper import GroupsRefused, groups, read_groups
from ledger.witness import Held, as_paper


class HeldUnreadable(Exception):
    """Line `line` of the file, or the whole of it (0), is nothing that can be held against a log; `code` says why."""

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(code, line)
        self.code, self.line = code, line


@dataclass(frozen=True, slots=True)
class HeldCheckpoint:
    """A checkpoint, since when it is held, and the signed note where there was one."""

    held: Held
    since: str
    note: str = ""


class HeldFile:
    """Nothing in it is ever changed; a line more for each checkpoint."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> list[HeldCheckpoint]:
        """In the order they were added; none while there is no file. Raises HeldUnreadable."""
        if not self._path.exists():
            return []
        return list(self._read(self._path.read_text(encoding="utf-8")))

    def add(self, held: HeldCheckpoint) -> bool:
        """It is held from now on, a power cut included; False when it was already."""
        have = self.all()
        if any(as_paper(one.held) == as_paper(held.held) for one in have):
            return False
        lines = "".join(_line(one) for one in [*have, held])
        write_whole(self._path, lines.encode())
        return True

    def _read(self, written: str) -> Iterator[HeldCheckpoint]:
        for number, line in enumerate(written.splitlines(), 1):
            try:
                said = json.loads(line)
                held = of_note(said["note"]) if said.get("note") else read_groups(said["groups"])
                yield HeldCheckpoint(held, str(said["since"]), str(said.get("note", "")))
            except (ValueError, KeyError, TypeError, AttributeError):
                raise HeldUnreadable("held_line", number) from None
            except (GroupsRefused, NoteRefused, CheckpointRefused) as fault:
                raise HeldUnreadable(fault.code, number) from None


def of_note(note: str) -> Held:
    """What a signed note says; who signed it is not looked at, as whoever holds it knows where it is from."""
    return read_checkpoint(read_note(note.encode()).text)


def holding(written: str, at: datetime) -> HeldCheckpoint:
    """What somebody wrote or copied: a note, or groups. Raises HeldUnreadable."""
    since = at.date().isoformat()
    try:
        if "\n\n" in written.strip():
            note = written.replace("\r\n", "\n").strip() + "\n"
            return HeldCheckpoint(of_note(note), since, note)
        return HeldCheckpoint(read_groups(written), since)
    except (GroupsRefused, NoteRefused, CheckpointRefused) as fault:
        raise HeldUnreadable(fault.code) from None


def _line(one: HeldCheckpoint) -> str:
    said = {"since": one.since, "groups": groups(as_paper(one.held))} | ({"note": one.note} if one.note else {})
    return json.dumps(said, ensure_ascii=False) + "\n"
