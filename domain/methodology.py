"""A methodology as data: stages, deliverables, gates, ladders, rubric, indicators.

This is the form the engine carries: keys and numbers only. Titles and explanations (fa, en) are looked
up by key outside the workflow, so a corrected word never touches a running cluster. Source of the
default content: the office's procedures P-CL02…P-CL06 and UNIDO's modules.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.methodology_faults import faults_of
from domain.values import Code, Decimal, Frozen

FieldKind = Literal["text", "integer", "decimal", "percent", "money", "date", "choice", "person",
                    "document", "boolean", "table"]  # fmt: skip
Anchor = Literal["stage_start", "clock_start", "clock_end", "exit", "licence_end", "released", "planned"]
Yield = Literal["milestones", "tranches", "release", "accounts", "measures", "network", "trust_pulse",
                "visit", "meeting", "lesson", "contract", "licence"]  # fmt: skip
Predicate = Literal["approved", "count", "value", "delta", "seated", "assigned", "gate_passed",
                    "no_critical_finding", "accounts_closed"]  # fmt: skip

MethodologyId = Annotated[str, Field(pattern=r"^[a-z0-9-]{3,40}$")]
MethodologyVersion = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+$")]


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


class Rung(Frozen):
    """One step of a ladder, `at` days (or working days) from the due date (or from the asking)."""

    key: Code
    at: int = Field(ge=-400, le=400)
    to: tuple[Code, ...]  # roles, or `owner`, `approver`
    level: Literal["", "provincial", "national"] = ""
    opens: Literal["", "stall_review"] = ""


class Ladder(Frozen):
    key: Code
    unit: Literal["days", "working_days"] = "days"
    rungs: tuple[Rung, ...] = Field(min_length=1)


class Role(Frozen):
    key: Code
    scope: Literal["cluster", "province", "nation"]
    body: bool = False
    writes: bool = True
    conflicts_with: tuple[Code, ...] = ()


class Criterion(Frozen):
    key: Code
    weight: int = Field(ge=1, le=100)
    minimum: int = Field(default=0, ge=0, le=100)


class Band(Frozen):
    key: Code
    min: int = Field(ge=0, le=100)


class Rubric(Frozen):
    """Scores 0…100 by criterion; a score without evidence counts 0 (OECD-DAC criteria of 2019)."""

    criteria: tuple[Criterion, ...] = Field(min_length=1)
    pass_total: int = Field(ge=1, le=100)
    max_gap: int = Field(ge=1, le=100)  # between two raters, above it a moderation opens
    bands: tuple[Band, ...] = Field(min_length=1)


class Indicator(Frozen):
    key: Code
    unit: Code
    level: Literal["context", "process", "output", "outcome", "impact"]
    frequencies: tuple[Code, ...]


class Term(Frozen):
    """The agent's term: which stage's start is day 0, how long it is, how it may be extended, and what
    follows when an agent leaves early (days).
    """

    clock_starts: Code
    exit_stage: Code  # entering it ends the project: parallel tracks close, the agent leaves
    months: int = Field(ge=6, le=120)
    extension_months: int = Field(ge=0, le=60)
    extension_needs: tuple[Code, ...]
    term_answered_by: Code
    term_answer_days: int = Field(ge=1, le=180)
    agent_role: Code
    agent_confirmed_by: Code
    agent_needed_in: Code  # entering this stage asks for a proposal
    interim_days: int
    inventory_days: int
    selection_days: int
    licence_months: int
    renewal_window_days: int
    hold_asks_every_days: int
    start_confirmed_by: Code
    start_confirm_days: int
    stall_reviewed_by: Code


class FunnelStep(Frozen):
    """A column of the national funnel: clusters that reached `from_stage` and not yet `until_stage`."""

    key: Code
    from_stage: Code
    until_stage: Code | Literal[""] = ""
    licensed: bool = False


class Opening(Frozen):
    """Where a cluster with this status word of the sheet enters (the opening balance)."""

    status: Code
    stage: Code
    finished: bool = False  # its licence is unknown and is asked for
    noted: bool = False  # the word is weaker than the stage and is kept as a note


class Methodology(Frozen):
    """A whole programme. Stages stand in the order of the main track, parallel ones after them."""

    id: MethodologyId
    version: MethodologyVersion
    roles: tuple[Role, ...]
    ladders: tuple[Ladder, ...]
    stages: tuple[Stage, ...]
    rubric: Rubric
    indicators: tuple[Indicator, ...]
    term: Term
    funnel: tuple[FunnelStep, ...]
    opening: tuple[Opening, ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if faults := faults_of(self):
            raise ValueError("; ".join(f"{key}: {message}" for key, message in faults))
        return self

    @cached_property
    def stage_by_key(self) -> dict[str, Stage]:
        return {stage.key: stage for stage in self.stages}

    @cached_property
    def deliverable_by_key(self) -> dict[str, tuple[Stage, Deliverable]]:
        return {d.key: (stage, d) for stage in self.stages for d in stage.deliverables}

    @cached_property
    def gate_by_key(self) -> dict[str, tuple[Stage, Gate]]:
        return {stage.gate.key: (stage, stage.gate) for stage in self.stages if stage.gate}

    @cached_property
    def ladder_by_key(self) -> dict[str, Ladder]:
        return {ladder.key: ladder for ladder in self.ladders}

    @cached_property
    def role_by_key(self) -> dict[str, Role]:
        return {role.key: role for role in self.roles}

    @cached_property
    def main_track(self) -> tuple[Stage, ...]:
        return tuple(stage for stage in self.stages if stage.track == "main")

    def stage_after(self, key: str) -> Stage | None:
        """The next stage of the main track, or None after the last."""
        keys = [stage.key for stage in self.main_track]
        place = keys.index(key) + 1
        return self.main_track[place] if place < len(keys) else None

    def reaches(self, stage: str, other: str) -> bool:
        """True when `stage` is `other` or stands after it on the main track."""
        keys = [s.key for s in self.main_track]
        return keys.index(stage) >= keys.index(other)
