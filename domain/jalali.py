"""Jalali (Solar Hijri) arithmetic on Gregorian dates, exact for the years 1300 to 1500.

Every date the core keeps is a Gregorian `datetime.date`; the Jalali calendar says where months, quarters and
years of the programme begin. The range is bounded because Jalali libraries agree on every day of 1300-1500
and disagree from 1502 on.

Errors are `ValueError`s whose text is a code: `date_form` (not a form we read), `date_year`, `date_month`,
`date_day` (out of range).
"""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from persiantools.jdatetime import JalaliDate

FIRST_YEAR, LAST_YEAR = 1300, 1500
GREGORIAN_YEARS = range(1990, 2101)

_FIRST_DAY, _LAST_DAY = date(1921, 3, 21), date(2122, 3, 20)
_LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_WRITTEN = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})")
# A date copied from a Persian line of ours brings its direction marks along.
_AROUND = " \t\r\n\u200e\u200f\u2066\u2067\u2068\u2069"


class Jalali(NamedTuple):
    year: int
    month: int
    day: int


@lru_cache(maxsize=8192)
def jalali_of(day: date) -> Jalali:
    """The Jalali year, month and day of a Gregorian date. `date_year` outside 1300-1500."""
    if isinstance(day, datetime):
        raise TypeError("a moment has no date until a calendar's day_of gives it one")
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise ValueError("date_year")
    there = JalaliDate.to_jalali(day)  # type: ignore[no-untyped-call]
    return Jalali(there.year, there.month, there.day)


@lru_cache(maxsize=8192)
def gregorian_of(year: int, month: int, day: int) -> date:
    """The Gregorian date of a Jalali day that exists; `date_year`, `date_month` or `date_day` otherwise."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError("date_year")
    if not 1 <= month <= 12:
        raise ValueError("date_month")
    if not 1 <= day <= days_in_month(year, month):
        raise ValueError("date_day")
    return JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]


def days_in_month(year: int, month: int) -> int:
    """31, 30 or 29: Esfand has 30 days in a leap year only."""
    if month == 12:
        return 30 if JalaliDate.is_leap(year) else 29
    return 31 if month <= 6 else 30


def month_start(day: date) -> date:
    """The first day of the Jalali month that holds `day`."""
    here = jalali_of(day)
    return gregorian_of(here.year, here.month, 1)


def next_month_start(day: date) -> date:
    return add_months(month_start(day), 1)


def quarter_start(day: date) -> date:
    """The first day of the Jalali quarter that holds `day`: 1 Farvardin, 1 Tir, 1 Mehr or 1 Dey."""
    here = jalali_of(day)
    return gregorian_of(here.year, here.month - (here.month - 1) % 3, 1)


def next_quarter_start(day: date) -> date:
    return add_months(quarter_start(day), 3)


def year_start(day: date) -> date:
    """1 Farvardin of the Jalali year that holds `day`."""
    return gregorian_of(jalali_of(day).year, 1, 1)


def next_year_start(day: date) -> date:
    return gregorian_of(jalali_of(day).year + 1, 1, 1)


def year_end(year: int) -> date:
    """The last day of a Jalali year: 29 Esfand, or 30 in a leap year."""
    return gregorian_of(year, 12, days_in_month(year, 12))


def add_months(day: date, months: int) -> date:
    """The same day of the Jalali month `months` later (earlier when negative), clamped to its last day.

    Terms of the programme ("36 months") are counted in Jalali months: 31 Shahrivar and one month is 30 Mehr.
    """
    here = jalali_of(day)
    year, month = divmod(here.year * 12 + here.month - 1 + months, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError("date_year")
    return gregorian_of(year, month + 1, min(here.day, days_in_month(year, month + 1)))


def parse_date(text: str) -> date:
    """The Gregorian date a person wrote, in Latin, Persian or Arabic digits.

    Read: ISO (2024-03-20, years 1990-2100) and Jalali with dashes or slashes (1403-01-01, 1403/1/1, years
    1300-1500). The year alone decides which: 1403-01-01 is Jalali, never the fifteenth century.
    """
    written = _WRITTEN.fullmatch(text.strip(_AROUND).translate(_LATIN))
    if written is None:
        raise ValueError("date_form")
    year, month, day = int(written[1]), int(written[3]), int(written[4])
    if FIRST_YEAR <= year <= LAST_YEAR:
        return gregorian_of(year, month, day)
    if year not in GREGORIAN_YEARS:
        raise ValueError("date_year")
    if written[2] != "-" or len(written[3]) + len(written[4]) != 4:
        # 2024/3/4 is March to one reader and April to another.
        raise ValueError("date_form")
    if not 1 <= month <= 12:
        raise ValueError("date_month")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("date_day") from None


def format_jalali(day: date) -> str:
    """`1405/09/03`, in Latin digits: the form that files and exports carry."""
    return "{:04}/{:02}/{:02}".format(*jalali_of(day))
