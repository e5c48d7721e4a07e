"""Every request someone may make, imperative. Who may ask for each is the table in `people`.

`TYPES` are the requests of people; the ones below `INTERNAL` are the engine's own, and no client can send them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from domain.events import Candidate, Level, RecoveryReason, Score
from domain.values import Code, Commitment, Day, Digest, Frozen, Moment, PersonId, Rial

DutyId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.:-]{0,100}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]


class IdentifyCluster(Frozen):
    """Open the file of a newly identified cluster; its first stage begins on the day it happened."""

    name_fa: Name
    name_en: Annotated[str, Field(max_length=200)] = ""
    province: Slug
    county: Annotated[str, Field(max_length=100)] = ""
    product: Name
    source: Annotated[str, Field(max_length=600)] = ""


class ImportCluster(IdentifyCluster):
    """Enter a cluster with a past by an opening balance: its status word decides the stage."""

    status: Code
    as_of: Annotated[str, Field(max_length=40)] = ""


class ConfirmStart(Frozen):
    """Say when the present stage of an imported cluster began, and the agent's term where it lies before."""

    started_on: Day
    clock_started_on: Day | None = None


class StateLicence(Frozen):
    """Say which completion licence a cluster finished earlier has; without a number: none."""

    number: Annotated[str, Field(max_length=40)] | None = None
    valid_until: Day | None = None


class SubmitDeliverable(Frozen):
    """Send what a duty asks for. Text, person and document fields are commitments (their values are in the
    document store); the other values are as the methodology's fields say.
    """

    duty: DutyId
    values: dict[str, Any]


class ApproveDeliverable(Frozen):
    """Approve what was sent; never one's own work. `answer` where the methodology asks for one."""

    duty: DutyId
    answer: Code | None = None


class ReturnDeliverable(Frozen):
    """Send it back with a reason; a new due date opens."""

    duty: DutyId
    reason: Commitment


class CastVote(Frozen):
    """One seated member's vote on what waits for the body; the engine counts."""

    duty: DutyId
    answer: Code
    reason: Commitment | None = None


class DecideGate(Frozen):
    """Answer a gate whose conditions hold."""

    gate: Code
    answer: Code
    reason: Commitment | None = None


class WaiveCondition(Frozen):
    """Let a gate be asked although one condition (its place, from 0) does not hold."""

    gate: Code
    condition: int = Field(ge=0, le=50)
    reason: Commitment


class SeatBody(Frozen):
    """Name the members of a council or committee for this cluster, and how many votes decide."""

    body: Code
    members: tuple[PersonId, ...] = Field(min_length=3, max_length=15)
    quorum: int = Field(ge=2, le=15)
    until: Day


class ConfirmAgent(Frozen):
    """Choose one of the proposed agents; the registry then counts the cluster into the agent's load."""

    agent: PersonId


class GiveNotice(Frozen):
    """The agent leaves before the end of the term."""

    cause: Literal["resignation", "illness", "contract_breach", "missed_reports", "supervisor_advice", "conflict"]


class NameInterim(Frozen):
    """Say who stands in for the agent who leaves, until a successor is assigned."""

    person: PersonId


class ListInventory(Frozen):
    """Hand in the list of open work and papers that the leaving agent passes on."""

    inventory: Commitment


class CompleteMilestone(Frozen):
    """An activity of the plan is done."""

    milestone: int = Field(ge=1, le=99)
    done_on: Day
    spent: Rial


class ScoreEvaluation(Frozen):
    """One rater's scores, one for each criterion of the rubric."""

    duty: DutyId
    scores: dict[Code, Score]


class ModerateEvaluation(Frozen):
    """Settle the criteria in which the raters are too far apart."""

    duty: DutyId
    scores: dict[Code, Annotated[int, Field(ge=0, le=100)]]
    reason: Commitment


class OpenFinding(Frozen):
    """Put a remark of the supervision on record; a critical one stops money and licence."""

    level: Level
    text: Commitment


class AnswerFinding(Frozen):
    finding: int = Field(ge=1)
    text: Commitment


class CloseFinding(Frozen):
    finding: int = Field(ge=1)


class AskExtension(Frozen):
    """Ask for more months of the term; every body and office the methodology names must grant it."""

    months: int = Field(ge=1, le=24)
    reason: Commitment


class DecideExtension(Frozen):
    answer: Literal["grant", "refuse"]
    reason: Commitment | None = None


class EndProgramme(Frozen):
    """Close the file of a cluster whose term has run out."""

    reason: Commitment


class ReviewStall(Frozen):
    """Answer the review of a duty that has stood for long after its due date."""

    duty: DutyId
    answer: Literal["continue", "give_new_date"]
    reason: Commitment
    due_on: Day | None = None


class AskAgain(Frozen):
    """Ask a service again that had given up."""

    duty: DutyId


class WithdrawCluster(Frozen):
    """Take back an identification made in error; only before the first approval."""

    reason: Commitment


class RemindNow(Frozen):
    """Remind who owes this duty, outside the ladder."""

    duty: DutyId


class Snooze(Frozen):
    """Get no notices about an own duty before a day; the due date and the escalations stand."""

    duty: DutyId
    until: Day
    reason: Commitment


class Recover(Frozen):
    """Let a cluster go on whose workflow was made anew from the record; two different people sign for it.

    `second` is the other person, `state` the digest of the state that both looked at.
    """

    reason: RecoveryReason
    second: PersonId
    state: Digest


TYPES: dict[str, type[Frozen]] = {
    cls.__name__: cls
    for cls in (
        IdentifyCluster, ImportCluster, ConfirmStart, StateLicence, SubmitDeliverable, ApproveDeliverable,
        ReturnDeliverable, CastVote, DecideGate, WaiveCondition, SeatBody, ConfirmAgent, GiveNotice, NameInterim,
        ListInventory, CompleteMilestone, ScoreEvaluation, ModerateEvaluation, OpenFinding, AnswerFinding,
        CloseFinding, AskExtension, DecideExtension, EndProgramme, ReviewStall, AskAgain, WithdrawCluster,
        RemindNow, Snooze, Recover,
    )
}  # fmt: skip


class PassTime(Frozen):
    """The alarm rang: whatever is due up to `until` happens."""

    until: Moment


class ReportCandidates(Frozen):
    effect: str
    candidates: tuple[Candidate, ...]


class ReportAssignment(Frozen):
    effect: str
    agent: PersonId
    refused: Code | None = None


class ReportRelease(Frozen):
    effect: str
    agent: PersonId


class ReportEvaluation(Frozen):
    effect: str
    duty: str
    total: int
    criteria: dict[Code, int]
    band: Code
    passed: bool
    network_before: dict[Code, int]
    network_after: dict[Code, int]


class ReportLicence(Frozen):
    effect: str
    number: str
    code: str
    issued_on: Day
    valid_until: Day


class ReportFailure(Frozen):
    """A service gave up after its retries."""

    effect: str
    reason: Code


class ReportCancel(Frozen):
    """Temporal delivered a cancel that nobody of the programme sent."""


INTERNAL: dict[str, type[Frozen]] = {
    cls.__name__: cls
    for cls in (
        PassTime, ReportCandidates, ReportAssignment, ReportRelease, ReportEvaluation, ReportLicence, ReportFailure,
        ReportCancel,
    )
}  # fmt: skip
