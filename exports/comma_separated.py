"""Tables as CSV for any program: UTF-8 with a mark that spreadsheets know, and no cell that runs as a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from io import TextIOWrapper
from typing import Any, BinaryIO

from exports.case import Case
from exports.tables import Column, Table, day_of
from exports.wording import Wording
from i18n.dates import show_short

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
RUNS = frozenset("=+-@\t\r\n＝＋－＠")
"""A cell beginning so may be run by a spreadsheet (OWASP, CSV Injection)."""


def safe(cell: str) -> str:
    """The cell as it can be opened: what would run stands behind an apostrophe; a negative number is a number."""
    runs = cell[:1] in RUNS or cell.lstrip()[:1] in RUNS
    return f"'{cell}" if cell and runs and not NUMBER.fullmatch(cell) else cell


def heading(column: Column) -> list[str]:
    """The names of its one or two columns: the same in every language, for programs."""
    return [column.key, f"{column.key}_jalali"] if column.kind in ("day", "moment") else [column.key]


class CommaSeparated:
    """One table written into one file, case by case."""

    def __init__(self, table: Table, writer: Any, wording: Wording) -> None:
        self._table, self._writer, self._wording = table, writer, wording
        writer.writerow([name for column in table.columns for name in heading(column)])

    def add(self, case: Case) -> None:
        for row in self._table.rows(case):
            cells = (self._cells(column.of(row, case, self._wording), column, case) for column in self._table.columns)
            self._writer.writerow([cell for pair in cells for cell in pair])

    def _cells(self, value: Any, column: Column, case: Case) -> Sequence[str]:
        if column.kind in ("day", "moment"):
            return (_iso(value), show_short(day_of(value, case), "en")) if value else ("", "")
        return ("",) if value is None else (safe(str(value)),)


@contextmanager
def comma_separated(file: BinaryIO, table: Table, wording: Wording) -> Iterator[CommaSeparated]:
    """The table, to be filled; the file holds all of it afterwards and stays open."""
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        yield CommaSeparated(table, csv.writer(text), wording)
    finally:
        text.detach()


def _iso(value: date | datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")
