"""The reference data that comes with this version: methodology with its words, calendar, provinces."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import get_args

from adapters.reference_calendar import load_calendar
from adapters.reference_methodology import Loaded, load
from domain.calendar import WorkingCalendar
from domain.events import DutyKind
from domain.rulebook import pack
from i18n.dates import Lang, digits
from i18n.text import text

FOLDER = Path(__file__).resolve().parent.parent / "reference"
TITLED = ("deliverable", "gate", "role")
KINDS = {"review": "stall_review"}
"""Words in the ids of duties that are not the name of their kind."""
METHODOLOGY = FOLDER / "methodology" / "isipo-unido-default" / "1.0"


@lru_cache(maxsize=1)
def methodology() -> Loaded:
    """The methodology that clusters opened today live by."""
    return load(METHODOLOGY)


@lru_cache(maxsize=1)
def calendar() -> WorkingCalendar:
    """The working calendar of the country."""
    return load_calendar(FOLDER / "calendar" / "iran")


@lru_cache(maxsize=1)
def rulebook() -> str:
    """The text that a cluster carries from its opening on."""
    return pack(methodology().methodology, calendar())


@lru_cache(maxsize=1)
def provinces() -> tuple[dict[str, str], ...]:
    """The provinces with their names in both languages."""
    with (FOLDER / "directory" / "provinces.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(csv.DictReader(file))


def province_name(slug: str, lang: Lang) -> str:
    """The province as people call it; its slug when it is not in the list."""
    return next((one[f"name_{lang}"] for one in provinces() if one["province"] == slug), slug)


def title(kind: str, key: str, lang: Lang) -> str:
    """What the methodology calls its stage, role, deliverable, gate …; the key when it has no word for it."""
    said = methodology().words.get(f"{kind}.{key}")
    return said[lang] if said else key


def duty_title(duty: str, kind: str, lang: Lang) -> str:
    """A duty in words: its deliverable's or gate's title, and what is owed of it when that is a decision.

    A kind that is not known follows from the id.
    """
    kind = kind or _kind_of(duty)
    shown = number = ""
    for part in duty.split(":"):
        name, _, count = part.partition(".")
        found = next((title(word, name, lang) for word in TITLED if f"{word}.{name}" in methodology().words), "")
        if found or (count and not shown):
            shown, number = found, count
        if found:
            break
    if kind not in ("deliverable", ""):
        shown = f"{text(f'duty_kind.{kind}', lang)}: {shown}" if shown else text(f"duty_kind.{kind}", lang)
    return f"{shown or duty} ({digits(number, lang)})" if number else shown or duty


def _kind_of(duty: str) -> str:
    """The kind that shows in the id of a duty; empty for work, whose id is its deliverable's key."""
    first, last = duty.partition(":")[0].partition(".")[0], duty.rpartition(":")[2]
    if f"gate.{first}" in methodology().words:
        return "gate"
    return next((KINDS.get(word, word) for word in (last, first) if KINDS.get(word, word) in get_args(DutyKind)), "")
