"""Rules that hold for every day: convertdate says what the Jalali date is, counting says the rest."""

from datetime import date, timedelta

from convertdate import persian
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkingCalendar
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
    year_start,
)

CALENDAR = WorkingCalendar(
    id="iran",
    version="test",
    holidays={
        1404: "1122 1229",
        1405: "0101 0102 0103 0104 0112 0113 1122 1229",
        1406: "0101 0102 0103 0104",
    },
    announced_until=date(2027, 3, 20),
    estimated_until=date(2028, 3, 19),
)

any_day = st.dates(date(1921, 3, 21), date(2122, 3, 20))
inner_day = st.dates(date(1931, 3, 21), date(2112, 3, 20))
programme_day = st.dates(date(2025, 6, 1), date(2028, 6, 1))
working_day = programme_day.map(CALENDAR.next_working)


@given(any_day)
def test_jalali_agrees_with_convertdate(day: date) -> None:
    assert jalali_of(day) == persian.from_gregorian(day.year, day.month, day.day)


@given(any_day)
def test_conversion_comes_back(day: date) -> None:
    assert gregorian_of(*jalali_of(day)) == day


@given(st.integers(1300, 1500), st.integers(1, 12))
def test_month_lengths_agree_with_convertdate(year: int, month: int) -> None:
    assert days_in_month(year, month) == persian.month_length(year, month)


@given(any_day)
def test_the_written_date_is_read_back(day: date) -> None:
    assert parse_date(format_jalali(day)) == day


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_the_iso_date_is_read_back(day: date) -> None:
    assert parse_date(day.isoformat()) == day


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_date_or_a_refusal_with_a_code(text: str) -> None:
    try:
        read: date | str = parse_date(text)
    except ValueError as error:
        read = str(error)
    assert isinstance(read, date) or read in {"date_form", "date_year", "date_month", "date_day"}


@given(inner_day)
def test_every_day_lies_in_its_month_quarter_and_year(day: date) -> None:
    assert year_start(day) <= quarter_start(day) <= month_start(day) <= day
    assert day < next_month_start(day) <= next_quarter_start(day) <= next_year_start(day)


@given(inner_day)
def test_the_next_month_begins_the_day_after_the_last(day: date) -> None:
    before = jalali_of(next_month_start(day) - timedelta(days=1))
    assert before[:2] == jalali_of(day)[:2]
    assert jalali_of(next_month_start(day)).day == 1


@given(inner_day, st.integers(-100, 100))
def test_a_term_lands_in_its_month_on_its_day_or_the_last(day: date, months: int) -> None:
    here, there = jalali_of(day), jalali_of(add_months(day, months))
    assert (there.year - here.year) * 12 + there.month - here.month == months
    assert there.day == min(here.day, persian.month_length(*there[:2]))


@given(inner_day, st.integers(0, 50), st.integers(0, 50))
def test_a_longer_term_never_ends_earlier(day: date, short: int, more: int) -> None:
    assert add_months(day, short) <= add_months(day, short + more)


@given(programme_day)
def test_the_next_working_day_is_the_nearest(day: date) -> None:
    there = CALENDAR.next_working(day)
    assert CALENDAR.is_working(there)
    assert not any(CALENDAR.is_working(day + timedelta(days=n)) for n in range((there - day).days))


@given(programme_day, st.integers(1, 60))
def test_adding_working_days_and_counting_them_agree(day: date, n: int) -> None:
    there = CALENDAR.add_working_days(day, n)
    assert CALENDAR.is_working(there)
    assert CALENDAR.working_days_between(day, there) == n


@given(working_day, st.integers(1, 60))
def test_going_on_and_back_from_a_working_day_returns(day: date, n: int) -> None:
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(day, n), -n) == day


@given(programme_day, programme_day, programme_day)
def test_counts_of_working_days_add_up(a: date, b: date, c: date) -> None:
    between = CALENDAR.working_days_between
    assert between(a, b) + between(b, c) == between(a, c)


@given(programme_day, st.integers(0, 3 * 3600))
def test_the_office_opens_on_the_day_itself(day: date, offset: int) -> None:
    assert CALENDAR.day_of(CALENDAR.opening(day, offset)) == day
