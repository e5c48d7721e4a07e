"""The sheet of clusters to open: every row is judged before any is opened, and every fault is told at once.

Pure: `adapters.tables` has read the file. Rows become the commands they stand for.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple

from client.directory_sheet import SheetFault, SheetRefused
from client.wording import fault_in_name, fault_in_text, folded, is_mixed, tidied
from domain.jalali import jalali_of, parse_date
from domain.methodology import Methodology

COLUMNS = ("id", "name_fa", "name_en", "province_fa", "province_en", "county", "product", "source", "status",
           "as_of", "note", "country")  # fmt: skip
NEEDED = ("name_fa", "product")
MOST = {"id": 64, "name_fa": 200, "name_en": 200, "province_fa": 60, "province_en": 60, "county": 100,
        "product": 200, "source": 600, "status": 60, "as_of": 40, "note": 2000, "country": 60}  # fmt: skip
FREE = ("source", "note")
UNRECORDED = ("note", "country")
"""For readers of the sheet: checked like any text, and recorded nowhere."""
MOST_FAULTS = 100
FROM_THE_BEGINNING = "identified"

_HEADINGS = {
    "شناسه": "id", "نام": "name_fa", "نام خوشه": "name_fa", "نام فارسی": "name_fa", "name": "name_fa",
    "نام انگلیسی": "name_en", "نام لاتین": "name_en",
    "استان": "province_fa", "province": "province_en", "استان انگلیسی": "province_en",
    "استان لاتین": "province_en", "شهرستان": "county", "شهر": "county",
    "محصول": "product", "رسته": "product", "زمینه فعالیت": "product", "رشته فعالیت": "product",
    "منبع": "source", "وضعیت": "status", "تاریخ": "as_of", "تاریخ وضعیت": "as_of",
    "توضیحات": "note", "توضیح": "note", "ملاحظات": "note", "کشور": "country",
}  # fmt: skip
_ID = re.compile(r"[a-z0-9][a-z0-9-]{2,63}")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


class Known(NamedTuple):
    """The words a sheet may use: provinces by any of their names, status words by key and by title."""

    provinces: Mapping[str, str]
    statuses: Mapping[str, str]


class Row(NamedTuple):
    """One cluster to open. `number` is the row in the sheet, `data` the command's."""

    number: int
    cluster: str
    type: str
    data: dict[str, Any]


class Checked(NamedTuple):
    """What may be opened, and what somebody should look at; a warning stops nothing."""

    rows: tuple[Row, ...]
    warnings: tuple[SheetFault, ...]


def known_words(
    methodology: Methodology, words: Mapping[str, Mapping[str, str]], provinces: Sequence[Mapping[str, str]]
) -> Known:
    """The words of this methodology and these provinces, in the form they are compared in."""
    places = {folded(one[key]): one["province"] for one in provinces for key in ("province", "name_fa", "name_en")}
    places |= {slug(one["province"]).replace("-", " "): one["province"] for one in provinces}
    statuses = {folded(opening.status): opening.status for opening in methodology.opening}
    for opening in methodology.opening:
        for said in words.get(f"status.{opening.status}", {}).values():
            statuses.setdefault(folded(said), opening.status)
    return Known(places, statuses)


def check(heading: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]], known: Known, today: date) -> Checked:
    """The sheet's clusters. SheetRefused with every fault of heading and rows: then nothing may be opened."""
    columns = [_column(title) for title in heading]
    faults = list(_faults_of_heading(heading, columns))
    if not rows:
        faults.append(SheetFault(1, "", "no_rows"))
    if faults:
        raise SheetRefused(faults[:MOST_FAULTS])
    warnings: list[SheetFault] = []
    read: list[tuple[int, dict[str, str]]] = []
    for number, cells in rows:
        row_faults = [SheetFault(number, "", "extra_cell")] if any(c.strip() for c in cells[len(columns) :]) else []
        given = dict(zip(columns, cells, strict=False))
        row_faults += _faults_of_row(number, given, known, today, warnings)
        faults += row_faults
        if not row_faults:
            read.append((number, _values(given, known)))
    found, more = _with_ids(read)
    faults += more
    if faults:
        raise SheetRefused(faults)
    return Checked(tuple(found), tuple(warnings + list(_alike(read))))


def slug(written: str) -> str:
    """Latin letters and digits joined by hyphens; nothing of another script survives."""
    return re.sub(r"[^a-z0-9]+", "-", written.casefold()).strip("-")


def cluster_id(province: str, county: str, product: str, province_en: str) -> str:
    """The id of a cluster that was given none: readable where there is English, else by the digest of its words."""
    if province_en and product.isascii() and 3 <= len(made := slug(f"{province_en} {product}")) <= 64:
        return made
    return "c-" + _digest(province, county, product)[:10]


def _digest(*words: str) -> str:
    return base64.b32encode(sha256("|".join(map(folded, words)).encode()).digest()).decode().lower()


# ---------------------------------------------------------------- the heading


def _column(title: str) -> str:
    word = folded(tidied(title).replace("(", " ").replace(")", " "))
    key = word.replace(" ", "_")
    return key if key in COLUMNS else _HEADINGS.get(word, "")


def _faults_of_heading(heading: Sequence[str], columns: Sequence[str]) -> Iterator[SheetFault]:
    for place, (title, column) in enumerate(zip(heading, columns, strict=True)):
        if not column:
            yield SheetFault(1, tidied(title)[:60] or f"#{place + 1}", "unknown_column")
        elif column in columns[:place]:
            yield SheetFault(1, column, "duplicate_column")
    for needed in NEEDED:
        if needed not in columns:
            yield SheetFault(1, needed, "missing_column")
    if "province_fa" not in columns and "province_en" not in columns:
        yield SheetFault(1, "province_fa", "missing_column")


