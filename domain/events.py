"""Every fact that can be recorded about a cluster, past tense. `TYPES` lists each once with its name."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from domain.values import Code, Commitment, Day, Decimal, Digest, Frozen, PersonId, Rial

DutyKind = Literal["deliverable", "approval", "gate", "milestone", "body", "agent", "moderation", "term",
                   "extension", "start_date", "licence_statement", "stall_review", "finding", "interim", "inventory",
                   "effect"]  # fmt: skip
DueReason = Literal["stage_rule", "contract", "decision", "extension", "rework", "calendar", "opening_balance",
                    "pause", "confirmed", "release_plan", "ladder"]  # fmt: skip
RecoveryReason = Literal["engine_lost", "engine_restored", "terminated", "reset", "foreign_update", "conflict"]
Level = Literal["note", "minor", "major", "critical"]


class ClusterIdentified(Frozen):
    """The cluster has a file; names, place and trade are public facts, not personal ones."""

    name_fa: str
    name_en: str
    province: str
    county: str
    product: str
    source: str
    calendar: str
    rehearsal: bool


class ClusterImported(Frozen):
    """The cluster had a past before the office used this system; nothing of it is invented."""

    name_fa: str
    name_en: str
    province: str
    county: str
    product: str
    source: str
    calendar: str
    rehearsal: bool
    status: Code
    as_of: str
    stage: Code
    finished: bool
    noted: bool


class StageEntered(Frozen):
    """The stage began on `started_on`, or on a date nobody has confirmed yet."""

    stage: Code
    started_on: Day | None = None


class StageLeft(Frozen):
    stage: Code


class StartConfirmed(Frozen):
    """The start of the present stage, and of the agent's term when that lies before it, are now known."""

    stage: Code
    started_on: Day
    clock_started_on: Day | None = None


class ClockStarted(Frozen):
    """Day 0 of the agent's term, and the day the office is asked to extend or to end."""

    started_on: Day
    ends_on: Day


class ClusterWithdrawn(Frozen):
    reason: Commitment


class ProgrammeEnded(Frozen):
    """A decision closed the file before the licence; nothing ends by itself."""

    reason: Commitment | None = None


class DutyOpened(Frozen):
    """`owner` owes this by `due_on` (None: its clock stands until a start date is confirmed)."""

    duty: str
    kind: DutyKind
    ref: str
    owner: Code
    person: PersonId | None = None
    due_on: Day | None = None
    reason: DueReason
    provisional: bool = False
    ladder: Code
    round: int = 0
    cadence_on: Day | None = None  # the due day before days off moved it; the next one is counted from here


class DutyClosed(Frozen):
    """The duty is owed no more; `days_late` counts calendar days after the due date, by recorded time."""

    duty: str
    outcome: Literal["done", "returned", "superseded", "stage_left", "withdrawn", "lapsed"]
    days_late: int = 0


class DueChanged(Frozen):
    duty: str
    due_on: Day
    provisional: bool = False
    reason: DueReason


class RungFired(Frozen):
    """One rung of a duty's ladder, once. `to` are roles, resolved to people when the notice is delivered."""

    duty: str
    rung: Code
    to: tuple[Code, ...]
    level: Literal["", "provincial", "national"] = ""
    on: Day


class RungSkipped(Frozen):
    duty: str
    rung: Code
    reason: Literal["collapsed"]


class DutyReminded(Frozen):
    """Someone asked for a reminder now, outside the ladder."""

    duty: str


class NoticesSnoozed(Frozen):
    """The owner of the duty gets no notice before `until`; the due date stands and escalations go on."""

    duty: str
    until: Day
    reason: Commitment


class DeliverableSubmitted(Frozen):
    duty: str
    deliverable: Code
    round: int
    values: dict[str, Any]
    on_time: bool


class DeliverableReturned(Frozen):
    """Sent back. A body's reasons are those of its votes; the last one stands here too."""

    duty: str
    deliverable: Code
    round: int
    reason: Commitment | None = None


class DeliverableApproved(Frozen):
    """Approved by its approver, or accepted when sent where the methodology names none."""

    duty: str
    deliverable: Code
    round: int
    answer: Code | None = None


class DeliverableReopened(Frozen):
    """A gate was answered "rework": the approval of this deliverable no longer counts."""

    deliverable: Code


class BodySeated(Frozen):
    body: Code
    members: tuple[PersonId, ...]
    quorum: int
    until: Day


class VoteCast(Frozen):
    duty: str
    answer: Code
    reason: Commitment | None = None


class GateAsked(Frozen):
    """Every condition of the gate holds (or is waived): those who decide are asked."""

    gate: Code


