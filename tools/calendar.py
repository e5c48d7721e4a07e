"""Write a country's days off as dated TOML, one file a Jalali year, for a person to review.

    python -m tools.calendar --years 1403-1409 --out reference/calendar/iran

A development tool: the `holidays` library changes its past (a decree, a moon seen a day later), so the
system itself reads only the files this leaves behind. The library confirms lunar dates by Gregorian year up
to its last confirmed one; later lunar dates carry its mark of estimation as `certainty = "estimated"`. Once
a year is announced, correct its file by hand: set `announced_until` and the certainties.
"""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import holidays

from domain.jalali import format_jalali, gregorian_of, year_end
from i18n.dates import digits

SOLAR = {
    "Nowruz",
    "Nowruz Holiday",
    "Islamic Republic Day",
    "Nature's Day",
    "Death of Imam Khomeini",
    "15 Khordad Uprising",
    "Islamic Revolution Day",
    "Iranian Oil Industry Nationalization Day",
    "Last Day of Year",
}
DECREED = {"Public Holiday"}
ESTIMATED = " (estimated)"


class DayOff(NamedTuple):
    on: date
    fa: str
    en: str
    kind: str
    certainty: str


def days_off(year: int) -> list[DayOff]:
    """The days off of a Jalali year, a row for each reason: Nowruz and Eid al-Fitr may share a date."""
    first, last = gregorian_of(year, 1, 1), year_end(year)
    span = (first.year, last.year)
    english = holidays.country_holidays("IR", years=span, language="en_US")
    titles = persian_titles()
    rows = []
    for on in sorted(english):
        if first <= on <= last:
            for title in english.get_list(on):
                en = title.removesuffix(ESTIMATED)
                certainty = "announced" if en == title else "estimated"
                rows.append(DayOff(on, titles[en], en, kind_of(en), certainty))
    return rows


def kind_of(title: str) -> str:
    if title in SOLAR:
        return "solar"
    return "decreed" if title in DECREED else "lunar"


@cache
def persian_titles() -> dict[str, str]:
    """English title to Persian, learnt from confirmed days that have one title only."""
    years = range(2015, confirmed_until().year + 1)
    english = holidays.country_holidays("IR", years=years, language="en_US")
    persian = holidays.country_holidays("IR", years=years, language="fa_IR")
    alone = [on for on in english if len(english.get_list(on)) == 1]
    return {english[on]: digits(spaced(persian[on]), "fa") for on in alone}


def spaced(title: str) -> str:
    """The library leaves out two spaces."""
    return title.replace("؛", "؛ ").replace("عیدنوروز", "عید نوروز")


@cache
def confirmed_until() -> date:
    """The last day of the last Gregorian year in which the library marks no day as estimated."""
    year = 2020
    while not any(
        ESTIMATED in title for title in holidays.country_holidays("IR", years=year + 1, language="en_US").values()
    ):
        year += 1
    return date(year, 12, 31)


def toml_of(year: int, on: date) -> Iterator[str]:
    """The lines of a year's file."""
    yield f"# Days off in Iran, Jalali year {year}: a draft by tools/calendar.py,"
    yield "# to be reviewed against the official calendar of the year."
    yield "# A row for each reason; a date with two reasons has two rows."
    yield 'country = "IR"'
    yield f"year = {year}"
    yield f'source = "holidays {version("holidays")}"'
    yield f"generated_on = {on}"
    yield 'weekend = ["friday"]'
    yield "utc_offset_minutes = 210"
    yield "opens_at = 08:00:00"
    if (announced := min(confirmed_until(), year_end(year))) >= gregorian_of(year, 1, 1):
        yield f"announced_until = {announced}"
    for day in days_off(year):
        yield ""
        yield "[[day]]"
        yield f'date = "{format_jalali(day.on).replace("/", "-")}"'
        yield f"iso = {day.on}"
        yield f"title = {{ fa = {quote(day.fa)}, en = {quote(day.en)} }}"
        yield f'kind = "{day.kind}"'
        yield f'certainty = "{day.certainty}"'


def quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", required=True, help="Jalali years, first-last")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--on", type=date.fromisoformat, default=datetime.now(UTC).date())
    chosen = parser.parse_args()
    first, last = map(int, chosen.years.split("-"))
    chosen.out.mkdir(parents=True, exist_ok=True)
    for year in range(first, last + 1):
        (chosen.out / f"{year}.toml").write_text("\n".join(toml_of(year, chosen.on)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
