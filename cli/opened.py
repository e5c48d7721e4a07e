"""What the record holds only seals of, opened where the documents are at hand: texts, and the names of people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ledger.directory import STREAM, Enrolled

if TYPE_CHECKING:
    from cli.office import Office
    from ledger.commitments import Documents
    from ledger.store import Entries

SEAL = "hmac-sha256:"


class Sealed(NamedTuple):
    """A text or file under its seal. `erased`: its place is empty; `absent`: there are no documents here at all."""

    state: Literal["text", "file", "erased", "damaged", "absent"]
    text: str = ""
    size: int = 0


class Opener:
    """Opens seals with the documents of the office, if they are here; nothing is made by looking."""

    def __init__(self, office: Office, ledger: Entries) -> None:
        self._office, self._ledger = office, ledger

    def open(self, seal: str) -> Sealed:
        """What stands under the seal."""
        from adapters.documents import DamagedDocument

        if self._documents is None:
            return Sealed("absent")
        try:
            raw = self._documents.get(seal)
        except LookupError:
            return Sealed("erased")
        except DamagedDocument:
            return Sealed("damaged")
        try:
            return Sealed("text", raw.decode(), len(raw))
        except UnicodeDecodeError:
            return Sealed("file", "", len(raw))

    def name(self, person: str) -> str | None:
        """The person's name in the reader's language; None when the office never kept one."""
        enrolled = self._enrolled.people.get(person)
        if enrolled is None or enrolled.name is None:
            return None
        found = self.open(enrolled.name)
        if found.state != "text":
            return self._office.screen.say(f"sealed.{found.state}")
        names: dict[str, str] = json.loads(found.text)
        other = "en" if self._office.lang == "fa" else "fa"
        return names.get(self._office.lang) or names.get(other)

    @cached_property
    def _documents(self) -> Documents | None:
        return self._office.documents if self._office.settings.path("documents").is_dir() else None

    @cached_property
    def _enrolled(self) -> Enrolled:
        kept = self._ledger.snapshot(STREAM)
        return Enrolled.model_validate_json(kept.state_json) if kept else Enrolled()


def seals_in(value: Any) -> Iterator[str]:
    """Every seal that stands in a fact's data."""
    if isinstance(value, str):
        if value.startswith(SEAL):
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from seals_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from seals_in(inner)
