"""Answering what waits for a decision: as the approver, as a member of a body, as who decides a gate."""

from __future__ import annotations

from domain import commands as c
from domain import events as e
from domain.bodies import barred, counted, seat_of
from domain.gates import missing
from domain.judging import (
    accept,
    answers_to,
    careful_answers,
    check_approvable,
    check_returnable,
    decide_gate,
    extension_answered,
    kind_of,
    send_back,
    waiting,
)
from domain.people import check_four_eyes
from domain.records import Duty
from domain.refusals import Refused
from domain.turn import Turn


def approve(turn: Turn) -> None:
    """What was sent is approved by its approver, who did not make it."""
    command: c.ApproveDeliverable = turn.command
    duty = _approval(turn, command.duty)
    answers = kind_of(turn, command.duty).answers
    if (answers and command.answer not in answers) or (not answers and command.answer is not None):
        raise Refused("wrong_answer", "answer", "", answers)
    turn.close_duty(duty.id)
    accept(turn, command.duty, command.answer)


def return_(turn: Turn) -> None:
    """What was sent goes back with a reason."""
    command: c.ReturnDeliverable = turn.command
    duty = _approval(turn, command.duty)
    check_returnable(turn, command.duty)
    turn.close_duty(duty.id, "returned")
    send_back(turn, command.duty, command.reason)


def _approval(turn: Turn, duty_id: str) -> Duty:
    sent = waiting(turn, duty_id)
    duty = turn.duty(f"{duty_id}:approval", "approval")
    if _is_body(turn, duty.owner):
        raise Refused("wrong_answer", "type", "", ("CastVote",))
    turn.acts_as(duty.owner)
    check_four_eyes(sent.by, turn.request.actor)
    return duty


def vote(turn: Turn) -> None:
    """One member's vote; when the votes decide, the body has answered."""
    command: c.CastVote = turn.command
    duty = turn.duty(command.duty, "approval", "gate", "extension")
    body, person = duty.owner, turn.request.actor.person
    seat = seat_of(turn.cluster, body, turn.today)
    if seat is None or person not in seat.members or turn.request.actor.on_behalf_of is not None:
        raise Refused("not_seated", "actor.person", body)  # a vote is cast in person
    turn.acts_as(body)
    if person in duty.votes:
        raise Refused("already_voted", "duty")
    answers = answers_to(turn, duty)
    if command.answer not in answers:
        raise Refused("wrong_answer", "answer", "", answers)
    check_four_eyes(barred(turn.cluster, duty), turn.request.actor)
    if duty.kind == "approval":
        if command.answer == "return":
            check_returnable(turn, duty.ref)
        else:
            check_approvable(turn, kind_of(turn, duty.ref))
    careful = careful_answers(turn, duty)
    if command.answer in careful and command.reason is None:
        raise Refused("reason_needed", "reason")
    turn.record(e.VoteCast(duty=duty.id, answer=command.answer, reason=command.reason))
    answer = counted(turn.cluster, duty, turn.today, careful)
    if answer is not None:
        _conclude(turn, duty, answer, command.reason if command.answer == answer else None)


def _conclude(turn: Turn, duty: Duty, answer: str, reason: str | None) -> None:
    turn.close_duty(duty.id, "returned" if answer == "return" else "done")
    match duty.kind:
        case "approval" if answer == "return":
            send_back(turn, duty.ref, reason)
        case "approval":
            accept(turn, duty.ref, answer if kind_of(turn, duty.ref).answers else None)
        case "gate":
            _, gate = turn.cluster.methodology.gate_by_key[duty.ref]
            decide_gate(turn, duty, next(a for a in gate.answers if a.key == answer), reason)
        case "extension":
            extension_answered(turn, duty.owner, answer, reason)


def decide(turn: Turn) -> None:
    """Whoever decides the gate alone has answered it."""
    command: c.DecideGate = turn.command
    found = turn.cluster.methodology.gate_by_key.get(command.gate)
    if found is None:
        raise Refused("invalid_field", "gate", "", tuple(turn.cluster.methodology.gate_by_key))
    _, gate = found
    state = turn.cluster.gates.get(gate.key)
    if state is None or state.state != "asked":
        lacking = missing(turn.cluster, gate, turn.today)
        raise Refused("gate_closed", "gate", "",
                      tuple(f"{m.predicate} {m.of}: {m.have} < {m.need}" for m in lacking))  # fmt: skip
    duty = turn.duty(f"{gate.key}:{turn.request.actor.role}", "gate")
    if _is_body(turn, duty.owner):
        raise Refused("wrong_answer", "type", "", ("CastVote",))
    turn.acts_as(duty.owner)
    answer = gate.answer(command.answer)
    if answer is None:
        raise Refused("wrong_answer", "answer", "", tuple(a.key for a in gate.answers))
    if answer.does != "pass" and command.reason is None:
        raise Refused("reason_needed", "reason")
    turn.close_duty(duty.id)
    decide_gate(turn, duty, answer, command.reason)


def waive(turn: Turn) -> None:
    """One condition of a gate is let go by the role above, with a reason."""
    command: c.WaiveCondition = turn.command
    found = turn.cluster.methodology.gate_by_key.get(command.gate)
    if found is None or found[0].key not in {s.key for s in turn.cluster.active_stages}:
        raise Refused("gate_closed", "gate")
    _, gate = found
    if not gate.waives:
        raise Refused("role_may_not", "actor.role")
    turn.acts_as(gate.waives)
    lacking = {m.condition for m in missing(turn.cluster, gate, turn.today)}
    if command.condition not in lacking:
        raise Refused("condition_holds", "condition", "", tuple(str(n) for n in sorted(lacking)))
    turn.record(e.ConditionWaived(gate=gate.key, condition=command.condition, reason=command.reason))


def _is_body(turn: Turn, role: str) -> bool:
    return turn.cluster.methodology.role_by_key[role].body
