"""The state of one cluster: what the facts so far add up to. `evolution` builds it, decisions read it."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from domain.calendar import WorkingCalendar
from domain.events import DueReason, DutyKind, Level
from domain.methodology import Methodology, Stage
from domain.rulebook import Rulebook
from domain.values import Code, Day, Decimal, Frozen, Moment, PersonId, Rial


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
    due_on: Day | None
    reason: DueReason
    provisional: bool = False
    ladder: Code
    round: int = 0
    rungs: tuple[str, ...] = ()  # fired or skipped
    snoozed_until: Day | None = None
    votes: dict[PersonId, Code] = Field(default_factory=dict)

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
    moderated: dict[Code, int] = Field(default_factory=dict)
    total: int | None = None


class Finding(Frozen):
    level: Level
    by: PersonId
    answered: bool = False


class Licence(Frozen):
    number: str | None
    valid_until: Day | None


class Extension(Frozen):
    months: int
    by: PersonId
    granted_by: tuple[Code, ...] = ()


class Effect(Frozen):
    """A wish the engine fulfils beside the loop; kept until answered. The key is `cluster/seq/kind`."""

    key: str
    kind: Literal["propose_agent", "assign_agent", "release_agent", "evaluate", "issue_licence"]
    ref: str = ""


class Cluster(Frozen):
    """A cluster as of `seq`. The rulebook it lives by is carried beside, not written into, the state."""

    id: str
    rulebook: Rulebook = Field(exclude=True, repr=False)
    seq: int = 0
    profile: Profile | None = None
    state: Literal["new", "open", "withdrawn", "ended"] = "new"
    stage: Code = ""
    stages: dict[Code, StageState] = Field(default_factory=dict)
    gates: dict[Code, GateState] = Field(default_factory=dict)
    duties: dict[str, Duty] = Field(default_factory=dict)
    sent: dict[str, Sent] = Field(default_factory=dict)
    file_on: Day | None = None  # the day its file was opened here
    opened: dict[Code, int] = Field(default_factory=dict)  # number of each deliverable's last occurrence
    last_due: dict[Code, Day] = Field(default_factory=dict)  # its due day as the cadence gave it
    approved: dict[Code, int] = Field(default_factory=dict)
    clock: Clock | None = None
    bodies: dict[Code, Seat] = Field(default_factory=dict)
    agent: Agent | None = None
    candidates: tuple[PersonId, ...] = ()
    sought: int = 0
    plan_version: int = 0
    milestones: dict[int, Milestone] = Field(default_factory=dict)
    tranches: dict[int, Tranche] = Field(default_factory=dict)
    measures: dict[Code, Measure] = Field(default_factory=dict)
    networks: int = 0
    umbrella_share: int | None = None
    attendance: tuple[int, int] = (0, 0)  # present and seated, summed over the meetings
    evaluations: dict[str, Evaluation] = Field(default_factory=dict)
    evaluation_total: int | None = None
    findings: dict[int, Finding] = Field(default_factory=dict)
    findings_opened: int = 0
    extension: Extension | None = None
    licence: Licence | None = None
    verdict: Code | Literal[""] = ""
    handed_over_on: Day | None = None
    agent_left: bool = False
    lessons: int = 0
    on_time: int = 0
    late: int = 0
    effects: dict[str, Effect] = Field(default_factory=dict)
    last_at: Moment | None = None

    @property
    def methodology(self) -> Methodology:
        return self.rulebook.methodology

    @property
    def calendar(self) -> WorkingCalendar:
        return self.rulebook.calendar

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def active_stages(self) -> tuple[Stage, ...]:
        """The stage of the main track and the parallel ones beside it, in the methodology's order."""
        return tuple(
            stage for stage in self.methodology.stages
            if (at := self.stages.get(stage.key)) is not None and at.ended_on is None
        )  # fmt: skip


def new_cluster(cluster_id: str, rulebook: Rulebook) -> Cluster:
    """A cluster of which nothing is recorded yet."""
    return Cluster(id=cluster_id, rulebook=rulebook)


def occurrence(deliverable: str, n: int, repeats: bool) -> str:
    """The id of the n-th duty of a deliverable: its key, with `.n` where several can exist."""
    return f"{deliverable}.{n}" if repeats else deliverable


def deliverable_of(duty_id: str) -> str:
    """The deliverable's key in the id of its duty."""
    return duty_id.partition(":")[0].partition(".")[0]