class GateDecided(Frozen):
    """One role's decision; `passed` is True when the gate is now open."""

    gate: Code
    role: Code
    answer: Code
    passed: bool
    holds_until: Day | None = None
    reason: Commitment | None = None


class ConditionWaived(Frozen):
    gate: Code
    condition: int
    reason: Commitment


class AgentSought(Frozen):
    """Candidates are asked from the registry."""

    attempt: int


class AgentsProposed(Frozen):
    """Ranked candidates with the reasons for the ranks; each reason is a code with points."""

    effect: str
    candidates: tuple[Candidate, ...]


class Candidate(Frozen):
    agent: PersonId
    points: int
    reasons: dict[str, int]


class AgentChosen(Frozen):
    agent: PersonId


class AgentAssigned(Frozen):
    """The registry has counted the cluster into the agent's load."""

    effect: str
    agent: PersonId
    successor_of: PersonId | None = None
    paused_days: int = 0


class AgentUnavailable(Frozen):
    """The registry refused the choice, as another cluster took the last place."""

    effect: str
    agent: PersonId
    reason: Code


class AgentNoticeGiven(Frozen):
    """The agent leaves; the clocks of the agent's duties, and of no others, stand until a successor is assigned."""

    agent: PersonId
    cause: Code


class InterimNamed(Frozen):
    """Somebody stands in for the agent who leaves, until a successor is assigned; the clocks stand all the same."""

    person: PersonId


class InventoryListed(Frozen):
    """The open work and the papers are listed for the successor."""

    inventory: Commitment


class AgentReleased(Frozen):
    """The programme has ended for the agent; the network carries on."""

    agent: PersonId


class AgentLoadFreed(Frozen):
    """The registry counts the cluster no longer into the load of the agent who left."""

    effect: str
    agent: PersonId


class MilestonesPlanned(Frozen):
    """The approved plan, frozen as this version: every later fact about money and work names it."""

    version: int
    rows: tuple[PlannedMilestone, ...]


class PlannedMilestone(Frozen):
    milestone: int
    owner: Code
    due_on: Day
    budget: Rial


class MilestoneReached(Frozen):
    milestone: int
    done_on: Day
    spent: Rial


class TranchesPlanned(Frozen):
    rows: tuple[PlannedTranche, ...]


class PlannedTranche(Frozen):
    tranche: int
    amount: Rial
    planned_on: Day


class TrancheReleased(Frozen):
    tranche: int
    amount: Rial
    plan_version: int


class AccountsAccepted(Frozen):
    tranche: int


class MeasuresRecorded(Frozen):
    """Indicator values with where they come from; older values stay in the record beside them."""

    values: dict[Code, Decimal]
    source: Code
    confidence: Code
    measured_on: Day
    baseline: bool


class NetworkFormed(Frozen):
    kind: Code
    members: int
    share_of_firms: int | None = None
    umbrella: bool


class TrustPulseTaken(Frozen):
    trust: Decimal
    baseline: bool


class MeetingHeld(Frozen):
    present: int
    seated: int


class VisitRecorded(Frozen):
    visited_on: Day


class LessonPublished(Frozen):
    lesson: str


class EvaluationScored(Frozen):
    """One rater's sheet; other raters do not see it before they sent theirs."""

    duty: str
    scores: dict[Code, Score]


class Score(Frozen):
    """0…100; without evidence it counts 0."""

    points: int = Field(ge=0, le=100)
    evidence: tuple[Commitment, ...] = ()


class ModerationOpened(Frozen):
    """Two raters are further apart than the rubric allows in these criteria."""

    duty: str
    criteria: tuple[Code, ...]


class EvaluationModerated(Frozen):
    duty: str
    scores: dict[Code, int]
    reason: Commitment


class EvaluationWanted(Frozen):
    """All sheets are in and agree: the evaluation is computed."""

    duty: str


class EvaluationCompleted(Frozen):
    """Totals of the rubric, and figures of the trust network before and after (thousandths)."""

    effect: str
    duty: str
    total: int
    criteria: dict[Code, int]
    band: Code
    passed: bool
    network_before: dict[Code, int]
    network_after: dict[Code, int]


class FindingOpened(Frozen):
    finding: int
    level: Level
    text: Commitment


class FindingAnswered(Frozen):
    finding: int
    text: Commitment


class FindingClosed(Frozen):
    finding: int


class ExtensionAsked(Frozen):
    months: int
    reason: Commitment


class ExtensionDecided(Frozen):
    role: Code
    granted: bool
    reason: Commitment | None = None


class TermExtended(Frozen):
    months: int
    ends_on: Day


class StallReviewed(Frozen):
    duty: str
    answer: Code
    reason: Commitment


