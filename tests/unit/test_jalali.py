from datetime import UTC, date, datetime

import pytest

from domain.jalali import (
    add_months,
    days_in_month,
    format_jalali,
    gregorian_of,
    jalali_of,
    month_start,
    next_month_start,
    next_quarter_start,
    next_year_start,
    parse_date,
    quarter_start,
    year_end,
    year_start,
)

NOWRUZ_1403 = date(2024, 3, 20)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-20",
        "1403-01-01",
        "1403/01/01",
        "1403/1/1",
        "۱۴۰۳/۰۱/۰۱",
        "۱۴۰۳-۱-۱",
        "١٤٠٣/٠١/٠١",
        "۲۰۲۴-۰۳-۲۰",
        "  1403/1/1\n",
        "\u20662024-03-20\u2069",
    ],
)
def test_a_date_is_read_in_every_form_people_write(text: str) -> None:
    assert parse_date(text) == NOWRUZ_1403


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "date_form"),
        ("tomorrow", "date_form"),
        ("1403-01/01", "date_form"),
        ("1403.01.01", "date_form"),
        ("03/01/01", "date_form"),
        ("14030101", "date_form"),
        ("1403-01-01T00:00", "date_form"),
        ("१४०३-०१-०१", "date_form"),
        ("2024/03/20", "date_form"),
        ("2024-3-20", "date_form"),
        ("-1403-01-01", "date_form"),
        ("1299/12/29", "date_year"),
        ("1501/01/01", "date_year"),
        ("1989-12-31", "date_year"),
        ("2101-01-01", "date_year"),
        ("0000-01-01", "date_year"),
        ("1403/13/01", "date_month"),
        ("1403/00/01", "date_month"),
        ("2024-13-01", "date_month"),
        ("2024-02-30", "date_day"),
        ("2023-02-29", "date_day"),
        ("1403/07/31", "date_day"),
        ("1404/12/30", "date_day"),
        ("1403/01/00", "date_day"),
        ("1403/01/32", "date_day"),
    ],
)
def test_a_date_that_is_none_is_refused_with_its_code(text: str, code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        parse_date(text)


def test_a_fourteen_hundreds_year_is_jalali_even_when_it_is_a_gregorian_date_too() -> None:
    assert parse_date("1403-02-31") == date(2024, 5, 20)
    assert parse_date("1500-01-01") == date(2121, 3, 21)


def test_30_esfand_exists_in_a_leap_year_only() -> None:
    assert parse_date("1403/12/30") == date(2025, 3, 20)
    assert (days_in_month(1403, 12), days_in_month(1404, 12)) == (30, 29)
    assert (year_end(1403), year_end(1404)) == (date(2025, 3, 20), date(2026, 3, 20))


@pytest.mark.parametrize(("month", "days"), [(1, 31), (6, 31), (7, 30), (11, 30)])
def test_the_first_six_months_have_31_days_and_the_next_five_30(month: int, days: int) -> None:
    assert days_in_month(1405, month) == days


def test_conversion_stops_at_the_edges_of_1300_and_1500() -> None:
    assert jalali_of(date(1921, 3, 21)) == (1300, 1, 1)
    assert jalali_of(date(2122, 3, 20)) == (1500, 12, 29)
    for outside in (date(1921, 3, 20), date(2122, 3, 21)):
        with pytest.raises(ValueError, match=r"^date_year$"):
            jalali_of(outside)
    with pytest.raises(ValueError, match=r"^date_year$"):
        gregorian_of(1501, 1, 1)


def test_a_moment_is_not_taken_for_a_date() -> None:
    with pytest.raises(TypeError):
        jalali_of(datetime(2026, 11, 24, tzinfo=UTC))


def test_months_quarters_and_years_begin_on_jalali_days() -> None:
    third_of_azar = date(2026, 11, 24)
    assert format_jalali(third_of_azar) == "1405/09/03"
    assert format_jalali(month_start(third_of_azar)) == "1405/09/01"
    assert format_jalali(next_month_start(third_of_azar)) == "1405/10/01"
    assert format_jalali(quarter_start(third_of_azar)) == "1405/07/01"
    assert format_jalali(next_quarter_start(third_of_azar)) == "1405/10/01"
    assert format_jalali(year_start(third_of_azar)) == "1405/01/01"
    assert format_jalali(next_year_start(third_of_azar)) == "1406/01/01"


@pytest.mark.parametrize(
    ("day", "start"),
    [("1405/03/31", "1405/01/01"), ("1405/04/01", "1405/04/01"), ("1405/12/29", "1405/10/01")],
)
def test_quarters_begin_in_farvardin_tir_mehr_and_dey(day: str, start: str) -> None:
    assert format_jalali(quarter_start(parse_date(day))) == start


def test_the_last_month_and_quarter_of_a_year_are_followed_by_nowruz() -> None:
    last = parse_date("1403/12/30")
    assert next_month_start(last) == next_quarter_start(last) == next_year_start(last) == date(2025, 3, 21)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("1405/09/03", 36, "1408/09/03"),
        ("1405/06/31", 1, "1405/07/30"),
        ("1403/12/30", 12, "1404/12/29"),
        ("1403/12/30", 60, "1408/12/30"),
        ("1405/01/31", -1, "1404/12/29"),
        ("1405/01/15", -15, "1403/10/15"),
        ("1405/06/31", 0, "1405/06/31"),
    ],
)
def test_a_term_in_months_is_counted_in_jalali_months_and_clamped_to_the_month(
    day: str, months: int, later: str
) -> None:
    assert format_jalali(add_months(parse_date(day), months)) == later


def test_a_term_beyond_1500_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^date_year$"):
        add_months(parse_date("1500/12/01"), 1)
