"""Who approved what and when, and how each gate was decided: read from the sealed entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from domain.cluster import deliverable_of
from exports.case import Case


class Act(NamedTuple):
    """What somebody did: who, in which role, the day it happened and the day it was recorded, under which entry."""

    persons: tuple[str, ...]
    role: str
    on: date
    recorded_on: date
    seq: int


class Judged(NamedTuple):
    """One version of a deliverable. `judged` None: nobody has decided yet; `outcome` approved, returned or empty."""

    duty: str
    deliverable: str
    version: int
    sent: Act | None
    judged: Act | None = None
    outcome: str = ""
    on_time: bool = True


class GatePassed(NamedTuple):
    """One decision at a gate; a `waiver` is that of a condition, by its number."""

    gate: str
    act: Act
    answer: str = ""
    passed: bool = False
    waiver: int | None = None


def judged(case: Case) -> list[Judged]:
    """Every version that was sent, in that order, with what became of it."""
    found: list[Judged] = []
    waiting: dict[str, int] = {}
    votes: dict[str, list[str]] = {}
    for entry, _ in case.entries:
        data = entry["data"]
        match entry["type"]:
            case "deliverable.submitted":
                waiting[data["duty"]] = len(found)
                act = _act(entry, case)
                sent = Judged(data["duty"], data["deliverable"], data["round"] + 1, act, on_time=data["on_time"])
                found.append(sent)
            case "vote.cast":
                votes.setdefault(data["duty"].partition(":")[0], []).extend(_persons(entry))
            case "deliverable.approved" | "deliverable.returned" as type:
                voters = votes.pop(data["duty"], [])
                one = found[place] if (place := waiting.pop(data["duty"], None)) is not None else None
                after = _judged(one, entry, case, voters)._replace(outcome=type.partition(".")[2])
                if place is None:
                    found.append(after)
                else:
                    found[place] = after
    return found


def gates(case: Case) -> list[GatePassed]:
    """Every decision and waiver, in their order."""
    return [
        GatePassed(entry["data"]["gate"], _act(entry, case), entry["data"].get("answer", ""),
                   entry["data"].get("passed", False), entry["data"].get("condition"))
        for entry, _ in case.entries if entry["type"] in ("gate.decided", "gate.condition_waived")
    ]  # fmt: skip


def is_repeated(case: Case, one: Judged) -> bool:
    """A report of a series, or a record that may be sent at any time."""
    kind = case.cluster.methodology.deliverable_by_key.get(deliverable_of(one.duty))
    return kind is not None and kind[1].repeats


def acts(case: Case, types: Iterable[str]) -> Iterator[tuple[dict[str, Any], Act]]:
    """The data of the facts of these types, with who did it."""
    wanted = frozenset(types)
    return ((entry["data"], _act(entry, case)) for entry, _ in case.entries if entry["type"] in wanted)


def _judged(sent: Judged | None, entry: dict[str, Any], case: Case, voters: list[str]) -> Judged:
    data, act = entry["data"], _act(entry, case)
    act = act._replace(persons=tuple(dict.fromkeys([*voters, *act.persons])) if voters else act.persons)
    one = sent or Judged(data["duty"], data["deliverable"], data["round"] + 1, None)
    return one._replace(judged=act)


def _act(entry: dict[str, Any], case: Case) -> Act:
    day_of = case.cluster.calendar.day_of
    occurred, recorded = (datetime.fromisoformat(entry[key]) for key in ("occurred_at", "recorded_at"))
    return Act(tuple(_persons(entry)), entry["actor"]["role"], day_of(occurred), day_of(recorded), entry["seq"])


def _persons(entry: dict[str, Any]) -> list[str]:
    actor = entry["actor"]
    return [actor["id"], *([actor["on_behalf_of"]] if "on_behalf_of" in actor else [])]
