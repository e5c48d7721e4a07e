"""The state of one cluster: what the facts so far add up to. `evolution` builds it, decisions read it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.calendar import WorkingCalendar
from domain.methodology import Methodology
from domain.records import (
    Agent,
    Clock,
    Duty,
    Effect,
    Evaluation,
    Extension,
    Finding,
    GateState,
    Licence,
    Measure,
    Milestone,
    Profile,
    Seat,
    Sent,
    StageState,
    Tranche,
)  # fmt: skip
from domain.rulebook import Rulebook
from domain.stages import Stage
from domain.values import Code, Day, Frozen, Moment, PersonId


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
    file_on: Day | None = None  # what was due before that day is not asked for: file opened, or start confirmed
    opened: dict[Code, int] = Field(default_factory=dict)  # number of each deliverable's last occurrence
    last_due: dict[Code, Day] = Field(default_factory=dict)  # its due day as the cadence gave it
    approved: dict[Code, int] = Field(default_factory=dict)
    clock: Clock | None = None
    bodies: dict[Code, Seat] = Field(default_factory=dict)
    agent: Agent | None = None
    interim: PersonId | None = None  # stands in between an agent's notice and the successor
    led_by: tuple[PersonId, ...] = ()  # everyone who ever was its agent or stood in
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
    evaluation_passed: bool = False
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
    def is_over(self) -> bool:
        """True once nobody is to lead it any more: its file is closed, or the exit lies behind."""
        return not self.is_open or self.stage == self.methodology.term.exit_stage

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


def occurrence(deliverable: str, n: int, *, repeats: bool) -> str:
    """The id of the n-th duty of a deliverable: its key, with `.n` where several can exist."""
    return f"{deliverable}.{n}" if repeats else deliverable


def deliverable_of(duty_id: str) -> str:
    """The deliverable's key in the id of its duty."""
    return duty_id.partition(":")[0].partition(".")[0]
