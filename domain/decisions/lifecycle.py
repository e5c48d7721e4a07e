"""Opening a file, entering one with a past, confirming its dates, taking it back."""

from __future__ import annotations

from datetime import timedelta

from domain import commands as c
from domain import events as e
from domain.cluster import deliverable_of
from domain.refusals import Refused
from domain.schedule import date_of, due_of
from domain.settling import enter, start_clock
from domain.turn import Turn

CONFIRMED_LATEST_DAYS = 15


def identify(turn: Turn) -> None:
    """The file is open and the first stage has begun."""
    _is_new(turn)
    command: c.IdentifyCluster = turn.command
    turn.record(e.ClusterIdentified(**command.model_dump(), calendar=_calendar(turn), rehearsal=_rehearsal(turn)))
    enter(turn, turn.cluster.methodology.main_track[0], turn.happened_on)


def import_(turn: Turn) -> None:
    """The cluster stands in the stage its status word says, with nothing invented about its past."""
    _is_new(turn)
    command: c.ImportCluster = turn.command
    methodology = turn.cluster.methodology
    opening = next((o for o in methodology.opening if o.status == command.status), None)
    if opening is None:
        raise Refused("invalid_field", "status", "", tuple(o.status for o in methodology.opening))
    turn.record(e.ClusterImported(
        **command.model_dump(), calendar=_calendar(turn), rehearsal=_rehearsal(turn),
        stage=opening.stage, finished=opening.finished, noted=opening.noted,
    ))  # fmt: skip
    stage = methodology.stage_by_key[opening.stage]
    term = methodology.term
    if stage.key == methodology.main_track[0].key:
        enter(turn, stage, turn.happened_on)
        return
    enter(turn, stage, None)
    for other in methodology.stages:  # the parallel tracks that began with a stage which lies in the past
        began = other.track == "parallel" and methodology.reaches(stage.key, other.starts_with)
        if began and stage.key != term.exit_stage and other.key not in turn.cluster.stages:
            turn.record(e.StageEntered(stage=other.key, started_on=None))
    due_on = turn.today + timedelta(days=term.start_confirm_days)
    turn.open_duty("start_date", "start_date", term.start_confirmed_by, due_on=due_on, reason="opening_balance")
    if opening.finished:
        turn.open_duty("licence_statement", "licence_statement", term.start_confirmed_by, due_on=due_on,
                       reason="opening_balance")  # fmt: skip
        return
    for earlier in methodology.main_track[: methodology.main_track.index(stage)]:
        for kind in earlier.deliverables:  # what the engine runs on must be stated, whoever ran it before
            if kind.yields in ("milestones", "tranches"):
                due_on = turn.today + timedelta(days=90)
                turn.open_duty(kind.key, "deliverable", kind.owner, due_on=due_on, reason="opening_balance")


def confirm_start(turn: Turn) -> None:
    """The present stage (and the term) have their dates, and the duties whose clocks stood have theirs."""
    command: c.ConfirmStart = turn.command
    duty = turn.duty("start_date", "start_date")
    methodology = turn.cluster.methodology
    stage = turn.cluster.stage
    inside = methodology.reaches(stage, methodology.term.clock_starts) and stage != methodology.term.exit_stage
    clock_on = command.clock_started_on if inside else None
    if inside and clock_on is None:
        if stage != methodology.term.clock_starts:  # the term began with a stage before this one: nobody guesses when
            raise Refused("missing_field", "clock_started_on")
        clock_on = command.started_on
    for key, day in (("started_on", command.started_on), ("clock_started_on", clock_on)):
        if day is not None and (day > turn.today or day.year < 1990):
            raise Refused("in_the_future" if day > turn.today else "invalid_field", key)
    if clock_on is not None and clock_on > command.started_on:
        raise Refused("invalid_field", "clock_started_on", "not after started_on")
    turn.close_duty(duty.id)
    for active in turn.cluster.active_stages:
        started_on = command.started_on if active.track == "main" else clock_on or command.started_on
        if turn.cluster.stages[active.key].started_on is None:
            turn.record(e.StartConfirmed(stage=active.key, started_on=started_on, clock_started_on=clock_on))
    if clock_on is not None:
        start_clock(turn, clock_on)
    _give_dates(turn)


def _give_dates(turn: Turn) -> None:
    """Duties whose clock stood are due by their rule, or in fifteen days when that day has passed."""
    for duty in list(turn.cluster.duties.values()):
        if duty.due_on is not None or duty.kind != "deliverable":
            continue
        stage, _ = turn.cluster.methodology.deliverable_by_key[deliverable_of(duty.id)]
        rule = due_of(turn.cluster, duty)
        due_on = date_of(turn.cluster, rule, turn.cluster.stages[stage.key].started_on) if rule else None
        earliest = turn.today + timedelta(days=CONFIRMED_LATEST_DAYS)
        turn.move_due(duty, max(due_on or earliest, earliest), "confirmed")


def state_licence(turn: Turn) -> None:
    """It is known which licence the cluster has; without one, nothing is renewed."""
    command: c.StateLicence = turn.command
    duty = turn.duty("licence_statement", "licence_statement")
    if (command.number is None) != (command.valid_until is None):
        raise Refused("missing_field", "valid_until" if command.number else "number")
    turn.close_duty(duty.id)
    turn.record(e.LicenceStated(number=command.number, valid_until=command.valid_until))


def withdraw(turn: Turn) -> None:
    """The file is closed as opened in error; later than the first approval that would hide work done."""
    if turn.cluster.approved:
        raise Refused("already_approved")
    turn.close_all("withdrawn")
    if turn.cluster.agent is not None:
        turn.record(e.AgentReleased(agent=turn.cluster.agent.person))
    turn.record(e.ClusterWithdrawn(reason=turn.command.reason))


def _is_new(turn: Turn) -> None:
    if turn.cluster.state != "new":
        raise Refused("already_open")
    province = turn.command.province
    level, _, place = turn.request.actor.scope.partition("/")
    if level == "province" and place != province:
        raise Refused("out_of_scope", "province", "", (place,))


def _calendar(turn: Turn) -> str:
    return f"{turn.cluster.calendar.id}/{turn.cluster.calendar.version}"


def _rehearsal(turn: Turn) -> bool:
    return turn.request.build == "rehearsal"
