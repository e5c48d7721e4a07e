from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from domain.calendar import WorkingCalendar, offset_seconds, pack
from domain.jalali import parse_date

# Nowruz 1405 as announced, with 29 Esfand 1404 before it; 1406 estimated.
FACTS: dict[str, Any] = {
    "id": "iran",
    "version": "test",
    "holidays": {1404: "1229", 1405: "0101 0102 0103 0104 0112 0113", 1406: "0101 0102 0103 0104 0326"},
    "announced_until": date(2027, 3, 20),
    "estimated_until": date(2028, 3, 19),
}
IRAN = WorkingCalendar(**FACTS)
THURSDAY_AND_FRIDAY = WorkingCalendar(**FACTS | {"weekend": (4, 5)})


def day(text: str) -> date:
    return parse_date(text)


def test_friday_alone_is_weekend_unless_the_calendar_says_more() -> None:
    thursday, friday, saturday = date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 28)
    assert [IRAN.is_working(d) for d in (thursday, friday, saturday)] == [True, False, True]
    assert [THURSDAY_AND_FRIDAY.is_working(d) for d in (thursday, friday, saturday)] == [False, False, True]


def test_a_holiday_is_not_worked_in_its_own_year_only() -> None:
    assert not IRAN.is_working(day("1405/01/12"))
    assert IRAN.is_working(day("1406/01/12"))


def test_a_due_date_in_nowruz_moves_to_the_first_day_of_work() -> None:
    assert IRAN.next_working(day("1404/12/29")) == day("1405/01/05")
    assert IRAN.next_working(day("1405/01/05")) == day("1405/01/05")


def test_a_due_date_on_a_holiday_before_a_friday_moves_over_both() -> None:
    assert IRAN.next_working(day("1405/01/12")) == day("1405/01/15")


def test_working_days_are_counted_after_the_day_itself() -> None:
    wednesday = date(2026, 11, 25)
    assert IRAN.add_working_days(wednesday, 1) == date(2026, 11, 26)
    assert IRAN.add_working_days(wednesday, 2) == date(2026, 11, 28)
    assert IRAN.add_working_days(wednesday, 0) == wednesday


def test_zero_working_days_after_a_day_off_is_the_next_working_day() -> None:
    assert IRAN.add_working_days(date(2026, 11, 27), 0) == date(2026, 11, 28)


def test_negative_working_days_go_back_over_days_off() -> None:
    assert IRAN.add_working_days(day("1405/01/05"), -1) == day("1404/12/28")


def test_days_between_count_the_end_and_not_the_start() -> None:
    wednesday, saturday = date(2026, 11, 25), date(2026, 11, 28)
    assert IRAN.working_days_between(wednesday, saturday) == 2
    assert IRAN.working_days_between(saturday, wednesday) == -2
    assert IRAN.working_days_between(wednesday, wednesday) == 0


def test_dates_beyond_the_announced_lunar_days_are_provisional() -> None:
    assert not IRAN.is_provisional(date(2027, 3, 20))
    assert IRAN.is_provisional(date(2027, 3, 21))


def test_an_estimated_year_keeps_its_days_off_and_a_missing_year_its_weekend_only() -> None:
    assert not IRAN.is_working(day("1406/01/01"))
    assert IRAN.is_working(day("1407/01/01"))
    friday_in_a_missing_year = date(2028, 3, 24)
    assert not IRAN.is_working(friday_in_a_missing_year)


