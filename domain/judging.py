"""How something that waits for a decision is answered: by one approver, or by a body whose votes are counted."""

from __future__ import annotations

from datetime import timedelta

from domain import events as e
from domain.cluster import deliverable_of
from domain.extending import extend
from domain.gates import has_critical_finding, unmet
from domain.records import Duty, Sent
from domain.refusals import Refused
from domain.settling import advance
from domain.stages import Answer, Deliverable
from domain.turn import Turn
from domain.yields import bring_forth


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


def careful_answers(turn: Turn, duty: Duty) -> tuple[str, ...]:
    """The answers that do not lead forward: they win a tie, and need a reason."""
    if duty.kind == "gate":
        _, gate = turn.cluster.methodology.gate_by_key[duty.ref]
        return tuple(answer.key for answer in gate.answers if answer.does != "pass")
    return ("return", "refuse")


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
    """Refused while something else must hold first, or a critical finding stops the money. What belongs to a
    stage that lies before the file was opened here is stated, and not judged anew.
    """
    stage, _ = turn.cluster.methodology.deliverable_by_key[kind.key]
    was_here = stage.key in turn.cluster.stages
    if was_here and (lacking := unmet(turn.cluster, kind.approve_when, turn.today)):
        raise Refused("approval_blocked", "duty", f"{lacking[0].predicate} {lacking[0].of}",
                      tuple(f"{m.predicate} {m.of}: {m.have} < {m.need}" for m in lacking))  # fmt: skip
    if kind.yields == "release" and has_critical_finding(turn.cluster):
        raise Refused("finding_blocks", "duty")


def check_returnable(turn: Turn, duty_id: str) -> None:
    """Refused when the methodology allows no further version."""
    most = kind_of(turn, duty_id).max_rounds
    if waiting(turn, duty_id).round + 1 >= most:
        raise Refused("rounds_exhausted", "duty", str(most))


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
    _supersede(turn, [d for d in turn.cluster.duties.values() if d.kind == "gate" and d.ref == gate.key])
    if answer.does == "rework":
        _reopen(turn, answer)
    if answer.does == "stop":
        end(turn, reason)


def _reopen(turn: Turn, answer: Answer) -> None:
    """The named deliverables are owed again: their approval no longer counts for the gate."""
    for key in answer.reopens:
        if key in turn.cluster.duties or key in turn.cluster.sent:
            continue  # a new version is on its way already
        kind = kind_of(turn, key)
        turn.record(e.DeliverableReopened(deliverable=key))
        due_on = turn.today + timedelta(days=kind.rework_days)
        turn.open_duty(key, "deliverable", kind.owner, due_on=due_on, reason="rework", ladder=kind.ladder, version=1)


def end(turn: Turn, reason: str | None) -> None:
    """The file is closed by a decision; whatever was owed is owed no more."""
    turn.close_all("withdrawn")
    if turn.cluster.agent is not None:
        turn.record(e.AgentReleased(agent=turn.cluster.agent.person))
    turn.record(e.ProgrammeEnded(reason=reason))


def extension_answered(turn: Turn, role: str, answer: str, reason: str | None) -> None:
    """One of those who grant an extension has answered; with the last one the term is longer, with any refusal
    nothing has changed.
    """
    extension, term = turn.cluster.extension, turn.cluster.methodology.term
    if extension is None:  # its duties exist only while it is asked for
        return
    turn.record(e.ExtensionDecided(role=role, granted=answer == "grant", reason=reason))
    if answer != "grant":
        _supersede(turn, [duty for duty in turn.cluster.duties.values() if duty.kind == "extension"])
    elif {*extension.granted_by, role} >= set(term.extension_needs):
        extend(turn, extension.months)


def _supersede(turn: Turn, duties: list[Duty]) -> None:
    for duty in duties:
        turn.close_duty(duty.id, "superseded")