# ---------------------------------------------------------------- one row


def _faults_of_row(
    number: int, given: Mapping[str, str], known: Known, today: date, warnings: list[SheetFault]
) -> list[SheetFault]:
    faults = []
    sound = {}
    for column, cell in given.items():
        fault = fault_in_text if column in FREE else fault_in_name
        if code := fault(tidied(cell) if len(cell) <= 4 * MOST[column] else cell, MOST[column]):
            # Nothing but hidden characters is an empty cell to whoever reads it.
            hidden = code == "invisible" and not any(letter.isalnum() for letter in cell)
            faults.append(SheetFault(number, column, "missing_field" if hidden and column in NEEDED else code))
        else:
            sound[column] = tidied(cell)
    faults += [SheetFault(number, needed, "missing_field") for needed in NEEDED if sound.get(needed) == ""]
    faults += _faults_of_place(number, given, sound, known)
    if sound.get("id") and not _ID.fullmatch(sound["id"]):
        faults.append(SheetFault(number, "id", "invalid_field"))
    if sound.get("status") and folded(sound["status"]) not in known.statuses:
        faults.append(SheetFault(number, "status", "unknown_status"))
    if sound.get("as_of") and (code := _wrong_date(sound["as_of"], today)):
        (warnings if code == "date_unread" else faults).append(SheetFault(number, "as_of", code))
    warnings += [
        SheetFault(number, column, "mixed_script")
        for column in ("name_fa", "name_en", "county", "product") if is_mixed(sound.get(column, ""))
    ]  # fmt: skip
    return faults


def _faults_of_place(
    number: int, given: Mapping[str, str], sound: Mapping[str, str], known: Known
) -> Iterator[SheetFault]:
    named = [(column, sound[column]) for column in ("province_fa", "province_en") if sound.get(column)]
    found = [(column, known.provinces.get(folded(word))) for column, word in named]
    for column, province in found:
        if province is None:
            yield SheetFault(number, column, "unknown_province")
    if len({province for _, province in found if province}) > 1:
        yield SheetFault(number, "province_en", "contradicts")
    asked = [column for column in ("province_fa", "province_en") if column in given]
    if not named and all(column in sound for column in asked):
        yield SheetFault(number, asked[0], "missing_field")


def _wrong_date(written: str, today: date) -> str | None:
    """The sheet keeps a date as exact as its source has it: a day, a month or a year, perhaps with a word."""
    plain = folded(written)
    if re.fullmatch(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}", plain):
        try:
            return "in_the_future" if parse_date(plain) > today else None
        except ValueError as fault:
            return str(fault)
    if (found := _YEAR.search(plain)) is None:
        return "date_unread"
    year = int(found[0])
    if re.fullmatch(r"\d{4}[-/]\d{1,2}", plain) and not 1 <= int(plain[5:]) <= 12:
        return "date_month"
    if not 1300 <= year <= 1500 and not 1990 <= year <= 2100:
        return "date_year"
    return "in_the_future" if year > (jalali_of(today).year if year <= 1500 else today.year) else None


def _values(given: Mapping[str, str], known: Known) -> dict[str, str]:
    said = {column: tidied(cell) for column, cell in given.items()}
    province = next(
        known.provinces[folded(said[column])] for column in ("province_en", "province_fa") if said.get(column)
    )
    said["province"] = province
    said["status"] = known.statuses.get(folded(said.get("status", "")), "")
    return said


# ---------------------------------------------------------------- all rows together


def _with_ids(read: Sequence[tuple[int, dict[str, str]]]) -> tuple[list[Row], list[SheetFault]]:
    found: dict[str, Row] = {}
    said: dict[str, dict[str, str]] = {}
    faults = []
    for number, values in read:
        id = values.get("id", "")
        made = id or cluster_id(values["province"], values.get("county", ""), values["product"], values["province"])
        if not id and made in said and said[made] != values:
            # Another cluster with the same trade there: the first keeps the short id, this one has its name in it.
            made = f"{made[:53]}-{_digest(values['name_fa'])[:6]}"
        if made in said:
            if said[made] != values:
                faults.append(SheetFault(number, "id" if id else "name_fa", "twice"))
            continue
        said[made] = values
        found[made] = _row(number, made, values)
    return list(found.values()), faults


def _row(number: int, cluster: str, values: Mapping[str, str]) -> Row:
    data = {key: values.get(key, "") for key in ("name_fa", "name_en", "province", "county", "product", "source")}
    if values["status"] in ("", FROM_THE_BEGINNING):
        return Row(number, cluster, "IdentifyCluster", data)
    past = {"status": values["status"], "as_of": values.get("as_of", "")}
    return Row(number, cluster, "ImportCluster", data | past)


def _alike(read: Sequence[tuple[int, dict[str, str]]]) -> Iterator[SheetFault]:
    rows: set[tuple[tuple[str, str], ...]] = set()
    trades: set[tuple[str, ...]] = set()
    for number, values in read:
        row = tuple(sorted(values.items()))
        trade = tuple(folded(values.get(key, "")) for key in ("province", "county", "product"))
        if row in rows:
            yield SheetFault(number, "", "same_row")
        elif trade in trades:
            yield SheetFault(number, "product", "same_trade")
        rows.add(row)
        trades.add(trade)
