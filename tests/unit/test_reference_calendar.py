import re
from datetime import date
from pathlib import Path

import pytest

from adapters.reference_calendar import load_calendar
from domain.faults import Fault, ReferenceFaults

SHIPPED = Path(__file__).parents[2] / "reference" / "calendar" / "iran"

HEADER = """country = "IR"
year = {year}
source = "a test"
generated_on = 2026-11-24
weekend = ["friday"]
utc_offset_minutes = 210
opens_at = 08:00:00
"""
NOWRUZ = """[[day]]
date = "{year}-01-01"
iso = {iso}
title = {{ fa = "جشن نوروز", en = "Nowruz" }}
kind = "solar"
certainty = "announced"
"""
NOWRUZ_OF = {1405: date(2026, 3, 21), 1406: date(2027, 3, 21), 1407: date(2028, 3, 20)}
ANNOUNCED = "announced_until = 2027-03-20\n"


def year_text(year: int, header: str = "") -> str:
    return HEADER.format(year=year) + header + NOWRUZ.format(year=year, iso=NOWRUZ_OF[year])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two right years: 1405 announced, 1406 estimated."""
    (tmp_path / "1405.toml").write_text(year_text(1405, ANNOUNCED), encoding="utf-8")
    (tmp_path / "1406.toml").write_text(year_text(1406), encoding="utf-8")
    return tmp_path


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def faults_of(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(ReferenceFaults) as caught:
        load_calendar(folder)
    return caught.value.faults


def test_the_shipped_calendar_loads_and_is_small() -> None:
    iran = load_calendar(SHIPPED)
    assert iran.id == "iran"
    assert list(iran.holidays) == list(range(1403, 1410))
    assert (iran.weekend, iran.utc_offset_minutes, iran.opens_at) == ((5,), 210, 480)
    assert (iran.announced_until, iran.estimated_until) == (date(2026, 12, 31), date(2031, 3, 20))
    assert len(iran.model_dump_json()) < 2000


@pytest.mark.parametrize(
    "day_off",
    [
        date(2025, 3, 20),  # 30 Esfand 1403
        date(2026, 3, 21),  # Nowruz and Eid al-Fitr
        date(2026, 6, 25),  # Ashura
        date(2026, 3, 5),  # decreed
        date(2027, 4, 1),  # Islamic Republic Day
    ],
)
def test_the_shipped_calendar_knows_known_days_off(day_off: date) -> None:
    assert not load_calendar(SHIPPED).is_working(day_off)


def test_a_working_day_is_worked_and_an_estimated_year_provisional() -> None:
    iran = load_calendar(SHIPPED)
    assert iran.is_working(date(2026, 11, 24))
    assert iran.is_provisional(date(2027, 4, 4))


def test_files_become_a_calendar(folder: Path) -> None:
    calendar = load_calendar(folder)
    assert calendar.holidays == {1405: "0101", 1406: "0101"}
    assert calendar.announced_until == date(2027, 3, 20)
    assert calendar.id == folder.name


def test_the_weekend_and_the_hours_are_the_files(folder: Path) -> None:
    for file in ("1405.toml", "1406.toml"):
        change(folder, file, '["friday"]', '["friday", "thursday"]')
        change(folder, file, "08:00:00", "07:30:00")
    calendar = load_calendar(folder)
    assert (calendar.weekend, calendar.opens_at) == ((4, 5), 450)


def test_two_reasons_for_one_date_are_one_day_off(folder: Path) -> None:
    text = (folder / "1405.toml").read_text(encoding="utf-8")
    eid = NOWRUZ.format(year=1405, iso=NOWRUZ_OF[1405]).replace('"Nowruz"', '"Eid al-Fitr"')
    (folder / "1405.toml").write_text(text + eid.replace('"solar"', '"lunar"'), encoding="utf-8")
    assert load_calendar(folder).holidays[1405] == "0101"


def test_the_version_changes_with_the_content_and_with_nothing_else(folder: Path) -> None:
    before = load_calendar(folder).version
    assert re.fullmatch(r"2026-11-24\.[0-9a-f]{8}", before)
    assert load_calendar(folder).version == before
    change(folder, "1406.toml", "جشن نوروز", "نوروز")
    assert load_calendar(folder).version != before


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("year = 1405", "year = 1407", "year"),
        ('date = "1405-01-01"', 'date = "1405-01-02"', "day[0].date"),
        ("iso = 2026-03-21", "iso = 2026-03-22", "day[0].date"),
        ("iso = 2026-03-21", "iso = 2027-03-21", "day[0].iso"),
        ('kind = "solar"', 'kind = "stellar"', "day[0].kind"),
        ('certainty = "announced"', 'certainty = "estimated"', "day[0].certainty"),
        ('fa = "جشن نوروز", ', "", "day[0].title.fa"),
        ("announced_until = 2027-03-20", "announced_until = 2027-03-21", "announced_until"),
        ("announced_until = 2027-03-20", "announced_until = 2227-03-20", "announced_until"),
        ("iso = 2026-03-21", "iso = 1026-03-21", "day[0].iso"),
        ('["friday"]', '["jomeh"]', "weekend[0]"),
        ('["friday"]', '["friday", "friday"]', "weekend"),
        ('source = "a test"', "", "source"),
        ('country = "IR"', 'country = "IR"\ncapital = "Tehran"', "capital"),
        ("year = 1405", "year = 1405 =", ""),
    ],
)
def test_a_fault_names_its_file_and_key(folder: Path, old: str, new: str, key: str) -> None:
    change(folder, "1405.toml", old, new)
    assert ("1405.toml", key) in [(fault.file, fault.key) for fault in faults_of(folder)]


def test_a_lunar_day_beyond_the_announced_is_estimated(folder: Path) -> None:
    change(folder, "1406.toml", '"solar"', '"lunar"')
    assert [fault.key for fault in faults_of(folder)] == ["day[0].certainty"]


def test_every_file_is_read_before_the_faults_are_told(folder: Path) -> None:
    change(folder, "1405.toml", '"solar"', '"stellar"')
    change(folder, "1405.toml", 'source = "a test"', "")
    change(folder, "1406.toml", 'date = "1406-01-01"', 'date = "1406-02-01"')
    told = [(fault.file, fault.key) for fault in faults_of(folder)]
    assert told == [("1405.toml", "source"), ("1405.toml", "day[0].kind"), ("1406.toml", "day[0].date")]


def test_a_year_missing_in_between_is_a_fault(folder: Path) -> None:
    (folder / "1407.toml").write_text(year_text(1407), encoding="utf-8")
    (folder / "1406.toml").unlink()
    assert [fault.file for fault in faults_of(folder)] == ["1406.toml"]


def test_a_year_missing_is_told_beside_the_faults_of_others(folder: Path) -> None:
    (folder / "1407.toml").write_text(year_text(1407).replace("1407-01-01", "1407-01-02"), encoding="utf-8")
    (folder / "1406.toml").unlink()
    assert {fault.file for fault in faults_of(folder)} == {"1406.toml", "1407.toml"}


def test_an_unreadable_year_is_not_called_missing(folder: Path) -> None:
    (folder / "1407.toml").write_text(year_text(1407), encoding="utf-8")
    (folder / "1406.toml").write_text("year = ", encoding="utf-8")
    (fault,) = faults_of(folder)
    assert (fault.file, "is no TOML" in fault.message) == ("1406.toml", True)


def test_nothing_is_announced_when_no_file_says_so(folder: Path) -> None:
    change(folder, "1405.toml", ANNOUNCED, "")
    assert load_calendar(folder).is_provisional(date(2026, 3, 21))


def test_the_same_reason_twice_on_one_day_is_a_fault(folder: Path) -> None:
    text = year_text(1405, ANNOUNCED) + NOWRUZ.format(year=1405, iso=NOWRUZ_OF[1405])
    (folder / "1405.toml").write_text(text, encoding="utf-8")
    assert [fault.key for fault in faults_of(folder)] == ["day[1]"]


def test_years_that_disagree_on_the_weekend_are_a_fault(folder: Path) -> None:
    change(folder, "1406.toml", '["friday"]', '["saturday"]')
    assert [(fault.file, fault.key) for fault in faults_of(folder)] == [("1406.toml", "weekend")]


def test_a_year_announced_after_one_that_is_not_is_a_fault(folder: Path) -> None:
    change(folder, "1405.toml", "announced_until = 2027-03-20", "announced_until = 2026-12-31")
    change(folder, "1406.toml", "[[day]]", "announced_until = 2028-03-19\n[[day]]")
    assert [(fault.file, fault.key) for fault in faults_of(folder)] == [("1406.toml", "announced_until")]


def test_a_folder_without_a_year_is_a_fault(tmp_path: Path) -> None:
    assert [fault.message for fault in faults_of(tmp_path)] == ["holds no year"]


def test_the_exception_reads_as_a_list_of_faults() -> None:
    error = ReferenceFaults([Fault("1405.toml", "year", "is wrong"), Fault("1406.toml", "", "is missing")])
    assert str(error) == "1405.toml: year: is wrong\n1406.toml: is missing"