def test_a_year_is_covered_when_it_is_present_announced_or_not() -> None:
    assert [IRAN.covers(day(f"{year}/01/01")) for year in (1403, 1404, 1406, 1407)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_year_before_the_first_present_is_provisional_too() -> None:
    assert IRAN.is_provisional(day("1403/12/30"))


def test_the_office_opens_at_eight_in_tehran() -> None:
    assert IRAN.opening(date(2026, 11, 24)) == datetime(2026, 11, 24, 4, 30, tzinfo=UTC)


def test_a_clusters_offset_is_added_to_the_opening() -> None:
    assert IRAN.opening(date(2026, 11, 24), 90) == datetime(2026, 11, 24, 4, 31, 30, tzinfo=UTC)


def test_an_opening_east_of_utc_may_fall_on_the_day_before_in_utc() -> None:
    early = WorkingCalendar(**FACTS | {"opens_at": 60})
    assert early.opening(date(2026, 11, 24)) == datetime(2026, 11, 23, 21, 30, tzinfo=UTC)


def test_the_day_changes_at_midnight_in_tehran() -> None:
    assert IRAN.day_of(datetime(2026, 11, 24, 20, 29, 59, tzinfo=UTC)) == date(2026, 11, 24)
    assert IRAN.day_of(datetime(2026, 11, 24, 20, 30, tzinfo=UTC)) == date(2026, 11, 25)


def test_the_day_of_a_moment_does_not_depend_on_the_zone_it_is_written_in() -> None:
    moment = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
    assert IRAN.day_of(moment.astimezone(timezone(timedelta(hours=-8)))) == date(2026, 11, 25)


def test_a_moment_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match=r"^moment_without_zone$"):
        IRAN.day_of(datetime(2026, 11, 24, 8))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"weekend": (1, 2, 3, 4, 5, 6, 7)}, "weekend"),
        ({"weekend": (5, 5)}, "weekend"),
        ({"weekend": (0,)}, "weekend"),
        ({"holidays": {}}, "holidays"),
        ({"holidays": {1404: "", 1406: ""}}, "consecutive"),
        ({"holidays": {1406: "0101 0732"}}, "date_day"),
        ({"holidays": {1406: "1230"}}, "date_day"),
        ({"holidays": {1406: "1301"}}, "date_month"),
        ({"holidays": {1406: "0102 0101"}}, "ascending"),
        ({"holidays": {1406: "0101 0101"}}, "ascending"),
        ({"holidays": {1406: "01-01"}}, "MMDD"),
        ({"estimated_until": date(2027, 3, 20)}, "estimated_until"),
        ({"announced_until": date(2028, 3, 20)}, "beyond"),
        ({"closes_at": 960}, "closes_at"),
    ],
)
def test_a_calendar_that_is_not_whole_is_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        WorkingCalendar(**FACTS | change)


def test_a_calendar_survives_json_and_stays_small() -> None:
    packed = " ".join(f"{month:02}{number:02}" for month in range(1, 10) for number in (1, 2, 3))
    seven_years = WorkingCalendar(
        **FACTS | {"holidays": dict.fromkeys(range(1403, 1410), packed), "estimated_until": date(2031, 3, 20)}
    )
    text = seven_years.model_dump_json()
    assert WorkingCalendar.model_validate_json(text) == seven_years
    assert len(text) < 2000


def test_days_are_packed_in_order_as_months_and_days() -> None:
    assert pack([day("1405/12/29"), day("1405/01/01")]) == "0101 1229"
    assert pack([]) == ""


def test_a_clusters_offset_never_changes() -> None:
    # Fixed figures: another digest would move every reminder of every running cluster.
    assert [offset_seconds(name, 3600) for name in ("IR-001", "IR-002", "خوشه")] == [2534, 1129, 1162]


def test_offsets_lie_inside_the_spread_and_are_spread_evenly() -> None:
    seconds = [offset_seconds(f"IR-{n:04}", 10) for n in range(1000)]
    assert all(60 <= seconds.count(second) <= 140 for second in range(10))
    assert sorted(set(seconds)) == list(range(10))


def test_no_spread_is_no_offset_and_a_negative_one_is_refused() -> None:
    assert offset_seconds("IR-001", 0) == 0
    with pytest.raises(ValueError, match=r"^spread_negative$"):
        offset_seconds("IR-001", -1)
