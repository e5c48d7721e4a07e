"""The tables as one workbook: a sheet each, right to left in Persian, texts always written as texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO

import xlsxwriter

from exports.case import Case
from exports.tables import TABLES, Column, Table, day_of
from exports.wording import Wording
from i18n.dates import show_short

MOST_ROWS = 1_048_575
"""Below the heading of one sheet."""
MOST_LETTERS = 32_767
"""In one cell; a longer text ends in … and is whole in the record."""
EXACT = 10**15
"""A spreadsheet keeps fifteen digits of a number; a longer one is written as text."""
WIDTHS = {"text": 22, "number": 12, "day": 12, "moment": 24}


class Workbook:
    """All tables side by side, filled case by case; rows go to the disk as they come."""

    def __init__(self, book: Any, wording: Wording) -> None:
        self._wording = wording
        self._bold = book.add_format({"bold": True, "bg_color": "#E8EEF4", "text_wrap": True, "valign": "top"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._sheets = [(table, self._added(book, table)) for table in TABLES]
        self._filled = dict.fromkeys((table.key for table in TABLES), 0)

    def add(self, case: Case) -> None:
        for table, sheet in self._sheets:
            for row in table.rows(case):
                self._filled[table.key] += 1
                self._write(sheet, self._filled[table.key], table, row, case)

    def finish(self) -> None:
        """Every sheet can be filtered by its heading."""
        for table, sheet in self._sheets:
            sheet.autofilter(0, 0, self._filled[table.key], len(_headings(table, self._wording)) - 1)

    def _added(self, book: Any, table: Table) -> Any:
        sheet = book.add_worksheet(self._wording.say(f"export.{table.key}"))
        if self._wording.lang == "fa":
            sheet.right_to_left()
        sheet.freeze_panes(1, 1)
        place = 0
        for column in table.columns:
            for _ in _titles(column, self._wording):
                sheet.set_column(place, place, WIDTHS[column.kind])
                place += 1
        for place, title in enumerate(_headings(table, self._wording)):
            sheet.write_string(0, place, title, self._bold)
        return sheet

    def _write(self, sheet: Any, line: int, table: Table, row: Any, case: Case) -> None:
        place = 0
        for column in table.columns:
            value = column.of(row, case, self._wording)
            if column.kind in ("day", "moment"):
                if value is not None:
                    self._write_day(sheet, line, place, value, case)
                place += 2
                continue
            if isinstance(value, int) and abs(value) < EXACT:
                sheet.write_number(line, place, value)
            elif value not in (None, ""):
                sheet.write_string(line, place, _fitting(str(value)))
            place += 1

    def _write_day(self, sheet: Any, line: int, place: int, value: Any, case: Case) -> None:
        if isinstance(value, datetime):
            sheet.write_string(line, place, value.isoformat().replace("+00:00", "Z"))
        else:
            sheet.write_datetime(line, place, datetime(value.year, value.month, value.day), self._day)  # noqa: DTZ001 - a day
        sheet.write_string(line, place + 1, show_short(day_of(value, case), self._wording.lang))


@contextmanager
def workbook(file: BinaryIO, wording: Wording, at: datetime) -> Iterator[Workbook]:
    """The workbook, to be filled; the file holds all of it afterwards. `at`: when it says it was made."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"created": at.replace(tzinfo=None)})
        made = Workbook(book, wording)
        yield made
        made.finish()


def _titles(column: Column, wording: Wording) -> Sequence[str]:
    title = wording.say(f"column.{column.key}")
    if column.kind in ("day", "moment"):
        return [f"{title} ({wording.say('export.iso')})", f"{title} ({wording.say('export.jalali')})"]
    return [title]


def _headings(table: Table, wording: Wording) -> list[str]:
    return [title for column in table.columns for title in _titles(column, wording)]


def _fitting(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
