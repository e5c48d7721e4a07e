"""Sheets of people and of agents (CSV or XLSX), read whole before anything is done: every fault is told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize

from adapters.tables import TableUnreadable, read_table
from domain.jalali import parse_date
from domain.provisions import Role
from domain.values import Frozen, PersonId
from ledger.agents import AgentRegistered

PEOPLE = ("person", "role", "scope", "until", "name_fa", "name_en", "contact")
AGENTS = ("agent", "capacity", "home_province", "products", "languages", "certificate_until", "conflicts",
          "name_fa", "name_en", "contact")  # fmt: skip
NEEDED = ("person", "role", "scope", "agent", "capacity", "home_province")

_PERSON = re.compile(r"p-[a-z0-9-]{1,48}")
_PLACE = re.compile(r"province/[a-z][a-z0-9-]{1,39}|cluster/[a-z0-9][a-z0-9-]{2,63}")


class SheetFault(NamedTuple):
    """What to mend: the row as a spreadsheet counts (the heading is row 1), the column, and a stable code.

    Codes: unreadable, unknown_column, missing_column, missing_field, invalid_field, date_form, date_year,
    date_month, date_day, unknown_role, wrong_scope, unknown_province, twice, contradicts.
    """

    row: int
    field: str
    code: str


class SheetRefused(Exception):
    """Nothing of the sheet is taken; all its faults, by row."""

    def __init__(self, faults: Sequence[SheetFault]) -> None:
        super().__init__(*faults)
        self.faults = tuple(sorted(faults))


class Named(Frozen):
    """Personal data of one row: it goes to the document store and nowhere else. Empty: nothing is said."""

    person: PersonId
    name_fa: str = ""
    name_en: str = ""
    contact: str = ""


class Granted(Frozen):
    person: PersonId
    role: str
    scope: str
    until: date | None = None


class Sheet(NamedTuple):
    """What the rows say, each person once in `people`."""

    people: tuple[Named, ...]
    grants: tuple[Granted, ...] = ()
    agents: tuple[AgentRegistered, ...] = ()


class Known(NamedTuple):
    """The words a sheet may use; without provinces any is accepted."""

    roles: Mapping[str, Role]
    provinces: Collection[str] = ()


def read_sheet(path: Path, known: Known) -> Sheet:
    """The sheet, all of it sound; otherwise SheetRefused with every fault."""
    heading, rows = _table(path)
    columns = AGENTS if "agent" in heading else PEOPLE
    faults = [SheetFault(1, name, "unknown_column") for name in heading if name not in columns]
    faults += [SheetFault(1, name, "missing_column") for name in columns if name in NEEDED and name not in heading]
    if faults:
        raise SheetRefused(faults)
    read = [(number, _values(number, heading, cells, known, faults)) for number, cells in rows]
    keys = ("agent",) if columns is AGENTS else ("person", "role", "scope")
    faults += _repeated(read, keys)
    faults += _contradictions(read)
    if faults:
        raise SheetRefused(faults)
    return _sheet([values for _, values in read])


def _table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The heading, and the rows that are not empty with their numbers."""
    try:
        found = read_table(path)
    except TableUnreadable as fault:
        raise SheetRefused([SheetFault(fault.row, "", fault.code)]) from fault
    except OSError as fault:
        raise SheetRefused([SheetFault(0, "", "unreadable")]) from fault
    return _texts(found.heading), [(number, _texts(cells)) for number, cells in found.rows]


def _texts(cells: Sequence[str]) -> list[str]:
    return [normalize("NFC", cell).strip() for cell in cells]


def _values(
    row: int, heading: Sequence[str], cells: Sequence[str], known: Known, faults: list[SheetFault]
) -> dict[str, Any]:
    """The row's values by column; what is wrong with them is added to `faults`."""
    given = dict(zip(heading, cells, strict=False))
    if any(cells[len(heading) :]):
        faults.append(SheetFault(row, "", "unknown_column"))
    values: dict[str, Any] = {}
    for name, text in given.items():
        try:
            values[name] = READERS.get(name, _as_is)(text, known)
        except ValueError as fault:
            faults.append(SheetFault(row, name, str(fault)))
    faults += [SheetFault(row, name, "missing_field") for name in NEEDED if name in heading and not given.get(name)]
    role = known.roles.get(given.get("role", ""))
    if role and values.get("scope") and values["scope"].partition("/")[0] not in _levels(role):
        faults.append(SheetFault(row, "scope", "wrong_scope"))
    return values


