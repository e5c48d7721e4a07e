"""Sheets of people and agents: every fault of a sheet is told at once, with its row and column."""

from pathlib import Path

import pytest

from client.directory_sheet import SheetRefused, read_sheet
from tests.office import KNOWN


@pytest.fixture
def refused(tmp_path: Path):
    """The faults of a sheet with this text."""

    def _refused(text):
        path = tmp_path / "sheet.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(SheetRefused) as caught:
            read_sheet(path, KNOWN)
        return [tuple(fault) for fault in caught.value.faults]

    return _refused


def test_every_fault_is_told_with_its_row_and_column(refused):
    sheet = """\
person,role,scope,until,name_fa,name_en,contact
Sara,provincial_coordinator,province/isfahan,,,,
p-2,king,province/isfahan,,,,
p-3,provincial_coordinator,province/atlantis,1405/13/01,,,
p-4,provincial_coordinator,nation,,,,
p-5,,nation,yesterday,,,
p-6,auditor,nation,,,Ali Sample,
p-6,auditor,nation,,,Reza Sample,
p-7,auditor,nation,,,,,surplus
"""
    assert refused(sheet) == [
        (2, "person", "invalid_field"),
        (3, "role", "unknown_role"),
        (4, "scope", "unknown_province"),
        (4, "until", "date_month"),
        (5, "scope", "wrong_scope"),
        (6, "role", "missing_field"),
        (6, "until", "date_form"),
        (8, "name_en", "contradicts"),
        (8, "person", "twice"),
        (9, "", "unknown_column"),
    ]


def test_every_fault_of_a_sheet_of_agents_is_told(refused):
    sheet = """\
agent,capacity,home_province,products,languages,certificate_until,conflicts
p-9,many,isfahan,,,2029-02-30,
p-10,99,atlantis,,,,somebody
p-11,,isfahan,,,,
"""
    assert refused(sheet) == [
        (2, "capacity", "invalid_field"),
        (2, "certificate_until", "date_day"),
        (3, "capacity", "invalid_field"),
        (3, "conflicts", "invalid_field"),
        (3, "home_province", "unknown_province"),
        (4, "capacity", "missing_field"),
    ]


def test_a_sheet_with_other_columns_is_refused_by_its_heading(refused):
    assert refused("person,role,scoop\n") == [(1, "scoop", "unknown_column"), (1, "scope", "missing_column")]


@pytest.mark.parametrize("name", ["absent.csv", "absent.xlsx"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path, name):
    with pytest.raises(SheetRefused) as caught:
        read_sheet(tmp_path / name, KNOWN)
    assert caught.value.faults == ((0, "", "unreadable"),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_sheet_is_read_in_the_encodings_that_spreadsheets_write(tmp_path, encoding):
    (tmp_path / "a.csv").write_text("person,role,scope,name_fa\np-1,auditor,nation,سارا\n", encoding=encoding)
    assert [one.name_fa for one in read_sheet(tmp_path / "a.csv", KNOWN).people] == ["سارا"]


@pytest.mark.parametrize(("name", "code"), [("a.xlsm", "macro"), ("a.txt", "unknown_form"), ("a.csv", "encoding")])
def test_a_file_that_is_not_opened_says_why(tmp_path, name, code):
    (tmp_path / name).write_bytes(b"\xff")
    with pytest.raises(SheetRefused) as caught:
        read_sheet(tmp_path / name, KNOWN)
    assert [fault.code for fault in caught.value.faults] == [code]
