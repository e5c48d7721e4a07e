"""What follows by itself once a decision is made: duties that open, gates that are asked, the next stage.

It runs after every command and every alarm, until nothing more follows, so no decision has to remember it.
"""

from __future__ import annotations

from datetime import date, timedelta

from domain import events as e
from domain.bodies import unseated
from domain.cluster import deliverable_of
from domain.commands import SeatBody
from domain.gates import missing
from domain.jalali import add_months
from domain.people import roles_that_may
from domain.schedule import upcoming, window_closes
from domain.stages import Gate, Stage
from domain.turn import Turn

BODY_DAYS = 30
ABOUT_AGENTS = ("propose_agent", "assign_agent", "release_agent")


def settle(turn: Turn) -> None:
    """Nothing more follows from the state as of today."""
    before = -1
    while turn.cluster.is_open and turn.cluster.seq != before:
        before = turn.cluster.seq
        _seat_bodies(turn)
        _close_window(turn)
        _seek_agent(turn)
        _open_occurrences(turn)
        for stage in turn.cluster.active_stages:
            if stage.gate is not None:
                _ask(turn, stage, stage.gate)
        _end_of_term(turn)


def enter(turn: Turn, stage: Stage, started_on: date | None) -> None:
    """The stage begins, with the parallel ones that start with it; the agent's clock may start."""
    turn.record(e.StageEntered(stage=stage.key, started_on=started_on))
    methodology = turn.cluster.methodology
    for other in methodology.stages:
        if other.starts_with == stage.key and other.key not in turn.cluster.stages:
            turn.record(e.StageEntered(stage=other.key, started_on=started_on))
    if stage.key == methodology.term.clock_starts and started_on is not None:
        start_clock(turn, started_on)


def start_clock(turn: Turn, on: date) -> None:
    """Day 0 of the term is `on`."""
    turn.record(e.ClockStarted(started_on=on, ends_on=add_months(on, turn.cluster.methodology.term.months)))


def leave(turn: Turn, stage: Stage) -> None:
    """The stage is over: what was still owed in it is closed as left, so that nobody is reminded of it."""
    keys = {d.key for d in stage.deliverables}
    for duty in list(turn.cluster.duties.values()):
        if (duty.kind in ("deliverable", "approval", "moderation") and deliverable_of(duty.id) in keys) or (
            duty.kind == "gate" and stage.gate and duty.ref == stage.gate.key
        ):
            turn.close_duty(duty.id, "stage_left")
    turn.record(e.StageLeft(stage=stage.key))


def advance(turn: Turn, stage: Stage) -> None:
    """The gate of `stage` is open: the next stage of the main track begins, or the project ends with a licence."""
    cluster, term = turn.cluster, turn.cluster.methodology.term
    if stage.track == "parallel":
        return  # it lasts until the agent's exit; its gate was what others waited for
    following = cluster.methodology.stage_after(stage.key)
    if following is None:
        return
    if following.key == term.exit_stage:
        turn.record(e.LicenceWanted())  # the exit is the day the licence is issued
        return
    leave(turn, stage)
    # Back-dated decisions may arrive out of order; a stage never begins before the one it follows.
    enter(turn, following, max(turn.happened_on, cluster.stages[stage.key].started_on or turn.happened_on))


def exit_project(turn: Turn) -> None:
    """The licence is issued: the parallel tracks close, the agent leaves, the network's own duties begin."""
    methodology = turn.cluster.methodology
    for stage in turn.cluster.active_stages:
        leave(turn, stage)
    turn.close_all("stage_left")  # whose owner leaves, or whose stage was never entered here
    if turn.cluster.agent is not None:
        turn.record(e.AgentReleased(agent=turn.cluster.agent.person))
    enter(turn, methodology.stage_by_key[methodology.term.exit_stage], turn.happened_on)


def _open_occurrences(turn: Turn) -> None:
    for planned in list(upcoming(turn.cluster, turn.today)):
        if planned.opens_on <= turn.today:
            kind = planned.deliverable
            turn.open_duty(planned.duty, "deliverable", kind.owner, due_on=planned.due_on, reason=planned.reason,
                           ladder=kind.ladder, counted_on=planned.counted_on)  # fmt: skip


def _ask(turn: Turn, stage: Stage, gate: Gate) -> None:
    """Those who decide are asked once every condition holds; a gate that nobody decides opens by itself."""
    state = turn.cluster.gates.get(gate.key)
    if state is not None and (
        state.state in ("asked", "passed") or (state.holds_until is not None and state.holds_until > turn.today)
    ):
        return
    if missing(turn.cluster, gate, turn.today):
        return
    turn.record(e.GateAsked(gate=gate.key))
    for role in gate.decides:
        turn.ask_decision(f"{gate.key}:{role}", "gate", role, gate.key)
    if not gate.decides:
        turn.record(e.GateDecided(gate=gate.key, role="engine", answer="pass", passed=True))
        advance(turn, stage)


def _seat_bodies(turn: Turn) -> None:
    """A body that has to decide must have its members named, and named anew in time."""
    for body in unseated(turn.cluster, turn.today):
        if f"body:{body}" not in turn.cluster.duties:
            due_on = turn.today + timedelta(days=BODY_DAYS)
            owner = roles_that_may(SeatBody)[0]
            turn.open_duty(f"body:{body}", "body", owner, ref=body, due_on=due_on, reason="stage_rule")


def _close_window(turn: Turn) -> None:
    """A licence that was not renewed in its window is lapsed for good."""
    day, duty_id = window_closes(turn.cluster)
    if day is not None and day <= turn.today:
        turn.close_duty(duty_id, "lapsed")


def _seek_agent(turn: Turn) -> None:
    """Between the stage that needs an agent and the exit there is one, or one is being sought. Who leaves is counted
    out first: a successor is ranked by what the registry then holds.
    """
    cluster, term = turn.cluster, turn.cluster.methodology.term
    reached = cluster.stage and cluster.methodology.reaches(cluster.stage, term.agent_needed_in)
    if not reached or cluster.is_over or cluster.agent_left:
        return
    leaving = cluster.agent is None or cluster.agent.notice_on is not None
    pending = any(effect.kind in ABOUT_AGENTS for effect in cluster.effects.values())
    if leaving and not pending and "agent" not in cluster.duties and not cluster.candidates:
        turn.record(e.AgentSought(attempt=cluster.sought + 1))


def _end_of_term(turn: Turn) -> None:
    """At the end of the term the office is asked to extend or to end; nothing ends by itself."""
    cluster, term = turn.cluster, turn.cluster.methodology.term
    over = cluster.clock is not None and cluster.clock.ends_on <= turn.today and cluster.handed_over_on is None
    if over and "term" not in cluster.duties and cluster.extension is None:
        due_on = turn.today + timedelta(days=term.term_answer_days)
        turn.open_duty("term", "term", term.term_answered_by, due_on=due_on, reason="contract")