class LicenceWanted(Frozen):
    """The last gate before the exit is open: the registry is asked for a number."""


class LicenceIssued(Frozen):
    """The completion licence; the code lets anyone ask whether it is valid."""

    effect: str
    number: str
    code: str
    issued_on: Day
    valid_until: Day


class LicenceRenewed(Frozen):
    valid_until: Day


class LicenceStated(Frozen):
    """For a cluster finished before the office used this system: its licence, or that it has none."""

    number: str | None = None
    valid_until: Day | None = None


class SustainabilityJudged(Frozen):
    check: int
    verdict: Code


class EffectFailed(Frozen):
    """A service could not answer after its retries: a person is asked."""

    effect: str
    reason: Code


class ServiceAskedAgain(Frozen):
    """After a failure somebody had the cause removed: the service is asked as before."""

    service: Literal["release_agent", "evaluate", "issue_licence"]
    ref: str = ""


class CancelIgnored(Frozen):
    """Somebody asked Temporal to cancel this workflow, which is no business operation here."""


class ClusterRecovered(Frozen):
    """The workflow was made anew from the entries before this one, whose state has the digest `state`.

    Signed by the actor and by `second`, another person.
    """

    reason: RecoveryReason
    second: PersonId
    state: Digest


AgentsProposed.model_rebuild()
MilestonesPlanned.model_rebuild()
TranchesPlanned.model_rebuild()
EvaluationScored.model_rebuild()

TYPES: dict[str, type[Frozen]] = {
    "cluster.identified": ClusterIdentified,
    "cluster.imported": ClusterImported,
    "stage.entered": StageEntered,
    "stage.left": StageLeft,
    "stage.start_confirmed": StartConfirmed,
    "clock.started": ClockStarted,
    "cluster.withdrawn": ClusterWithdrawn,
    "programme.ended": ProgrammeEnded,
    "duty.opened": DutyOpened,
    "duty.closed": DutyClosed,
    "duty.due_changed": DueChanged,
    "rung.fired": RungFired,
    "rung.skipped": RungSkipped,
    "duty.reminded": DutyReminded,
    "notices.snoozed": NoticesSnoozed,
    "deliverable.submitted": DeliverableSubmitted,
    "deliverable.returned": DeliverableReturned,
    "deliverable.approved": DeliverableApproved,
    "deliverable.reopened": DeliverableReopened,
    "body.seated": BodySeated,
    "vote.cast": VoteCast,
    "gate.asked": GateAsked,
    "gate.decided": GateDecided,
    "gate.condition_waived": ConditionWaived,
    "agent.sought": AgentSought,
    "agent.proposed": AgentsProposed,
    "agent.chosen": AgentChosen,
    "agent.assigned": AgentAssigned,
    "agent.unavailable": AgentUnavailable,
    "agent.notice_given": AgentNoticeGiven,
    "agent.interim_named": InterimNamed,
    "agent.inventory_listed": InventoryListed,
    "agent.released": AgentReleased,
    "agent.load_freed": AgentLoadFreed,
    "plan.frozen": MilestonesPlanned,
    "milestone.reached": MilestoneReached,
    "funds.planned": TranchesPlanned,
    "funds.released": TrancheReleased,
    "funds.accounted": AccountsAccepted,
    "measures.recorded": MeasuresRecorded,
    "network.formed": NetworkFormed,
    "trust.pulse_taken": TrustPulseTaken,
    "council.met": MeetingHeld,
    "visit.recorded": VisitRecorded,
    "lesson.published": LessonPublished,
    "evaluation.scored": EvaluationScored,
    "evaluation.moderation_opened": ModerationOpened,
    "evaluation.moderated": EvaluationModerated,
    "evaluation.wanted": EvaluationWanted,
    "evaluation.completed": EvaluationCompleted,
    "finding.opened": FindingOpened,
    "finding.answered": FindingAnswered,
    "finding.closed": FindingClosed,
    "extension.asked": ExtensionAsked,
    "extension.decided": ExtensionDecided,
    "term.extended": TermExtended,
    "stall.reviewed": StallReviewed,
    "licence.wanted": LicenceWanted,
    "licence.issued": LicenceIssued,
    "licence.renewed": LicenceRenewed,
    "licence.stated": LicenceStated,
    "sustainability.checked": SustainabilityJudged,
    "effect.failed": EffectFailed,
    "effect.asked_again": ServiceAskedAgain,
    "engine.cancel_ignored": CancelIgnored,
    "cluster.recovered": ClusterRecovered,
}
"""Name of the type in the record → class. A name is never reused and a field never changes its meaning."""

NAMES: dict[type[Frozen], str] = {cls: name for name, cls in TYPES.items()}