def _levels(role: Role) -> tuple[str, ...]:
    """Where the role can be held: one of a cluster also for all clusters of a province."""
    return ("cluster", "province") if role.scope == "cluster" else (role.scope,)


def _repeated(read: Sequence[tuple[int, dict[str, Any]]], keys: Sequence[str]) -> Iterator[SheetFault]:
    seen: set[tuple[Any, ...]] = set()
    for row, values in read:
        key = tuple(values.get(name) for name in keys)
        if key in seen and all(key):
            yield SheetFault(row, keys[0], "twice")
        seen.add(key)


def _contradictions(read: Sequence[tuple[int, dict[str, Any]]]) -> Iterator[SheetFault]:
    """One person has one name and one contact, in however many rows."""
    said: dict[tuple[str, str], str] = {}
    for row, values in read:
        person = values.get("person") or values.get("agent")
        for name in ("name_fa", "name_en", "contact"):
            value = values.get(name)
            if person and value and said.setdefault((person, name), value) != value:
                yield SheetFault(row, name, "contradicts")


def _sheet(read: Sequence[dict[str, Any]]) -> Sheet:
    people: dict[str, Named] = {}
    for values in read:
        person = values.get("person") or values["agent"]
        said = {name: values[name] for name in ("name_fa", "name_en", "contact") if values.get(name)}
        people[person] = people.get(person, Named(person=person)).model_copy(update=said)
    grants = [
        Granted.model_validate({name: values.get(name) for name in Granted.model_fields})
        for values in read
        if "role" in values
    ]
    agents = [
        AgentRegistered.model_validate({name: values[name] for name in AgentRegistered.model_fields if name in values})
        for values in read
        if "agent" in values
    ]
    return Sheet(tuple(people.values()), tuple(grants), tuple(agents))


# ---------------------------------------------------------------- one cell; an empty one that is needed is told apart


def _as_is(text: str, _: Known) -> str:
    return text


def _person(text: str, _: Known) -> str:
    return _checked(text, bool(_PERSON.fullmatch(text)), "invalid_field")


def _role(text: str, known: Known) -> str:
    return _checked(text, text in known.roles, "unknown_role")


def _scope(text: str, known: Known) -> str:
    _checked(text, text == "nation" or bool(_PLACE.fullmatch(text)), "invalid_field")
    level, _, place = text.partition("/")
    return text if level != "province" else f"province/{_province(place, known)}"


def _province(text: str, known: Known) -> str:
    is_known = text in known.provinces if known.provinces else bool(_PLACE.fullmatch(f"province/{text}"))
    return _checked(text, is_known, "unknown_province")


def _day(text: str, _: Known) -> date | None:
    return parse_date(text) if text else None


def _capacity(text: str, _: Known) -> int | str:
    _checked(text, text.isdecimal() and int(text) <= 20, "invalid_field")
    return int(text) if text else ""


def _words(text: str, _: Known) -> tuple[str, ...]:
    return tuple(word for part in text.split(";") if (word := part.strip()))


def _conflicts(text: str, known: Known) -> tuple[str, ...]:
    words = _words(text, known)
    for word in words:
        _checked(word, bool(_PERSON.fullmatch(word) or _PLACE.fullmatch(word)), "invalid_field")
    return words


def _checked(text: str, is_right: bool, code: str) -> str:  # noqa: FBT001 — read at once, where it is worked out
    if text and not is_right:
        raise ValueError(code)
    return text


READERS: dict[str, Callable[[str, Known], Any]] = {
    "person": _person,
    "role": _role,
    "scope": _scope,
    "until": _day,
    "agent": _person,
    "capacity": _capacity,
    "home_province": _province,
    "products": _words,
    "languages": _words,
    "certificate_until": _day,
    "conflicts": _conflicts,
}
