"""The licence and the exit, and what happens when a duty stands still or a service gives up."""

from __future__ import annotations

from datetime import timedelta

from domain import commands as c
from domain import events as e
from domain.refusals import Refused
from domain.settling import exit_project
from domain.turn import Turn


def licensed(turn: Turn) -> None:
    """The licence has its number: the agent leaves and the network carries on. A closed file only has it on record."""
    command: c.ReportLicence = turn.command
    if command.effect not in turn.cluster.effects:
        raise Refused("not_awaited", "effect")
    turn.record(e.LicenceIssued(**command.model_dump()))
    if turn.cluster.is_open:
        exit_project(turn)


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
        turn.move_due(stalled, command.due_on, "decision")


def failed(turn: Turn) -> None:
    """A service gave up: a person is asked, and the cluster goes on. Of a closed file only its agent still matters."""
    command: c.ReportFailure = turn.command
    effect = turn.cluster.effects.get(command.effect)
    if effect is None:
        raise Refused("not_awaited", "effect")
    turn.record(e.EffectFailed(effect=command.effect, reason=command.reason))
    term = turn.cluster.methodology.term
    if effect.kind in ("propose_agent", "assign_agent"):
        if turn.cluster.is_over:
            if effect.kind == "assign_agent":  # the agent may have been counted in before the service gave up
                turn.record(e.AgentReleased(agent=effect.ref))
        elif "agent" not in turn.cluster.duties:  # the choice can be made again, or without a proposal
            turn.ask_decision("agent", "agent", term.agent_confirmed_by, "agent")
        return
    if not turn.cluster.is_open and effect.kind != "release_agent":
        return
    duty = f"effect:{effect.kind}:{effect.ref}".rstrip(":")
    if duty not in turn.cluster.duties:
        turn.ask_decision(duty, "effect", term.term_answered_by, effect.ref or effect.kind)


def ask_again(turn: Turn) -> None:
    """The service is asked as before."""
    duty = turn.duty(turn.command.duty, "effect")
    turn.acts_as(duty.owner)
    _, service, ref = (*duty.id.split(":", 2), "")[:3]
    turn.close_duty(duty.id)
    turn.record(e.ServiceAskedAgain.model_validate({"service": service, "ref": ref}))


def cancel_ignored(turn: Turn) -> None:
    """It is on record that somebody asked Temporal to cancel; nothing else has changed."""
    turn.record(e.CancelIgnored())
