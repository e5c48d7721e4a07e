"""A longer term: its new end, and the duties that are counted from it."""

from __future__ import annotations

from domain import events as e
from domain.cluster import Cluster
from domain.jalali import add_months
from domain.schedule import date_of, due_of
from domain.stages import Deliverable
from domain.turn import Turn


def extend(turn: Turn, months: int) -> None:
    """The term ends `months` later (counted from today when it is over), and what is due before its end with it."""
    clock = turn.cluster.clock
    if clock is None:
        return
    ends_on = add_months(max(clock.ends_on, turn.today), months)
    turn.record(e.TermExtended(months=months, ends_on=ends_on))
    turn.close_duty("term", "superseded")
    _move_dues(turn)
    for kind in _failed(turn.cluster):
        turn.record(e.DeliverableReopened(deliverable=kind.key))
        due_on = date_of(turn.cluster, kind.dues[0], None)
        turn.open_duty(kind.key, "deliverable", kind.owner, due_on=due_on, reason="extension", ladder=kind.ladder)


def _move_dues(turn: Turn) -> None:
    for duty in list(turn.cluster.duties.values()):
        rule = due_of(turn.cluster, duty) if duty.kind == "deliverable" and duty.round == 0 else None
        day = date_of(turn.cluster, rule, None) if rule and rule.anchor == "clock_end" else None
        if day is not None and duty.due_on is not None and day > duty.due_on:
            turn.move_due(duty, day, "extension")


def _failed(c: Cluster) -> list[Deliverable]:
    """Evaluations of the end of the term that were not passed: more time is given to be judged again."""
    return [
        kind
        for stage in c.active_stages
        for kind in stage.deliverables
        if kind.raters and kind.key in c.approved and kind.dues and kind.dues[0].anchor == "clock_end"
        and not c.evaluation_passed
    ]  # fmt: skip
