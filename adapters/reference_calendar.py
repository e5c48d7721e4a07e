"""Reading a country's working calendar from its dated TOML files, one a Jalali year."""

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.calendar import WorkingCalendar, pack
from domain.faults import Fault, ReferenceFaults
from domain.jalali import FIRST_YEAR, LAST_YEAR, format_jalali, gregorian_of, jalali_of, year_end

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Text = Annotated[str, Field(min_length=1)]
Day = Annotated[date, Field(ge=gregorian_of(FIRST_YEAR, 1, 1), le=year_end(LAST_YEAR))]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Title(_Row):
    fa: Text
    en: Text


class _Day(_Row):
    jalali: Text = Field(alias="date")
    iso: Day
    title: _Title
    kind: Literal["solar", "lunar", "decreed"]
    """`decreed`: a day off that the government gave once, bound to no calendar."""
    certainty: Literal["announced", "estimated"]


class _Year(_Row):
    country: Text
    year: int = Field(ge=FIRST_YEAR, le=LAST_YEAR)
    source: Text
    generated_on: date
    weekend: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=6)]
    utc_offset_minutes: int = Field(gt=-1440, lt=1440)
    opens_at: time
    announced_until: Day | None = None
    """The last day whose lunar days are announced; absent when the whole year is estimated."""
    day: tuple[_Day, ...]


def load_calendar(folder: Path) -> WorkingCalendar:
    """The calendar the files of `folder` describe; its id is the folder's name.

    Its version names the newest file and the content, so that no two different calendars share one. Raises
    ReferenceFaults with every fault of every file.
    """
    paths = sorted(folder.glob("*.toml"))
    faults: list[Fault] = []
    digest = hashlib.sha256()
    years: dict[str, _Year] = {}
    for path in paths:
        written = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + written + b"\0")
        year = _read(path.name, written, faults)
        if year is not None:
            years[path.name] = year
            faults += _faults_of_year(path.name, year)
    faults += _faults_between(years, {path.name for path in paths})
    if not paths:
        faults.append(Fault(folder.name, "", "holds no year"))
    if faults:
        raise ReferenceFaults(faults)
    return _calendar(folder.name, list(years.values()), digest.hexdigest()[:8])


def _calendar(name: str, years: list[_Year], digest: str) -> WorkingCalendar:
    first = years[0]
    announced = [year.announced_until for year in years if year.announced_until]
    return WorkingCalendar(
        id=name,
        version=f"{max(year.generated_on for year in years)}.{digest}",
        weekend=tuple(sorted(WEEKDAYS.index(name) + 1 for name in first.weekend)),
        utc_offset_minutes=first.utc_offset_minutes,
        opens_at=first.opens_at.hour * 60 + first.opens_at.minute,
        holidays={year.year: pack({day.iso for day in year.day}) for year in years},
        announced_until=announced[-1] if announced else gregorian_of(first.year, 1, 1) - timedelta(days=1),
        estimated_until=year_end(years[-1].year),
    )


def _read(file: str, written: bytes, faults: list[Fault]) -> _Year | None:
    try:
        return _Year.model_validate(tomllib.loads(written.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.append(Fault(file, "", f"is no TOML: {error}"))
    except ValidationError as error:
        faults.extend(Fault(file, _key(wrong["loc"]), wrong["msg"]) for wrong in error.errors())
    return None


def _faults_of_year(file: str, year: _Year) -> Iterator[Fault]:
    """What a well-formed file gets wrong by itself."""
    if file != f"{year.year}.toml":
        yield Fault(file, "year", f"{year.year} belongs in {year.year}.toml")
    if year.announced_until and jalali_of(year.announced_until).year != year.year:
        yield Fault(file, "announced_until", f"{year.announced_until} is not in {year.year}")
    if len(set(year.weekend)) != len(year.weekend):
        yield Fault(file, "weekend", "names a day twice")
    seen: set[tuple[date, str]] = set()
    for n, day in enumerate(year.day):
        yield from _faults_of_day(file, f"day[{n}]", day, year)
        if (day.iso, day.title.en) in seen:
            yield Fault(file, f"day[{n}]", f"{day.iso} {day.title.en} is there twice")
        seen.add((day.iso, day.title.en))


def _faults_of_day(file: str, key: str, day: _Day, year: _Year) -> Iterator[Fault]:
    jalali = format_jalali(day.iso).replace("/", "-")
    if day.jalali != jalali:
        yield Fault(file, f"{key}.date", f"{day.jalali} is not {day.iso}, which is {jalali}")
    if jalali_of(day.iso).year != year.year:
        yield Fault(file, f"{key}.iso", f"{day.iso} is not in {year.year}")
    announced = year.announced_until is not None and day.iso <= year.announced_until
    if day.certainty == "estimated" and (announced or day.kind != "lunar"):
        yield Fault(file, f"{key}.certainty", "only a lunar day after announced_until is estimated")
    if day.certainty == "announced" and day.kind == "lunar" and not announced:
        yield Fault(file, f"{key}.certainty", "a lunar day after announced_until is estimated")


def _faults_between(years: dict[str, _Year], present: set[str]) -> Iterator[Fault]:
    """What readable files get wrong together; a file present but unreadable is not missing."""
    for (_, before), (file, year) in pairwise(years.items()):
        for missing in range(before.year + 1, year.year):
            if f"{missing}.toml" not in present:
                yield Fault(f"{missing}.toml", "", "is missing between the years present")
        for key in ("country", "weekend", "utc_offset_minutes", "opens_at"):
            if getattr(year, key) != getattr(before, key):
                yield Fault(file, key, f"differs from {before.year}: a calendar has one")
        if year.announced_until and before.announced_until != year_end(before.year):
            yield Fault(file, "announced_until", f"{before.year} is not announced to its end")


def _key(loc: tuple[int | str, ...]) -> str:
    """`day[3].title.fa`, as a person finds it."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")
