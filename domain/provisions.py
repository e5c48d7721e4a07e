"""What a methodology provides for besides its stages: roles, ladders, rubric, indicators, the term, the funnel."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.values import Code, Frozen


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
