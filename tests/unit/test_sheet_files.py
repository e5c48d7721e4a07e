"""Files that people send are read without harm, in the encodings they come in, or refused with the reason."""

import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from adapters.tables import TableUnreadable, read_table

HEADING = ["name_fa", "province_fa", "product"]
ROW = ["خوشه فرش", "قم", "=1+1"]


def written(path, raw):
    path.write_bytes(raw)
    return path


def workbook(path, change=None):
    book = openpyxl.Workbook()
    for row in (HEADING, ["خوشه فرش", "قم", "فرش"]):
        book.worksheets[0].append(row)
    if change:
        change(book)
    book.save(path)
    return path


def with_part(path, name, content):
    workbook(path)
    with ZipFile(path, "a", ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def refused(path, encoding=None):
    before = path.read_bytes()
    with pytest.raises(TableUnreadable) as fault:
        read_table(path, encoding)
    assert path.read_bytes() == before
    return fault.value.code


CSV = ",".join(HEADING) + "\r\n" + ",".join(ROW) + "\n"


@pytest.mark.parametrize("raw", [CSV.encode(), CSV.encode("utf-8-sig"), CSV.encode("utf-16")])
def test_csv_is_read_with_and_without_a_mark(tmp_path, raw):
    table = read_table(written(tmp_path / "a.csv", raw))
    assert table.heading == tuple(HEADING)
    assert table.rows == ((2, tuple(ROW)),)  # a formula is text here, and nothing is calculated


def test_another_encoding_must_be_declared(tmp_path):
    path = written(tmp_path / "a.csv", "name_fa\nفرش\n".encode("cp1256"))
    assert refused(path) == "encoding"
    assert read_table(path, "cp1256").rows == ((2, ("فرش",)),)


def test_a_quote_that_never_ends_is_refused(tmp_path):
    assert refused(written(tmp_path / "a.csv", b'name_fa\n"x\n')) == "quotes"


def test_rows_are_numbered_as_the_spreadsheet_does(tmp_path):
    assert read_table(written(tmp_path / "a.csv", b"a\n\nx\n\n\ny\n")).rows == ((3, ("x",)), (6, ("y",)))


@pytest.mark.parametrize(("name", "code"), [("a.xlsm", "macro"), ("a.pdf", "unknown_form"), ("a.yaml", "unknown_form")])
def test_a_form_that_is_not_read_is_refused(tmp_path, name, code):
    assert refused(written(tmp_path / name, b"x")) == code


def test_a_file_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("adapters.tables.MOST_BYTES", 10)
    assert refused(written(tmp_path / "a.csv", b"x" * 11)) == "too_big_file"


def test_too_many_rows_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("adapters.tables.MOST_ROWS", 2)
    assert refused(written(tmp_path / "a.csv", b"a\n1\n2\n3\n")) == "too_many_rows"


def test_a_workbook_is_read(tmp_path):
    assert read_table(workbook(tmp_path / "a.xlsx")).rows == ((2, ("خوشه فرش", "قم", "فرش")),)


def test_a_hidden_sheet_is_not_looked_at(tmp_path):
    def hide(book):
        book.create_sheet("second").append(["seen"])
        book.worksheets[0].sheet_state = "hidden"

    assert read_table(workbook(tmp_path / "a.xlsx", hide)).heading == ("seen",)


def test_days_of_a_workbook_are_days(tmp_path):
    from datetime import date

    path = workbook(tmp_path / "a.xlsx", lambda book: book.active.append(["x", "y", date(2024, 3, 20)]))
    assert read_table(path).rows[1][1][2] == "2024-03-20"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("xl/vbaProject.bin", b"macro", "macro"),
        ("xl/evil.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>', "dtd"),
        ("xl/evil16.xml", '<?xml version="1.0"?><!DOCTYPE a []><a/>'.encode("utf-16"), "dtd"),
        ("../../outside.xml", b"<a/>", "unreadable"),
        ("/etc/outside.xml", b"<a/>", "unreadable"),
        ("C:/outside.xml", b"<a/>", "unreadable"),
        ("xl/bomb.xml", b"0" * 70_000_000, "packed"),
    ],
)
def test_a_workbook_that_could_harm_is_not_opened(tmp_path, name, content, code):
    assert refused(with_part(tmp_path / "a.xlsx", name, content)) == code


def test_a_workbook_of_thousands_of_parts_is_not_opened(tmp_path):
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for n in range(2_001):
            archive.writestr(f"{n}.xml", b"")
    assert refused(written(tmp_path / "a.xlsx", packed.getvalue())) == "packed"


@pytest.mark.parametrize("raw", [b"no archive", b"PK\x03\x04cut"])
def test_what_is_no_workbook_is_refused(tmp_path, raw):
    assert refused(written(tmp_path / "a.xlsx", raw)) == "unreadable"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('[{"a": 1, "a": 2}]', "duplicate_key"),
        ('[{"a": NaN}]', "unreadable"),
        ("[" * 1_000 + "]" * 1_000, "unreadable"),
        ("[" * 100_000, "unreadable"),
        ('{"a": 1}', "unreadable"),
        ("[1]", "unreadable"),
    ],
)
def test_json_is_read_strictly(tmp_path, said, code):
    assert refused(written(tmp_path / "a.json", said.encode())) == code


def test_json_gives_the_same_rows(tmp_path):
    path = written(tmp_path / "a.json", json.dumps([dict(zip(HEADING, ROW, strict=True))]).encode())
    assert read_table(path).rows == ((2, tuple(ROW)),)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_named_as_an_encoding_and_not_as_odd_columns(tmp_path, encoding):
    assert refused(written(tmp_path / "a.csv", "name_fa,product\nx,y\n".encode(encoding))) == "encoding"
