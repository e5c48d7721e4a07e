"""The licence, the exit, and what happens when the term runs out or a duty stands still."""

from __future__ import annotations

from datetime import timedelta

from domain import commands as c
from domain import events as e
from domain.judging import end
from domain.refusals import Refused
from domain.settling import exit_project
from domain.turn import Turn


def licensed(turn: Turn) -> None:
    """The licence has its number: the agent leaves and the network carries on."""
    command: c.ReportLicence = turn.command
    if command.effect not in turn.cluster.effects:
        raise Refused("not_awaited", "effect")
    turn.record(e.LicenceIssued(**command.model_dump()))
    exit_project(turn)


def end_programme(turn: Turn) -> None:
    """The office has decided to end a cluster whose term has run out."""
    if "term" not in turn.cluster.duties:
        raise Refused("term_runs", "type")
    end(turn, turn.command.reason)


def review_stall(turn: Turn) -> None:
    """Somebody above has looked at a duty that stood still, and may have given it a new date."""
    command: c.ReviewStall = turn.command
    duty = turn.duty(command.duty, "stall_review")
    turn.acts_as(duty.owner)
    stalled = turn.cluster.duties.get(duty.ref)
    if command.answer == "give_new_date":
        latest = turn.today + timedelta(days=365)
        if command.due_on is None or not turn.today < command.due_on <= latest:
            raise Refused("invalid_field", "due_on", f"after today, at most {latest}")
    turn.close_duty(duty.id)
    turn.record(e.StallReviewed(duty=duty.ref, answer=command.answer, reason=command.reason))
    if command.answer == "give_new_date" and stalled is not None and command.due_on is not None:
        calendar = turn.cluster.calendar
        due_on = calendar.next_working(command.due_on)
        turn.record(e.DueChanged(duty=stalled.id, due_on=due_on, provisional=calendar.is_provisional(due_on),
                                 reason="decision"))  # fmt: skip


def failed(turn: Turn) -> None:
    """A service gave up: the office is asked, and the cluster goes on."""
    command: c.ReportFailure = turn.command
    if command.effect not in turn.cluster.effects:
        raise Refused("not_awaited", "effect")
    turn.record(e.EffectFailed(effect=command.effect, reason=command.reason))


def cancel_ignored(turn: Turn) -> None:
    """It is on record that somebody asked Temporal to cancel; nothing else has changed."""
    turn.record(e.CancelIgnored())
