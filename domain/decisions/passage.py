"""What time alone brings: rungs of ladders, and reviews of what stands still. The rest follows by settling."""

from __future__ import annotations

from datetime import timedelta

from domain import events as e
from domain.duties import NextRung, is_paused, moment, rungs_ahead
from domain.recording import Cause
from domain.records import Duty
from domain.settling import settle
from domain.turn import Turn

REVIEW_DAYS = 15
MOST_REVIEWS = 5
"""Where all stands still, five questions are enough: who answers them sees the rest."""


def pass_time(turn: Turn) -> None:
    """Every rung up to `until` has fired or is recorded as skipped; of several missed ones only the latest fires."""
    settle(turn)  # what opens now, after an outage, may have rungs that are due already
    until = min(turn.command.until, turn.at)
    for duty in list(turn.cluster.duties.values()):
        if duty.id not in turn.cluster.duties or is_paused(turn.cluster, duty):
            continue
        ahead = rungs_ahead(turn.cluster, duty)
        ready = [place for place, rung in enumerate(ahead) if moment(turn.cluster, rung.on) <= until]
        if not ready:
            continue
        for missed in ahead[: ready[-1]]:
            turn.record(e.RungSkipped(duty=duty.id, rung=missed.rung.key, reason="collapsed"), _cause(duty, missed))
        _fire(turn, duty, ahead[ready[-1]])


def _fire(turn: Turn, duty: Duty, ready: NextRung) -> None:
    rung = ready.rung
    to = tuple(duty.owner if role in ("owner", "approver") else role for role in rung.to)
    turn.record(e.RungFired(duty=duty.id, rung=rung.key, to=tuple(dict.fromkeys(to)), level=rung.level, on=ready.on),
                _cause(duty, ready))  # fmt: skip
    review = f"review:{duty.id}"
    reviews = sum(1 for other in turn.cluster.duties.values() if other.kind == "stall_review")
    if rung.opens == "stall_review" and duty.kind != "stall_review" and reviews < MOST_REVIEWS:
        owner = turn.cluster.methodology.term.stall_reviewed_by
        turn.open_duty(review, "stall_review", owner, ref=duty.id, due_on=turn.today + timedelta(days=REVIEW_DAYS),
                       reason="ladder")  # fmt: skip


def _cause(duty: Duty, ready: NextRung) -> Cause:
    return Cause(kind="rung", ref=f"{duty.ladder}/{ready.rung.key}")
