"""Seating bodies, and the agent's coming and going."""

from __future__ import annotations

from datetime import timedelta

from domain import commands as c
from domain import events as e
from domain.refusals import Refused
from domain.turn import Turn

LONGEST_SEAT_DAYS = 4 * 366


def seat(turn: Turn) -> None:
    """The body has its members for this cluster, and the votes it decides with."""
    command: c.SeatBody = turn.command
    roles = turn.cluster.methodology.role_by_key
    if command.body not in roles or not roles[command.body].body:
        raise Refused("invalid_field", "body", "", tuple(r.key for r in roles.values() if r.body))
    if len(set(command.members)) != len(command.members):
        raise Refused("invalid_field", "members", "each member once")
    if command.quorum > len(command.members) or 2 * command.quorum <= len(command.members):
        raise Refused("invalid_field", "quorum", "more than half of the members, and not more than all")
    if not turn.today < command.until <= turn.today + timedelta(days=LONGEST_SEAT_DAYS):
        raise Refused("invalid_field", "until", "after today, at most four years")
    turn.record(e.BodySeated(body=command.body, members=command.members, quorum=command.quorum, until=command.until))
    if f"body:{command.body}" in turn.cluster.duties:
        turn.close_duty(f"body:{command.body}")


def candidates(turn: Turn) -> None:
    """The registry's ranked candidates wait for a person's choice."""
    command: c.ReportCandidates = turn.command
    _awaited(turn, command.effect)
    turn.record(e.AgentsProposed(effect=command.effect, candidates=command.candidates))
    term = turn.cluster.methodology.term
    if command.candidates:
        turn.ask_decision("agent", "agent", term.agent_confirmed_by, "agent")
    elif "agent" not in turn.cluster.duties:
        # nobody fits: the same duty, so that somebody sees it; the choice may then name any registered agent
        turn.ask_decision("agent", "agent", term.agent_confirmed_by, "nobody")


def confirm(turn: Turn) -> None:
    """A candidate is chosen; the registry is asked to count the cluster into the agent's load."""
    command: c.ConfirmAgent = turn.command
    duty = turn.duty("agent", "agent")
    turn.acts_as(duty.owner)
    if turn.cluster.candidates and command.agent not in turn.cluster.candidates:
        raise Refused("not_proposed", "agent", "", turn.cluster.candidates)
    turn.close_duty("agent")
    turn.record(e.AgentChosen(agent=command.agent))


def assigned(turn: Turn) -> None:
    """The agent has the cluster; the clocks that stood since the predecessor's notice run on. Or the registry
    refused, and others are proposed.
    """
    command: c.ReportAssignment = turn.command
    _awaited(turn, command.effect)
    if command.refused is not None:
        turn.record(e.AgentUnavailable(effect=command.effect, agent=command.agent, reason=command.refused))
        turn.record(e.AgentSought(attempt=turn.cluster.sought + 1))
        return
    before = turn.cluster.agent
    paused = (turn.today - before.notice_on).days if before and before.notice_on else 0
    turn.record(e.AgentAssigned(effect=command.effect, agent=command.agent, paused_days=paused,
                                successor_of=before.person if before else None))  # fmt: skip
    if not paused:
        return
    calendar = turn.cluster.calendar
    for duty in list(turn.cluster.duties.values()):
        if duty.owner == turn.cluster.methodology.term.agent_role and duty.due_on is not None:
            due_on = calendar.next_working(duty.due_on + timedelta(days=paused))
            turn.record(e.DueChanged(duty=duty.id, due_on=due_on, provisional=calendar.is_provisional(due_on),
                                     reason="pause"))  # fmt: skip


def notice(turn: Turn) -> None:
    """The agent leaves before the term's end: the agent's own clocks stand, and a successor is sought."""
    agent = turn.cluster.agent
    if agent is None or agent.notice_on is not None:
        raise Refused("not_awaited", "type")
    if turn.request.actor.role == turn.cluster.methodology.term.agent_role:
        turn.acts_as(turn.cluster.methodology.term.agent_role)
    turn.record(e.AgentNoticeGiven(agent=agent.person, cause=turn.command.cause))


def _awaited(turn: Turn, effect: str) -> None:
    if effect not in turn.cluster.effects:
        raise Refused("not_awaited", "effect")
