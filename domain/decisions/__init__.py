"""The decider: what a request makes happen, or why not. One match is the table of contents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from domain import commands as c
from domain.cluster import Cluster
from domain.decisions import (
    approval,
    assignment,
    deliverables,
    evaluation,
    handover,
    lifecycle,
    passage,
    recovery,
    term,
)
from domain.people import OWN_ROLES, check_role
from domain.recording import Fact
from domain.refusals import Refused
from domain.requests import Request
from domain.settling import settle
from domain.turn import Turn
from domain.values import Frozen

MOST_BACKDATED_DAYS = 30
CLOCK_SKEW = timedelta(seconds=30)

DECIDERS: dict[type[Frozen], Callable[[Turn], None]] = {
    c.IdentifyCluster: lifecycle.identify,
    c.ImportCluster: lifecycle.import_,
    c.ConfirmStart: lifecycle.confirm_start,
    c.StateLicence: lifecycle.state_licence,
    c.WithdrawCluster: lifecycle.withdraw,
    c.SubmitDeliverable: deliverables.submit,
    c.CompleteMilestone: deliverables.complete_milestone,
    c.RemindNow: deliverables.remind,
    c.Snooze: deliverables.snooze,
    c.ApproveDeliverable: approval.approve,
    c.ReturnDeliverable: approval.return_,
    c.CastVote: approval.vote,
    c.DecideGate: approval.decide,
    c.WaiveCondition: approval.waive,
    c.AskExtension: term.ask_extension,
    c.DecideExtension: term.decide_extension,
    c.SeatBody: assignment.seat,
    c.ConfirmAgent: assignment.confirm,
    c.GiveNotice: assignment.notice,
    c.NameInterim: assignment.name_interim,
    c.ListInventory: assignment.list_inventory,
    c.ScoreEvaluation: evaluation.score,
    c.ModerateEvaluation: evaluation.moderate,
    c.OpenFinding: evaluation.open_finding,
    c.AnswerFinding: evaluation.answer_finding,
    c.CloseFinding: evaluation.close_finding,
    c.EndProgramme: term.end_programme,
    c.ReviewStall: handover.review_stall,
    c.AskAgain: handover.ask_again,
    c.Recover: recovery.recover,
    c.PassTime: passage.pass_time,
    c.ReportCandidates: assignment.candidates,
    c.ReportAssignment: assignment.assigned,
    c.ReportRelease: assignment.load_freed,
    c.ReportEvaluation: evaluation.completed,
    c.ReportLicence: handover.licensed,
    c.ReportFailure: handover.failed,
    c.ReportCancel: handover.cancel_ignored,
}
OPENING = (c.IdentifyCluster, c.ImportCluster)
STILL_HEARD = (
    c.ReportCandidates, c.ReportAssignment, c.ReportRelease, c.ReportEvaluation, c.ReportLicence, c.ReportFailure,
    c.AskAgain, c.Recover,
)  # fmt: skip
"""What a closed file still takes: the answers it awaits, that a service is asked again to count its agent out, and
that its workflow was made anew.
"""


def decide(cluster: Cluster, request: Request, at: datetime) -> tuple[Fact, ...]:
    """The facts the request causes, recorded at `at` (UTC), with everything that follows from them.

    Raises Refused, in which case nothing has happened. Pure: the same arguments give the same facts.
    """
    command = request.command
    if not isinstance(command, OPENING) and cluster.profile is None:
        raise Refused("not_found", "cluster")
    if not isinstance(command, OPENING + STILL_HEARD) and not cluster.is_open:
        raise Refused("not_open", "cluster")
    check_role(cluster, command, request.actor)
    _check_times(cluster, request, at)
    turn = Turn(cluster, request, at)
    DECIDERS[type(command)](turn)
    settle(turn)
    return turn.facts()


def _check_times(cluster: Cluster, request: Request, at: datetime) -> None:
    if request.expected_seq is not None and request.expected_seq != cluster.seq:
        raise Refused("stale", "expected_seq", str(cluster.seq))
    if request.actor.role in OWN_ROLES:
        return
    if request.occurred_at > at + CLOCK_SKEW:
        raise Refused("in_the_future", "occurred_at")
    if request.occurred_at < at - timedelta(days=MOST_BACKDATED_DAYS):
        raise Refused("too_long_ago", "occurred_at", f"{MOST_BACKDATED_DAYS} days")
