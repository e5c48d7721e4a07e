"""How something that waits for a decision is answered: by one approver, or by a body whose votes are counted."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from domain import events as e
from domain.cluster import deliverable_of
from domain.gates import has_critical_finding, unmet
from domain.records import Duty, Sent
from domain.refusals import Refused
from domain.settling import advance
from domain.stages import Answer, Deliverable
from domain.turn import Turn
from domain.yields import bring_forth

CAREFUL = ("return", "refuse", "hold", "rework", "stop")


def answers_to(turn: Turn, duty: Duty) -> tuple[str, ...]:
    """What may be answered to a duty that asks for a decision, the way forward first."""
    match duty.kind:
        case "approval":
            kind = kind_of(turn, duty.ref)
            return (*(kind.answers or ("approve",)), "return")
        case "gate":
            _, gate = turn.cluster.methodology.gate_by_key[duty.ref]
            return tuple(answer.key for answer in gate.answers)
        case "extension":
            return ("grant", "refuse")
    return ()


def kind_of(turn: Turn, duty_id: str) -> Deliverable:
    """The deliverable a duty is about."""
    return turn.cluster.methodology.deliverable_by_key[deliverable_of(duty_id)][1]


def waiting(turn: Turn, duty_id: str) -> Sent:
    """What was sent under this duty and waits for a decision."""
    sent = turn.cluster.sent.get(duty_id)
    if sent is None:
        raise Refused("not_awaited", "duty", "", tuple(turn.cluster.sent)[:20])
    return sent


def check_approvable(turn: Turn, kind: Deliverable) -> None:
    """Refused while something else must hold first, or a critical finding stops the money."""
    if lacking := unmet(turn.cluster, kind.approve_when, turn.today):
        raise Refused("approval_blocked", "duty", f"{lacking[0].predicate} {lacking[0].of}",
                      tuple(f"{m.predicate} {m.of}: {m.have} < {m.need}" for m in lacking))  # fmt: skip
    if kind.yields == "release" and has_critical_finding(turn.cluster):
        raise Refused("finding_blocks", "duty")


def accept(turn: Turn, duty_id: str, answer: str | None) -> None:
    """What was sent is approved; its records come to be."""
    sent = waiting(turn, duty_id)
    kind = kind_of(turn, duty_id)
    check_approvable(turn, kind)
    turn.record(e.DeliverableApproved(duty=duty_id, deliverable=kind.key, round=sent.round, answer=answer))
    bring_forth(turn, duty_id, kind, sent)
    if answer is not None and turn.cluster.stage == turn.cluster.methodology.term.exit_stage:
        number = int(duty_id.partition(".")[2] or 1)
        turn.record(e.SustainabilityJudged(check=number, verdict=answer))


def send_back(turn: Turn, duty_id: str, reason: str | None) -> None:
    """It is returned with a reason, and owed again with its own days for the rework."""
    sent = waiting(turn, duty_id)
    kind = kind_of(turn, duty_id)
    if sent.round + 1 >= kind.max_rounds:
        raise Refused("rounds_exhausted", "duty", str(kind.max_rounds))
    turn.record(e.DeliverableReturned(duty=duty_id, deliverable=kind.key, round=sent.round, reason=reason))
    due_on = turn.today + timedelta(days=kind.rework_days)
    turn.open_duty(duty_id, "deliverable", kind.owner, due_on=due_on, reason="rework", ladder=kind.ladder,
                   version=sent.round + 1)  # fmt: skip


def decide_gate(turn: Turn, duty: Duty, answer: Answer, reason: str | None) -> None:
    """One of those who decide has answered; the gate opens when all of them let it pass."""
    stage, gate = turn.cluster.methodology.gate_by_key[duty.ref]
    state = turn.cluster.gates[gate.key]
    passed = answer.does == "pass" and {*state.let_by, duty.owner} >= set(gate.decides)
    holds_until = None
    if answer.does == "hold":
        holds_until = turn.today + timedelta(days=answer.days or turn.cluster.methodology.term.hold_asks_every_days)
    turn.record(e.GateDecided(gate=gate.key, role=duty.owner, answer=answer.key, passed=passed,
                              holds_until=holds_until, reason=reason))  # fmt: skip
    if answer.does == "pass":
        if passed:
            advance(turn, stage)
        return
    for other in list(turn.cluster.duties.values()):
        if other.kind == "gate" and other.ref == gate.key:
            turn.close_duty(other.id, "superseded")
    if answer.does == "rework":
        _reopen(turn, answer)
    if answer.does == "stop":
        end(turn, reason)


def _reopen(turn: Turn, answer: Answer) -> None:
    """The named deliverables are owed again: their approval no longer counts for the gate."""
    for key in answer.reopens:
        kind = kind_of(turn, key)
        turn.record(e.DeliverableReopened(deliverable=key))
        due_on = turn.today + timedelta(days=kind.rework_days)
        turn.open_duty(key, "deliverable", kind.owner, due_on=due_on, reason="rework", ladder=kind.ladder, version=1)


def end(turn: Turn, reason: str | None) -> None:
    """The file is closed by a decision; whatever was owed is owed no more."""
    for duty in list(turn.cluster.duties):
        turn.close_duty(duty, "withdrawn")
    if turn.cluster.agent is not None:
        turn.record(e.AgentReleased(agent=turn.cluster.agent.person))
    turn.record(e.ProgrammeEnded(reason=reason))


def counted(turn: Turn, duty: Duty, body: str) -> str | None:
    """The body's answer, once `quorum` votes are cast and one answer leads; a tie of all votes is answered
    by the most careful one. None while more votes are needed.
    """
    seat = turn.cluster.bodies[body]
    votes = turn.cluster.duties[duty.id].votes
    if len(votes) < seat.quorum:
        return None
    ranked = Counter(votes.values()).most_common()
    if len(ranked) == 1 or ranked[0][1] > ranked[1][1]:
        return ranked[0][0]
    if len(votes) < len(seat.members):
        return None
    tied = [answer for answer, count in ranked if count == ranked[0][1]]
    return next((answer for answer in tied if answer in CAREFUL), tied[-1])
