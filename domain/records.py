"""The records a cluster's state is made of. Each is replaced whole, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, TypeVar

from pydantic import Field

from domain.events import DueReason, DutyKind, Level
from domain.values import Code, Day, Decimal, Frozen, PersonId, Rial

K = TypeVar("K")
R = TypeVar("R", bound=Frozen)


class Profile(Frozen):
    """Who the cluster is. Province is a slug; trade and county are public."""

    name_fa: str
    name_en: str
    province: str
    county: str
    product: str
    rehearsal: bool
    imported: bool
    status: str = ""


class Duty(Frozen):
    """One thing owed by one role (or person) by one date. Overdue is computed, never stored."""

    id: str
    kind: DutyKind
    ref: str
    owner: Code
    person: PersonId | None = None
    opened_on: Day
    asked_on: Day | None = None  # the day its clock was set anew, when that is later
    due_on: Day | None
    reason: DueReason
    provisional: bool = False
    ladder: Code
    round: int = 0
    rungs: tuple[str, ...] = ()  # fired or skipped since the clock was set
    snoozed_until: Day | None = None
    votes: dict[PersonId, Code] = Field(default_factory=dict)

    @property
    def since(self) -> date:
        """The day from which its ladder is counted."""
        return self.asked_on or self.opened_on

    def is_overdue(self, today: date) -> bool:
        """True after the due day has passed."""
        return self.due_on is not None and today > self.due_on


class StageState(Frozen):
    started_on: Day | None
    ended_on: Day | None = None


class GateState(Frozen):
    state: Literal["asked", "held", "reworked", "passed"]
    on: Day
    let_by: tuple[Code, ...] = ()  # roles that let it pass so far
    holds_until: Day | None = None
    waived: tuple[int, ...] = ()


class Sent(Frozen):
    """What was submitted and waits for a decision."""

    deliverable: Code
    by: tuple[PersonId, ...]
    values: dict[str, Any]
    round: int
    on_time: bool


class Clock(Frozen):
    """The agent's term."""

    started_on: Day
    ends_on: Day
    extended_months: int = 0


class Seat(Frozen):
    members: tuple[PersonId, ...]
    quorum: int
    until: Day


class Agent(Frozen):
    person: PersonId
    since: Day
    notice_on: Day | None = None


class Milestone(Frozen):
    owner: Code
    due_on: Day
    budget: Rial
    done_on: Day | None = None
    spent: Rial = 0


class Tranche(Frozen):
    amount: Rial
    planned_on: Day
    released_on: Day | None = None
    accounted: bool = False


class Measure(Frozen):
    """First and latest value of an indicator; those between are in the record."""

    baseline: Decimal
    latest: Decimal
    measured_on: Day


class Evaluation(Frozen):
    """Scores by rater and criterion (without evidence already 0), then what the rubric made of them."""

    sheets: dict[PersonId, dict[Code, int]] = Field(default_factory=dict)
    raters: tuple[PersonId, ...] = ()  # everyone in whose name a sheet was sent
    moderated: dict[Code, int] = Field(default_factory=dict)
    total: int | None = None


class Finding(Frozen):
    level: Level
    by: PersonId
    answered_by: tuple[PersonId, ...] = ()


class Licence(Frozen):
    number: str | None
    valid_until: Day | None


class Extension(Frozen):
    months: int
    by: tuple[PersonId, ...]
    granted_by: tuple[Code, ...] = ()


class Effect(Frozen):
    """A wish the engine fulfils beside the loop; kept until answered. The key is `cluster/seq/kind`."""

    key: str
    kind: Literal["propose_agent", "assign_agent", "release_agent", "evaluate", "issue_licence"]
    ref: str = ""


def changed(records: Mapping[K, R], key: K, **change: Any) -> dict[K, R]:
    """The records, with those fields of one replaced; all as before when there is no such record."""
    if key not in records:
        return dict(records)
    return {**records, key: records[key].model_copy(update=change)}


def without(records: Mapping[K, R], key: K) -> dict[K, R]:
    """The records but one."""
    return {k: record for k, record in records.items() if k != key}
