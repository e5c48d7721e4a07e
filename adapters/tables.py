"""Tables out of files that people send: CSV, XLSX or JSON, as rows of text. A file that could harm is not opened.

Nothing is evaluated: of a formula the value last stored is read, hidden sheets are not looked at.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO, StringIO
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, SheetVisibleEnum, load_workbook

MOST_BYTES = 16 * 2**20
MOST_ROWS = 50_000
MOST_UNPACKED = 64 * 2**20
MOST_PARTS = 2_000
MOST_RATIO = 100
DEEPEST = 8
XLSX, CSV, JSON = ".xlsx", ".csv", ".json"

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_KEEPS_MARKUP = (".xml", ".rels", ".vml")


class TableUnreadable(Exception):
    """The file is not opened; `code` says why, `row` where that is known (0: the whole file)."""

    def __init__(self, code: str, row: int = 0, detail: str = "") -> None:
        super().__init__(code, row, detail)
        self.code, self.row, self.detail = code, row, detail


class Table(NamedTuple):
    """The heading, and each row that is not empty with its number as a spreadsheet counts (heading: 1)."""

    heading: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(path: Path, encoding: str | None = None) -> Table:
    """The table in the file, its ending says in which form. Raises TableUnreadable, OSError."""
    ending = path.suffix.lower()
    if ending in (".xlsm", ".xltm", ".xlam"):
        raise TableUnreadable("macro")
    if ending not in (XLSX, CSV, JSON):
        raise TableUnreadable("unknown_form", 0, ending)
    raw = read_limited(path)
    if ending == XLSX:
        return _table(sheet_rows(raw))
    written = decoded(raw, encoding)
    return _of_json(written) if ending == JSON else _table(_of_csv(written))


def read_limited(path: Path) -> bytes:
    """The whole file; `too_big_file` beyond the limit, also when it never ends."""
    with path.open("rb") as file:
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise TableUnreadable("too_big_file")
    return raw


def decoded(raw: bytes, encoding: str | None = None) -> str:
    """The text: by its byte order mark, as declared, or else UTF-8. `encoding` when it is none of these."""
    named = next((name for bom, name in _BOMS if raw.startswith(bom)), encoding or "utf-8")
    try:
        text = raw.decode(named)
        if "\0" in text:  # UTF-16 without its mark
            raise TableUnreadable("encoding", 1, named)
    except (UnicodeDecodeError, LookupError) as fault:
        before = raw[: fault.start].count(b"\n") + 1 if isinstance(fault, UnicodeDecodeError) else 0
        raise TableUnreadable("encoding", before, named) from None
    return text


def strict_json(written: str) -> Any:
    """The value; no key twice in one object, no NaN, not nested deeper than a table needs."""
    try:
        found = json.loads(written, object_pairs_hook=_without_twins, parse_constant=_no_number)
        _check_depth(found, DEEPEST)
    except RecursionError:
        raise TableUnreadable("unreadable", 0, "too deep") from None
    except ValueError as fault:
        raise TableUnreadable("unreadable", 0, str(fault)) from None
    return found


def sheet_rows(raw: bytes, name: str | None = None) -> list[list[str]]:
    """The rows of the first visible sheet, or of the one named; nothing is unpacked before its size is known."""
    check_workbook(raw)
    try:
        book = load_workbook(BytesIO(raw))
        visible = [one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
        found = book.get_sheet_by_name(name or (visible or book.sheet_names)[0])
        rows = found.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError, OSError) as fault:
        raise TableUnreadable("unreadable", 0, str(fault)) from None
    return [[shown(cell) for cell in row] for row in rows]


def sheet_names(raw: bytes) -> list[str]:
    """The sheets of a workbook that may be opened."""
    check_workbook(raw)
    try:
        return list(load_workbook(BytesIO(raw)).sheet_names)
    except (CalamineError, OSError) as fault:
        raise TableUnreadable("unreadable", 0, str(fault)) from None


def check_workbook(raw: bytes) -> None:
    """Nothing, when the workbook may be unpacked and parsed (ASVS 5.2.3; no DTD, no macro, no path outside)."""
    try:
        with ZipFile(BytesIO(raw)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(len(raw), 10_000):
                raise TableUnreadable("packed")
            for part in parts:
                path = PurePosixPath(part.filename.replace("\\", "/"))
                if path.is_absolute() or ".." in path.parts or ":" in part.filename:
                    raise TableUnreadable("unreadable", 0, part.filename)
                if path.name.lower() == "vbaproject.bin":
                    raise TableUnreadable("macro")
                if path.suffix.lower() in _KEEPS_MARKUP and _declares(archive.read(part)):
                    raise TableUnreadable("dtd")
    # What the library raises for a broken archive, an unknown compression, a password, and parts that are cut off.
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as fault:
        raise TableUnreadable("unreadable", 0, str(fault)) from None


def shown(cell: Any) -> str:
    """A cell as text: whole numbers without a point, days as ISO, whatever the workbook's epoch is."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _declares(part: bytes) -> bool:
    # A parser that knows no DTD is only as safe as its next version; two encodings are legal in a workbook.
    plain = part.replace(b"\0", b"").upper()
    return b"<!DOCTYPE" in plain or b"<!ENTITY" in plain


def _of_csv(written: str) -> Iterator[list[str]]:
    reader = csv.reader(StringIO(written, newline=""), strict=True)
    try:
        yield from reader
    except csv.Error as fault:
        raise TableUnreadable("quotes", reader.line_num, str(fault)) from None


def _of_json(written: str) -> Table:
    found = strict_json(written)
    listed = found.get("clusters") if isinstance(found, dict) else found
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise TableUnreadable("unreadable", 0, "a list of objects is expected")
    heading = tuple(dict.fromkeys(key for one in listed for key in one))
    rows = [[shown(one.get(key)) for key in heading] for one in listed]
    return _table([list(heading), *rows])


def _table(rows: Any) -> Table:
    numbered = enumerate(rows, start=1)
    heading: tuple[str, ...] = ()
    for _, row in numbered:
        if any(cell.strip() for cell in row):
            heading = tuple(row)
            break
    found = [(number, tuple(row)) for number, row in numbered if any(cell.strip() for cell in row)]
    if len(found) > MOST_ROWS:
        raise TableUnreadable("too_many_rows")
    return Table(heading, tuple(found))


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise TableUnreadable("duplicate_key")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of a table")


def _check_depth(value: Any, left: int) -> None:
    if left < 0:
        raise ValueError("too deep")
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            _check_depth(inner, left - 1)
