"""The working calendar: which days the office works, and when it opens.

A calendar is data adopted by a command and carried in the cluster's state, so that a replay in ten years
reads no file and no time-zone table. Days are Gregorian dates, civil in the office's zone; moments are aware.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.jalali import gregorian_of, jalali_of, year_end

FRIDAY = 5

_PACKED = re.compile(r"([0-9]{4}( [0-9]{4})*)?")
_DAY = timedelta(days=1)


class WorkingCalendar(BaseModel):
    """Days off of consecutive Jalali years, and the office's hours.

    `holidays` maps a Jalali year to its days off as ascending "MMDD" words in one string, weekends not
    needed: 27 days take 134 bytes, and seven years must fit beside a methodology in a workflow's input.
    Lunar days are announced up to `announced_until` and estimated from there to `estimated_until`, the end
    of the last year present. Outside the years present only the weekend is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: str
    weekend: tuple[Annotated[int, Field(ge=1, le=7)], ...] = (FRIDAY,)
    """ISO weekdays, Monday = 1."""
    utc_offset_minutes: int = Field(default=210, gt=-1440, lt=1440)
    """Iran has had no daylight saving time since 1401; a country that has needs another kind of calendar."""
    opens_at: int = Field(default=480, ge=0, lt=1440)
    """Minutes after local midnight."""
    holidays: dict[int, str] = Field(min_length=1)
    announced_until: date
    estimated_until: date

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if len(set(self.weekend)) != len(self.weekend) or len(self.weekend) == 7:
            raise ValueError("the weekend names each day once and leaves a day to work")
        years = list(self.holidays)
        if years != list(range(years[0], years[0] + len(years))):
            raise ValueError("the years are consecutive and ascending")
        for year, packed in self.holidays.items():
            _check_packed(year, packed)
        if self.estimated_until != year_end(years[-1]):
            raise ValueError("estimated_until is the last day of the last year present")
        if self.announced_until > self.estimated_until:
            raise ValueError("no day is announced beyond the years present")
        return self

    def is_working(self, day: date) -> bool:
        """Whether the office works on `day`; outside the years present, whether it is no weekend."""
        if day.isoweekday() in self.weekend:
            return False
        year, month, number = jalali_of(day)
        return month * 100 + number not in _unpack(self.holidays.get(year, ""))

    def covers(self, day: date) -> bool:
        """Whether the year of `day` is present, its lunar days announced or estimated."""
        return jalali_of(day).year in self.holidays

    def is_provisional(self, day: date) -> bool:
        """Whether a later calendar may say otherwise of `day`: its days off are estimated or unknown."""
        return day > self.announced_until or not self.covers(day)

    def next_working(self, day: date) -> date:
        """`day` itself when the office works on it, else the first working day after it."""
        while not self.is_working(day):
            day += _DAY
        return day

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after `day` (before it for a negative n); `next_working(day)` when n is 0."""
        if n == 0:
            return self.next_working(day)
        step = _DAY if n > 0 else -_DAY
        left = abs(n)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days come after `start` up to and with `end`; negative when `end` is earlier.

        Adds up: between(a, b) + between(b, c) = between(a, c).
        """
        if end < start:
            return -self.working_days_between(end, start)
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return sum(map(self.is_working, days))

    def opening(self, day: date, offset_seconds: int = 0) -> datetime:
        """The moment (UTC) the office opens on `day`, or would open, `offset_seconds` later."""
        local = datetime.combine(day, time(), tzinfo=UTC) + timedelta(minutes=self.opens_at, seconds=offset_seconds)
        return local - timedelta(minutes=self.utc_offset_minutes)

    def end_of(self, day: date) -> datetime:
        """The moment (UTC) at which `day` is over in the office: the first one of the day after."""
        return datetime.combine(day + _DAY, time(), tzinfo=UTC) - timedelta(minutes=self.utc_offset_minutes)

    def day_of(self, moment: datetime) -> date:
        """The date in the office when it is `moment`. ValueError when `moment` has no zone."""
        if moment.utcoffset() is None:
            raise ValueError("moment_without_zone")
        return (moment.astimezone(UTC) + timedelta(minutes=self.utc_offset_minutes)).date()


def pack(days: Iterable[date]) -> str:
    """Days of one Jalali year as `WorkingCalendar.holidays` keeps them."""
    return " ".join(f"{month:02}{day:02}" for _, month, day in map(jalali_of, sorted(days)))


def offset_seconds(cluster_id: str, spread_seconds: int) -> int:
    """The seconds after opening at which this cluster wakes, in [0, spread_seconds), even over many clusters.

    A digest and no random number: a replay, a new chapter and another server give the same second.
    """
    if spread_seconds < 0:
        raise ValueError("spread_negative")
    digest = hashlib.sha256(cluster_id.encode()).digest()
    return int.from_bytes(digest, "big") * spread_seconds >> 256


@lru_cache(maxsize=256)
def _unpack(packed: str) -> frozenset[int]:
    return frozenset(int(word) for word in packed.split())


def _check_packed(year: int, packed: str) -> None:
    if not _PACKED.fullmatch(packed):
        raise ValueError(f"{year}: days off are MMDD words")
    words = packed.split()
    if words != sorted(set(words)):
        raise ValueError(f"{year}: days off are ascending, each once")
    for word in words:
        gregorian_of(year, int(word[:2]), int(word[2:]))
