"""Sending what a duty asks for, and reporting an activity of the plan."""

from __future__ import annotations

from datetime import timedelta

from domain import commands as c
from domain import events as e
from domain.cluster import deliverable_of, occurrence
from domain.judging import accept
from domain.refusals import Refused
from domain.stages import Deliverable
from domain.submission import check_values
from domain.turn import Turn

MOST_WAITING = 10
"""Of one kind, sent without being owed: the approver answers some before more are taken."""


def submit(turn: Turn) -> None:
    """The work is sent: it waits for its approver, or counts at once where nobody approves."""
    command: c.SubmitDeliverable = turn.command
    duty = turn.cluster.duties.get(command.duty)
    kind = _kind(turn, command.duty)
    if duty is None:
        _open_on_demand(turn, command.duty, kind)
        duty = turn.cluster.duties[command.duty]
    if duty.kind != "deliverable":
        raise Refused("not_owed", "duty")
    turn.acts_as(duty.owner)
    if kind.raters:
        raise Refused("wrong_answer", "type", "", ("ScoreEvaluation",))
    check_values(kind, command.values)
    on_time = duty.due_on is None or turn.today <= duty.due_on
    turn.close_duty(duty.id)
    turn.record(e.DeliverableSubmitted(duty=duty.id, deliverable=kind.key, round=duty.round,
                                       values=command.values, on_time=on_time))  # fmt: skip
    if kind.approver:
        turn.ask_decision(f"{duty.id}:approval", "approval", kind.approver, duty.id)
    else:
        accept(turn, duty.id, None)


def _kind(turn: Turn, duty_id: str) -> Deliverable:
    found = turn.cluster.methodology.deliverable_by_key.get(deliverable_of(duty_id))
    if found is None:
        raise Refused("not_owed", "duty", "", tuple(turn.cluster.duties)[:20])
    return found[1]


def _open_on_demand(turn: Turn, duty_id: str, kind: Deliverable) -> None:
    """Some things may be sent whenever they happen: they get the next number of their kind."""
    n = turn.cluster.opened.get(kind.key, 0) + 1
    active = {d.key for stage in turn.cluster.active_stages for d in stage.deliverables}
    expected = occurrence(kind.key, n, repeats=kind.repeats)
    if not kind.on_demand or kind.key not in active or duty_id != expected:
        raise Refused("not_owed", "duty", "", tuple(turn.cluster.duties)[:20])
    if sum(1 for sent in turn.cluster.sent.values() if sent.deliverable == kind.key) >= MOST_WAITING:
        raise Refused("too_many", "duty", str(MOST_WAITING))
    turn.open_duty(duty_id, "deliverable", kind.owner, due_on=turn.today + timedelta(days=1), reason="decision")


def complete_milestone(turn: Turn) -> None:
    """The activity is done and its money is stated, against the frozen version of the plan."""
    command: c.CompleteMilestone = turn.command
    duty = turn.duty(f"milestone.{command.milestone}", "milestone")
    turn.acts_as(duty.owner)
    if command.done_on > turn.today:
        raise Refused("in_the_future", "done_on")
    turn.close_duty(duty.id)
    turn.record(e.MilestoneReached(milestone=command.milestone, done_on=command.done_on, spent=command.spent))


def remind(turn: Turn) -> None:
    """Whoever owes the duty finds one more notice."""
    if turn.command.duty not in turn.cluster.duties:
        raise Refused("not_owed", "duty", "", tuple(turn.cluster.duties)[:20])
    turn.record(e.DutyReminded(duty=turn.command.duty))


def snooze(turn: Turn) -> None:
    """The owner gets no notices of this duty before that day; nothing else changes."""
    command: c.Snooze = turn.command
    duty = turn.cluster.duties.get(command.duty)
    if duty is None:
        raise Refused("not_owed", "duty", "", tuple(turn.cluster.duties)[:20])
    turn.acts_as(duty.owner)
    if not turn.today < command.until <= turn.today + timedelta(days=30):
        raise Refused("invalid_field", "until", "1 to 30 days from today")
    turn.record(e.NoticesSnoozed(duty=duty.id, until=command.until, reason=command.reason))
