"""The data folder of one rehearsal: its own ledger, documents, key and people, marked as no office's record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from adapters.directory import DirectoryStream
from adapters.documents import DocumentFolder
from adapters.ledger_at import ledger_at
from adapters.office_stream import Stamp
from client.directory import Directory
from client.directory_sheet import Known
from client.sheet import Row
from client.signing import Signer, create_key
from domain.calendar import WorkingCalendar
from domain.methodology import Methodology
from domain.recording import Actor, Cause
from domain.rulebook import carried, content_of
from domain.values import Commitment
from ledger.projections import PROJECTIONS
from rehearsal.cast import Cast, enrolled_for, held_in
from rehearsal.life import BUILD
from settings import FILE, Settings

KEY = "office"
OFFICE = Actor(person="svc:rehearsal", role="service", scope="nation")
BEFORE = timedelta(days=30)
"""The directory is filled so long before the first command."""


class Reference(NamedTuple):
    """What a rehearsal plays by: rules, days, and who there is (sheets of people and of agents)."""

    methodology: Methodology
    calendar: WorkingCalendar
    people: tuple[Path, ...]
    provinces: frozenset[str]

    @property
    def rulebook(self) -> str:
        return carried(self.methodology, self.calendar)[1]


class Premises:
    """An open rehearsal folder. To be closed."""

    def __init__(self, data: Path, reference: Reference, seed: int, start: date) -> None:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / FILE).write_text("rehearsal = true\n", encoding="utf-8")
        self.settings = Settings.read(data, rehearsal=True, build=BUILD)
        self.reference, self.seed, self.start = reference, seed, start
        self.signer: Signer = create_key(self.settings.keys_path, KEY)
        self.ledger = ledger_at(self.settings.ledger_place, PROJECTIONS, rehearsal=True, clock=self._before)
        self._documents = DocumentFolder(self.settings.path("documents"), seed=str(seed).encode())
        self._commitments: dict[str, Commitment] = {}
        digest, text = carried(reference.methodology, reference.calendar)
        self.ledger.put_text(digest, content_of(text))

    def close(self) -> None:
        self.ledger.close()

    def commit(self, text: str) -> Commitment:
        """The commitment of a text of the rehearsal, which is in its document store."""
        if text not in self._commitments:
            self._commitments[text] = self._documents.put(text)
        return self._commitments[text]

    def people(self, rows: Sequence[Row]) -> Cast:
        """Everybody there is: from the sheets, and one for each role that belongs to one cluster."""
        known = Known(self.reference.methodology.role_by_key, self.reference.provinces)
        directory = Directory(self.ledger, self._documents, known, build=BUILD, clock=self._before)
        for sheet in self.reference.people:
            directory.import_file(sheet, OFFICE)
        on = self._before().date()
        imported = self._cast()
        stream = DirectoryStream(self.ledger, BUILD)
        methodology = self.reference.methodology
        made = [
            fact for row in rows
            for fact in enrolled_for(row.cluster, row.data["province"], imported, methodology, on=on, seed=self.seed)
        ]  # fmt: skip
        stream.change(lambda _: made, Stamp(OFFICE, Cause(kind="import", ref="rehearsal"), self._before(), "engine"))
        return self._cast()

    def _cast(self) -> Cast:
        agents = [row["agent"] for row in self.ledger.agents()]
        return Cast(self.reference.methodology, held_in(self.ledger.people()), agents)

    def _before(self) -> datetime:
        return self.reference.calendar.opening(self.start - BEFORE)


def sampled(rows: Iterable[Row], number: int | None, draw: Callable[[str], int]) -> list[Row]:
    """So many rows that every status of the sheet is among them if it can be; the same for the same draws."""
    drawn = sorted(rows, key=lambda row: (draw(row.cluster), row.cluster))
    if number is None or number >= len(drawn):
        return sorted(drawn, key=lambda row: row.cluster)
    counts: dict[str, int] = {}
    for row in drawn:
        status = row.data.get("status", "")
        counts[status] = counts.get(status, 0) + 1
    first: dict[str, Row] = {}
    for row in drawn:
        first.setdefault(row.data.get("status", ""), row)
    commonest = sorted(first, key=lambda status: (-counts[status], status))
    taken = [first[status] for status in commonest][:number]
    rest = [row for row in drawn if row not in taken]
    return sorted((taken + rest)[:number], key=lambda row: row.cluster)
