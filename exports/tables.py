"""The three tables of an export: its clusters, all facts about them, and every duty they had."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from domain.waiting import waits_for
from exports.case import Case, Sealed
from exports.owed import Owed, owed
from exports.wording import Wording

Kind = Literal["text", "number", "day", "moment"]


class Column(NamedTuple):
    """`of(row, case, wording)` is the cell: text, a number, a day, an aware moment, or None for nothing.

    A day or moment is written twice: in ISO under `key`, and as a Jalali date under `key_jalali`.
    """

    key: str
    kind: Kind
    of: Callable[[Any, Case, Wording], Any]


class Table(NamedTuple):
    key: str
    columns: tuple[Column, ...]
    rows: Callable[[Case], Iterable[Any]]


def _profile(name: str) -> Column:
    return Column(name, "text", lambda _, case, __: getattr(case.cluster.profile, name, ""))


def _case(key: str, kind: Kind, of: Callable[[Case], Any]) -> Column:
    return Column(key, kind, lambda _, case, __: of(case))


def _entry(key: str, *path: str, kind: Kind = "text") -> Column:
    def _found(row: Sealed, _: Case, __: Wording) -> Any:
        value: Any = row.entry
        for part in path or (key,):
            value = value.get(part, "") if value else ""
        return datetime.fromisoformat(value) if kind == "moment" else value

    return Column(key, kind, _found)


def _owed(key: str, kind: Kind = "text") -> Column:
    return Column(key, kind, lambda row, _, __: getattr(row, key))


def _waiting(key: str, kind: Kind) -> Column:
    def _found(_: Any, case: Case, __: Wording) -> Any:
        waiting = waits_for(case.cluster, case.today)
        return getattr(waiting, key) if waiting else None

    return Column(f"waiting_{key}", kind, _found)


def _late(row: Owed, case: Case) -> int:
    """Calendar days after the due day: of what is still owed, up to today."""
    if row.closed_on is not None or row.due_on is None:
        return row.days_late
    return max((case.today - row.due_on).days, 0)


CLUSTER = _case("cluster", "text", lambda case: case.cluster.id)

CLUSTERS = Table("clusters", (
    CLUSTER, _profile("name_fa"), _profile("name_en"), _profile("province"),
    Column("province_title", "text", lambda _, case, words: words.place(getattr(case.cluster.profile, "province", ""))),
    _profile("county"), _profile("product"),
    _case("state", "text", lambda case: case.cluster.state),
    _case("stage", "text", lambda case: case.cluster.stage),
    Column("stage_title", "text", lambda _, case, words: words.title("stage", case.cluster.stage)),
    _case("agent", "text", lambda case: case.cluster.agent.person if case.cluster.agent else ""),
    _waiting("role", "text"), _waiting("person", "text"), _waiting("duty", "text"), _waiting("since", "day"),
    _waiting("until", "day"),
    _case("overdue", "number", lambda case: sum(d.is_overdue(case.today) for d in case.cluster.duties.values())),
    _case("term_started_on", "day", lambda case: case.cluster.clock and case.cluster.clock.started_on),
    _case("term_ends_on", "day", lambda case: case.cluster.clock and case.cluster.clock.ends_on),
    _case("evaluation", "number", lambda case: case.cluster.evaluation_total),
    _case("budget", "number", lambda case: sum(m.budget for m in case.cluster.milestones.values())),
    _case("spent", "number", lambda case: sum(m.spent for m in case.cluster.milestones.values())),
    _case("released", "number", lambda case: sum(t.amount for t in case.cluster.tranches.values() if t.released_on)),
    _case("licence", "text", lambda case: case.cluster.licence.number if case.cluster.licence else ""),
    _case("licence_until", "day", lambda case: case.cluster.licence and case.cluster.licence.valid_until),
    _case("handed_over_on", "day", lambda case: case.cluster.handed_over_on),
    _case("as_of", "day", lambda case: case.today),
    _case("entries", "number", lambda case: case.head.seq),
    _case("head", "text", lambda case: case.head.digest),
), lambda _: (None,))  # fmt: skip

FACTS = Table("facts", (
    CLUSTER, _entry("seq", kind="number"), _entry("type"),
    Column("title", "text", lambda row, _, words: words.say(f"event.{row.entry['type']}")),
    _entry("occurred_at", kind="moment"), _entry("recorded_at", kind="moment"),
    _entry("person", "actor", "id"), _entry("role", "actor", "role"), _entry("scope", "actor", "scope"),
    _entry("on_behalf_of", "actor", "on_behalf_of"),
    _entry("cause", "cause", "kind"), _entry("cause_ref", "cause", "ref"),
    _entry("command_id", "command", "id"), _entry("command_n", "command", "n", kind="number"),
    _entry("command_of", "command", "of", kind="number"), _entry("authenticated_by"),
    _entry("methodology", "methodology", "id"), _entry("methodology_version", "methodology", "version"),
    _entry("build"),
    Column("content", "text", lambda row, _, __: _json(row.entry["data"])),
    Column("digest", "text", lambda row, _, __: row.digest),
    _entry("prev"),
), lambda case: case.entries)  # fmt: skip

DUTIES = Table("duties", (
    CLUSTER, _owed("duty"),
    Column("title", "text", lambda row, _, words: words.duty(row.duty, row.kind)),
    _owed("kind"), _owed("owner"),
    Column("owner_title", "text", lambda row, _, words: words.title("role", row.owner)),
    _owed("person"), _owed("opened_on", "day"), _owed("due_on", "day"), _owed("closed_on", "day"), _owed("outcome"),
    Column("days_late", "number", lambda row, case, _: _late(row, case)),
    _owed("reminders", "number"),
), lambda case: owed(case.cluster, case.entries))  # fmt: skip

TABLES = (CLUSTERS, FACTS, DUTIES)


def day_of(cell: date | datetime, case: Case) -> date:
    """The civil day of a cell, in the cluster's zone."""
    return case.cluster.calendar.day_of(cell) if isinstance(cell, datetime) else cell


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
