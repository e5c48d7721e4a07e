"""What the record holds only seals of, opened where the documents are at hand: texts, and the names of people."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ledger.directory import STREAM, Enrolled
from ledger.erasure import Erased, erasures

if TYPE_CHECKING:
    from cli.office import Office
    from ledger.commitments import Documents
    from ledger.store import Entries


class Sealed(NamedTuple):
    """A text or file under its seal. `erased`: an entry says so, and names who had it done; `missing`: none does, and
    it is not there; `absent`: there are no documents here at all.
    """

    state: Literal["text", "file", "erased", "missing", "damaged", "absent"]
    text: str = ""
    size: int = 0
    under: dict[str, Any] | None = None


class Opener:
    """Opens seals with the documents of the office, if they are here; nothing is made by looking."""

    def __init__(self, office: Office, ledger: Entries) -> None:
        self._office, self._ledger = office, ledger

    def open(self, seal: str) -> Sealed:
        """What stands under the seal."""
        from adapters.documents import DamagedDocument

        if (erased := self._erased.get(seal)) is not None:
            return Sealed("erased", under=erased._asdict())
        if self._documents is None:
            return Sealed("absent")
        try:
            raw = self._documents.get(seal)
        except LookupError:
            return Sealed("missing")
        except DamagedDocument:
            return Sealed("damaged")
        try:
            return Sealed("text", raw.decode(), len(raw))
        except UnicodeDecodeError:
            return Sealed("file", "", len(raw))

    def said(self, found: Sealed) -> str:
        """Why there is no text, in the reader's words."""
        screen, under = self._office.screen, found.under or {"seq": 0, "stream": ""}
        return screen.say(f"sealed.{found.state}", size=screen.figure(found.size), seq=screen.count(under["seq"]),
                          stream=under["stream"])  # fmt: skip

    def name(self, person: str) -> str | None:
        """The person's name in the reader's language; None when the office never kept one."""
        enrolled = self._enrolled.people.get(person)
        if enrolled is not None and enrolled.forgotten is not None:
            return self.said(Sealed("erased", under={"stream": STREAM, "seq": enrolled.forgotten}))
        if enrolled is None or enrolled.name is None:
            return None
        found = self.open(enrolled.name)
        if found.state != "text":
            return self.said(found)
        names: dict[str, str] = json.loads(found.text)
        other = "en" if self._office.lang == "fa" else "fa"
        return names.get(self._office.lang) or names.get(other)

    @cached_property
    def _erased(self) -> dict[str, Erased]:
        return erasures(self._ledger)

    @cached_property
    def _documents(self) -> Documents | None:
        return self._office.documents if self._office.settings.path("documents").is_dir() else None

    @cached_property
    def _enrolled(self) -> Enrolled:
        kept = self._ledger.snapshot(STREAM)
        return Enrolled.model_validate_json(kept.state_json) if kept else Enrolled()
