from datetime import date
from decimal import Decimal

import pytest

from domain.jalali import format_jalali
from i18n.dates import MONTHS, Lang, digits, ltr, number, show_date, show_short, show_with_iso

THIRD_OF_AZAR = date(2026, 11, 24)


def test_persian_shows_the_jalali_date_in_persian_digits() -> None:
    assert show_date(THIRD_OF_AZAR, "fa") == "۳ آذر ۱۴۰۵"


def test_english_shows_the_iso_date_beside_the_jalali_one() -> None:
    assert show_date(THIRD_OF_AZAR, "en") == "3 Azar 1405 (2026-11-24)"


def test_the_short_form_keeps_its_width() -> None:
    assert show_short(THIRD_OF_AZAR, "fa") == "۱۴۰۵/۰۹/۰۳"
    assert show_short(THIRD_OF_AZAR, "en") == "1405/09/03"


@pytest.mark.parametrize("day", [date(1921, 3, 21), date(2025, 3, 20), date(2026, 9, 22), date(2122, 3, 20)])
def test_the_date_shown_is_the_one_the_core_reckons_with(day: date) -> None:
    assert show_short(day, "en") == format_jalali(day)


def test_the_iso_date_in_a_persian_line_is_isolated() -> None:
    assert show_with_iso(THIRD_OF_AZAR, "fa") == "۳ آذر ۱۴۰۵ (\u20662026-11-24\u2069)"
    assert show_with_iso(THIRD_OF_AZAR, "en") == "3 Azar 1405 (2026-11-24)"


@pytest.mark.parametrize(
    ("day", "fa", "en"),
    [
        (date(2026, 3, 21), "۱ فروردین ۱۴۰۵", "1 Farvardin 1405"),
        (date(2025, 3, 20), "۳۰ اسفند ۱۴۰۳", "30 Esfand 1403"),
    ],
)
def test_the_first_and_the_last_month_have_their_names(day: date, fa: str, en: str) -> None:
    assert show_date(day, "fa") == fa
    assert show_date(day, "en").startswith(en)


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_twelve_months_have_twelve_names(lang: Lang) -> None:
    assert len(set(MONTHS[lang])) == 12


def test_digits_are_persian_in_persian_only_and_letters_stay() -> None:
    assert digits("بند 10 از ICDP-2", "fa") == "بند ۱۰ از ICDP-۲"
    assert digits("item 10", "en") == "item 10"


@pytest.mark.parametrize(
    ("n", "fa", "en"),
    [
        (0, "۰", "0"),
        (999, "۹۹۹", "999"),
        (1234567, "۱٬۲۳۴٬۵۶۷", "1,234,567"),
        (Decimal("1234.50"), "۱٬۲۳۴٫۵۰", "1,234.50"),
        (-1200, "\u200e−۱٬۲۰۰", "-1,200"),
    ],
)
def test_figures_are_grouped_in_thousands(n: int | Decimal, fa: str, en: str) -> None:
    assert (number(n, "fa"), number(n, "en")) == (fa, en)


def test_an_isolated_text_is_opened_and_closed() -> None:
    assert ltr("IR-001") == "\u2066IR-001\u2069"
