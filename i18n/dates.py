"""Dates and figures as people read them: Jalali first, Persian digits in Persian, ISO where it helps.

Latin runs in a Persian line (ISO dates, ids, hashes) go through `ltr`: without it 2026-11-24 is shown as
24-11-2026 after an Arabic letter.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from persiantools.jdatetime import JalaliDate

Lang = Literal["fa", "en"]

MONTHS: dict[Lang, tuple[str, ...]] = {
    "fa": (
        *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
        *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
    ),
    "en": (
        *("Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar"),
        *("Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand"),
    ),
}

_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
# The mark keeps the minus on the left of its figure in a line that runs from right to left.
_PERSIAN_NUMBER = _PERSIAN | str.maketrans({",": "٬", ".": "٫", "-": "\u200e−"})


def show_date(day: date, lang: Lang) -> str:
    """«۳ آذر ۱۴۰۵»; in English `3 Azar 1405 (2026-11-24)`, for readers who know no Jalali date."""
    return _in_words(day, lang) if lang == "fa" else show_with_iso(day, lang)


def show_with_iso(day: date, lang: Lang) -> str:
    """The Jalali date in words and the ISO date in brackets, in either language."""
    iso = day.isoformat()
    return f"{_in_words(day, lang)} ({ltr(iso) if lang == 'fa' else iso})"


def show_month(day: date, lang: Lang) -> str:
    """The Jalali month of a day: «آذر ۱۴۰۵», `Azar 1405`."""
    year, month, _ = _jalali(day)
    return digits(f"{MONTHS[lang][month - 1]} {year}", lang)


def show_short(day: date, lang: Lang) -> str:
    """«۱۴۰۵/۰۹/۰۳», for tables; `1405/09/03` in English."""
    return digits("{:04}/{:02}/{:02}".format(*_jalali(day)), lang)


def digits(text: str, lang: Lang) -> str:
    """`text` with Persian digits in Persian; as it is in English."""
    return text.translate(_PERSIAN) if lang == "fa" else text


def number(n: int | Decimal, lang: Lang) -> str:
    """A figure with thousands set off: «۱٬۲۳۴٬۵۶۷٫۵» and `1,234,567.5`."""
    written = f"{n:,}"
    return written.translate(_PERSIAN_NUMBER) if lang == "fa" else written


def ltr(text: str) -> str:
    """`text` kept in its left-to-right order inside a line of either direction (for plain text, not HTML)."""
    return f"\u2066{text}\u2069"


def _in_words(day: date, lang: Lang) -> str:
    year, month, of_month = _jalali(day)
    return digits(f"{of_month} {MONTHS[lang][month - 1]} {year}", lang)


def _jalali(day: date) -> tuple[int, int, int]:
    # Words know no room, so they do not ask domain.jalali; a test holds the two together.
    there = JalaliDate.to_jalali(day)  # type: ignore[no-untyped-call]
    return there.year, there.month, there.day
