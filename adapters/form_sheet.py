"""A deliverable as a workbook to fill in offline, and what was filled in read back.

Keys stand in hidden rows and columns beside what people read, so a translated or reordered form is still understood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, NamedTuple

import xlsxwriter

from adapters.tables import sheet_names, sheet_rows
from domain.cluster import deliverable_of
from domain.methodology import Methodology
from domain.stages import Deliverable, FieldSpec

MARK, FORM, LISTS = "khoosheh-form-1", "form", "lists"
FIRST_FIELD = 5
SPARE_ROWS = 30
Words = Mapping[str, Mapping[str, str]]


class NotAForm(Exception):
    """The workbook was not made by `form_of`, or is of a deliverable this methodology does not know."""


class Wording(NamedTuple):
    """What the form says besides the methodology's titles."""

    heading: str
    help: str
    required: str
    optional: str
    yes: str
    no: str


def form_of(cluster: str, duty: str, kind: Deliverable, *, words: Words, lang: str, wording: Wording) -> bytes:
    """The form of one duty: right to left in Persian, choices as drop-downs."""
    stream = BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, plain) as book:
        _Form(book, kind, words, lang, wording).write(cluster, duty)
    return stream.getvalue()


def read_form(raw: bytes, methodology: Methodology) -> dict[str, Any]:
    """The duty and its values, as text; what stands empty is not among them. NotAForm, TableUnreadable."""
    names = sheet_names(raw)
    if FORM not in names or LISTS not in names:
        raise NotAForm
    rows = sheet_rows(raw, FORM)
    mark = rows[2] if len(rows) > 2 else []
    if len(mark) < 4 or mark[0] != MARK:
        raise NotAForm
    duty = mark[2]
    found = methodology.deliverable_by_key.get(deliverable_of(duty))
    if found is None:
        raise NotAForm
    choices = _choices(sheet_rows(raw, LISTS))
    kind = found[1]
    values: dict[str, Any] = {}
    cells = {row[0]: row[2] for row in rows[FIRST_FIELD:] if len(row) > 2 and row[0]}
    for spec in kind.fields:
        if spec.kind == "table":
            if spec.key[:31] in names and (listed := list(_rows(sheet_rows(raw, spec.key[:31]), spec, choices))):
                values[spec.key] = listed
        elif written := cells.get(spec.key, "").strip():
            values[spec.key] = choices.get((spec.key, written), written)
    return {"duty": duty, "values": values}


def _rows(rows: Sequence[Sequence[str]], spec: FieldSpec, choices: Mapping[tuple[str, str], str]) -> Iterator[Any]:
    keys = rows[0] if rows else ()
    for row in rows[2:]:
        found = {
            key: choices.get((f"{spec.key}.{key}", cell.strip()), cell.strip())
            for key, cell in zip(keys, row, strict=False) if key and cell.strip()
        }  # fmt: skip
        if found:
            yield found


def _choices(rows: Sequence[Sequence[str]]) -> dict[tuple[str, str], str]:
    """(field, title shown) → key; three columns each: field, key, title."""
    return {(row[0], row[2]): row[1] for row in rows if len(row) > 2}


class _Form:
    def __init__(self, book: Any, kind: Deliverable, words: Words, lang: str, wording: Wording) -> None:
        self._book, self._kind, self._words, self._lang, self._said = book, kind, words, lang, wording
        self._bold = book.add_format({"bold": True, "font_size": 14})
        self._grey = book.add_format({"bg_color": "#E8E8E8", "text_wrap": True, "valign": "top", "border": 1})
        self._fill = book.add_format({"bg_color": "#FFF8DC", "text_wrap": True, "valign": "top", "border": 1,
                                      "locked": False, "num_format": "@"})  # fmt: skip
        self._sheet = self._added(FORM)
        self._tables: dict[str, Any] = {}
        self._lists: list[tuple[str, str, str]] = []

    def write(self, cluster: str, duty: str) -> None:
        sheet = self._sheet
        sheet.write_string(0, 1, self._said.heading, self._bold)
        sheet.write_string(1, 1, self._said.help)
        for column, word in enumerate((MARK, cluster, duty, self._kind.key)):
            sheet.write_string(2, column, word)
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(0, 0, None, None, {"hidden": True})
        sheet.set_column(1, 1, 34)
        sheet.set_column(2, 2, 60)
        sheet.set_column(3, 3, 40)
        sheet.freeze_panes(FIRST_FIELD - 1, 0)
        for row, spec in enumerate(self._kind.fields, start=FIRST_FIELD):
            self._field(row, spec)
        lists = self._added(LISTS)
        for row, line in enumerate(self._lists):
            for column, word in enumerate(line):
                lists.write_string(row, column, word)
        lists.hide()

    def _field(self, row: int, spec: FieldSpec) -> None:
        path = f"{self._kind.key}.{spec.key}"
        self._sheet.write_string(row, 0, spec.key)
        self._sheet.write_string(row, 1, self._title(f"field.{path}", spec.key), self._grey)
        self._sheet.write_string(row, 3, self._hint(spec, path), self._grey)
        if spec.kind == "table":
            self._sheet.write_url(row, 2, f"internal:'{spec.key[:31]}'!A2", self._grey, spec.key)
            self._table(spec, path)
        else:
            self._sheet.write_blank(row, 2, None, self._fill)
            self._choose(self._sheet, (row, 2, row, 2), spec, path, spec.key)

    def _table(self, spec: FieldSpec, path: str) -> None:
        sheet = self._added(spec.key[:31])
        last = 2 + min(spec.max or SPARE_ROWS, 200)
        for column, one in enumerate(spec.columns):
            inner = f"{path}.{one.key}"
            sheet.write_string(0, column, one.key)
            heading = f"{self._title(f'field.{inner}', one.key)} — {self._hint(one, inner)}"
            sheet.write_string(1, column, heading, self._grey)
            for row in range(2, last):
                sheet.write_blank(row, column, None, self._fill)
            self._choose(sheet, (2, column, last - 1, column), one, inner, f"{spec.key}.{one.key}")
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.set_column(0, max(len(spec.columns) - 1, 0), 24)
        sheet.freeze_panes(2, 0)

    def _choose(self, sheet: Any, cells: tuple[int, ...], spec: FieldSpec, path: str, place: str) -> None:
        """A drop-down of titles; what is behind each stands in the hidden list."""
        pairs = [(key, self._title(f"choice.{path}.{key}", key)) for key in spec.choices]
        if spec.kind == "boolean":
            pairs = [("true", self._said.yes), ("false", self._said.no)]
        if not pairs:
            return
        start = len(self._lists) + 1
        self._lists += [(place, key, title) for key, title in pairs]
        source = f"={LISTS}!$C${start}:$C${len(self._lists)}"
        sheet.data_validation(*cells, {"validate": "list", "source": source})

    def _hint(self, spec: FieldSpec, path: str) -> str:
        note = self._words.get(f"note.field.{path}", {}).get(self._lang, "")
        is_bounded = spec.min is not None or spec.max is not None
        limits = f"{spec.min or 0}…{'' if spec.max is None else spec.max}" if is_bounded else ""
        asked = self._said.required if spec.required else self._said.optional
        return " · ".join(part for part in (asked, limits, note) if part)

    def _title(self, key: str, otherwise: str) -> str:
        return self._words.get(key, {}).get(self._lang, otherwise)

    def _added(self, name: str) -> Any:
        sheet = self._book.add_worksheet(name)
        if self._lang == "fa":
            sheet.right_to_left()
        return sheet
