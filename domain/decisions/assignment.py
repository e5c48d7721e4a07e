"""Seating bodies, and the agent's coming and going."""

from __future__ import annotations

from datetime import timedelta

from domain import commands as c
from domain import events as e
from domain.people import roles_that_may
from domain.records import Agent
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
    leaving = turn.cluster.agent
    if "agent" in turn.cluster.duties or turn.cluster.is_over:
        return
    # Where nobody fits, it is the same duty, so that somebody sees it; the choice may then name any registered agent.
    if leaving is None or leaving.notice_on is None:
        turn.ask_decision("agent", "agent", term.agent_confirmed_by, "agent")
        return
    due_on = leaving.notice_on + timedelta(days=term.selection_days)
    turn.open_duty("agent", "agent", term.agent_confirmed_by, due_on=due_on, reason="stage_rule")


def confirm(turn: Turn) -> None:
    """A candidate is chosen; the registry is asked to count the cluster into the agent's load."""
    command: c.ConfirmAgent = turn.command
    duty = turn.duty("agent", "agent")
    turn.acts_as(duty.owner)
    cluster = turn.cluster
    is_known = cluster.profile is not None and cluster.profile.imported and not cluster.led_by
    if cluster.candidates and command.agent not in cluster.candidates and not is_known:
        raise Refused("not_proposed", "agent", "", cluster.candidates)
    if cluster.agent is not None and command.agent == cluster.agent.person:
        raise Refused("not_proposed", "agent", "who leaves does not succeed")
    turn.close_duty("agent")
    turn.record(e.AgentChosen(agent=command.agent))


def assigned(turn: Turn) -> None:
    """The agent has the cluster; the clocks that stood since the predecessor's notice run on. Or the registry
    refused, and others are proposed. Where nobody is to lead the cluster any more, who was counted in is counted
    out again.
    """
    command: c.ReportAssignment = turn.command
    _awaited(turn, command.effect)
    if command.refused is not None:
        turn.record(e.AgentUnavailable(effect=command.effect, agent=command.agent, reason=command.refused))
        if not turn.cluster.is_over:
            turn.record(e.AgentSought(attempt=turn.cluster.sought + 1))
        return
    if turn.cluster.is_over:
        turn.record(e.AgentAssigned(effect=command.effect, agent=command.agent))
        turn.record(e.AgentReleased(agent=command.agent))
        return
    before = turn.cluster.agent
    paused = (turn.today - before.notice_on).days if before and before.notice_on else 0
    turn.record(e.AgentAssigned(effect=command.effect, agent=command.agent, paused_days=paused,
                                successor_of=before.person if before else None))  # fmt: skip
    turn.close_duty("interim", "superseded")
    _run_on(turn, before)


def load_freed(turn: Turn) -> None:
    """The cluster counts no longer into the load of the agent who left."""
    command: c.ReportRelease = turn.command
    _awaited(turn, command.effect)
    turn.record(e.AgentLoadFreed(effect=command.effect, agent=command.agent))


def _run_on(turn: Turn, before: Agent | None) -> None:
    """The clocks of the agent's duties run on: each is due later by the days it stood."""
    for duty in list(turn.cluster.duties.values()):
        if duty.owner != turn.cluster.methodology.term.agent_role or duty.due_on is None:
            continue
        since = max(before.notice_on, duty.since) if before and before.notice_on else duty.since
        stood = (turn.today - since).days
        if stood > 0:
            turn.move_due(duty, duty.due_on + timedelta(days=stood), "pause")


def notice(turn: Turn) -> None:
    """The agent leaves before the term's end: the agent's own clocks stand, and a successor is sought."""
    agent = turn.cluster.agent
    if agent is None or agent.notice_on is not None:
        raise Refused("not_awaited", "type")
    term = turn.cluster.methodology.term
    if turn.request.actor.role == term.agent_role:
        turn.acts_as(term.agent_role)
    turn.record(e.AgentNoticeGiven(agent=agent.person, cause=turn.command.cause))
    for duty_id in ("interim", "inventory"):
        turn.close_duty(duty_id, "superseded")  # of an earlier notice
    turn.open_duty("interim", "interim", roles_that_may(c.NameInterim)[0], reason="stage_rule",
                   due_on=turn.today + timedelta(days=term.interim_days))  # fmt: skip
    turn.open_duty("inventory", "inventory", roles_that_may(c.ListInventory)[0], reason="stage_rule",
                   due_on=turn.today + timedelta(days=term.inventory_days))  # fmt: skip


def name_interim(turn: Turn) -> None:
    """Somebody stands in, and may act as the agent until a successor is assigned."""
    duty = turn.duty("interim", "interim")
    agent = turn.cluster.agent
    if agent is not None and turn.command.person == agent.person:
        raise Refused("not_proposed", "person", "who leaves does not stand in")
    turn.close_duty(duty.id)
    turn.record(e.InterimNamed(person=turn.command.person))


def list_inventory(turn: Turn) -> None:
    """The successor finds what is open."""
    turn.duty("inventory", "inventory")
    turn.close_duty("inventory")
    turn.record(e.InventoryListed(inventory=turn.command.inventory))


def _awaited(turn: Turn, effect: str) -> None:
    if effect not in turn.cluster.effects:
        raise Refused("not_awaited", "effect")
