"""What a methodology says of its stages: what is owed in each, by when, and the gate out of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.values import Code, Decimal, Frozen

FieldKind = Literal["text", "integer", "decimal", "percent", "money", "date", "choice", "person",
                    "document", "boolean", "table"]  # fmt: skip
Anchor = Literal["stage_start", "clock_start", "clock_end", "exit", "licence_end", "released", "planned"]
Yield = Literal["milestones", "tranches", "release", "accounts", "measures", "network", "trust_pulse",
                "visit", "meeting", "lesson", "contract", "licence"]  # fmt: skip
Predicate = Literal["approved", "count", "value", "delta", "seated", "assigned", "gate_passed",
                    "no_critical_finding", "accounts_closed"]  # fmt: skip


class FieldSpec(Frozen):
    """One thing to fill in. `min`/`max` bound numbers (in the unit of the kind) and the rows of a table."""

    key: Code
    kind: FieldKind
    required: bool = True
    choices: tuple[Code, ...] = ()
    covers: bool = False  # in a table: each choice must occur in some row
    min: int | None = None
    max: int | None = None
    columns: tuple[FieldSpec, ...] = ()


class Check(Frozen):
    """A rule across fields of one deliverable; `a` and `b` are fields, or table.column."""

    check: Literal["sum_equals", "not_before", "within_months", "at_most"]
    a: str
    b: str = ""
    value: int | None = None


class Due(Frozen):
    """A date counted from an anchor: months first (Jalali), then calendar days."""

    anchor: Anchor = "stage_start"
    months: int = 0
    days: int = Field(default=0, ge=-1100, le=4000)


class Cadence(Frozen):
    """A repeating due date: every `n` days from the stage's start, or the `n`-th day after each Jalali
    month, quarter or year has ended (year: `n` days before the new year when negative).
    """

    every: Literal["days", "month", "quarter", "year"]
    n: int = Field(ge=-90, le=400)


class Condition(Frozen):
    """One predicate over the cluster's state; `of` names the deliverable, measure, body or gate."""

    predicate: Predicate
    of: Code | Literal[""] = ""
    at_least: Decimal | None = None


class Deliverable(Frozen):
    """A kind of document or record owed in a stage.

    With no `approver` it is accepted when sent. `dues` gives one occurrence each; `cadence` repeats while
    the stage lasts; `on_demand` may be sent at any time. A duty opens `opens_days` before its due date, or
    with its stage when that is absent. `raters` > 0: it is scored by that many people under the rubric.
    """

    key: Code
    owner: Code
    approver: Code | Literal[""] = ""
    dues: tuple[Due, ...] = ()
    cadence: Cadence | None = None
    on_demand: bool = False
    opens_days: int | None = Field(default=None, ge=0, le=730)
    max_rounds: int = Field(default=3, ge=1, le=9)
    rework_days: int = Field(default=15, ge=1, le=120)
    ladder: Code = "standard"
    fields: tuple[FieldSpec, ...] = ()
    checks: tuple[Check, ...] = ()
    yields: Yield | Literal[""] = ""
    approve_when: tuple[Condition, ...] = ()
    answers: tuple[Code, ...] = ()
    raters: int = Field(default=0, ge=0, le=3)

    @property
    def repeats(self) -> bool:
        """True when more than one occurrence can exist."""
        return self.cadence is not None or self.on_demand or len(self.dues) > 1

    def field(self, key: str) -> FieldSpec | None:
        """The field of that key, or None."""
        return next((f for f in self.fields if f.key == key), None)


class Answer(Frozen):
    """One possible answer of a gate: `pass` leaves the stage, `hold` asks again after `days`, `rework`
    asks again when the named deliverables were sent anew, `stop` closes the cluster's file as a decision.
    """

    key: Code
    does: Literal["pass", "hold", "rework", "stop"]
    days: int = Field(default=0, ge=0, le=730)
    reopens: tuple[Code, ...] = ()


class Gate(Frozen):
    """What must hold to leave a stage, and who then decides. Every role of `decides` must let it pass."""

    key: Code
    conditions: tuple[Condition, ...] = Field(min_length=1)
    decides: tuple[Code, ...] = ()  # none: it passes by itself
    waives: Code | Literal[""] = ""  # the role above that may waive a condition
    answers: tuple[Answer, ...] = ()

    def answer(self, key: str) -> Answer | None:
        """The answer of that key, or None."""
        return next((a for a in self.answers if a.key == key), None)


class Stage(Frozen):
    """A part of the programme. `main` stages follow each other; a `parallel` one starts with another stage
    and lasts until the agent's exit, with a gate of its own.
    """

    key: Code
    track: Literal["main", "parallel"] = "main"
    starts_with: Code | Literal[""] = ""
    number: int | None = Field(default=None, ge=1, le=9)  # its place among the five stages of the mission
    planned_days: int = Field(ge=1, le=4000)
    owner: Code
    deliverables: tuple[Deliverable, ...] = ()
    gate: Gate | None = None
