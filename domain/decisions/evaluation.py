"""Scores of the raters, what settles them, and findings of the supervision."""

from __future__ import annotations

from domain import commands as c
from domain import events as e
from domain.judging import kind_of
from domain.people import check_four_eyes
from domain.recording import persons_of
from domain.refusals import Refused
from domain.rubric import gaps
from domain.turn import Turn

MOST_OPEN_FINDINGS = 20


def score(turn: Turn) -> None:
    """One more sheet; with the last one the raters either agree, or someone must moderate."""
    command: c.ScoreEvaluation = turn.command
    duty = turn.duty(command.duty, "deliverable")
    kind = kind_of(turn, duty.id)
    if not kind.raters:
        raise Refused("wrong_answer", "type", "", ("SubmitDeliverable",))
    turn.acts_as(duty.owner)
    persons = persons_of(turn.request.actor)
    if any(one in turn.cluster.led_by for one in persons):
        raise Refused("conflict_of_interest", "actor.person")
    evaluation = turn.cluster.evaluations.get(duty.id)
    if evaluation is not None and (
        any(one in evaluation.raters for one in persons) or len(evaluation.sheets) >= kind.raters
    ):
        raise Refused("already_scored", "actor.person")
    criteria = tuple(criterion.key for criterion in turn.cluster.methodology.rubric.criteria)
    if set(command.scores) != set(criteria):
        raise Refused("invalid_field", "scores", "one score for each criterion", criteria)
    turn.record(e.EvaluationScored(duty=duty.id, scores=command.scores))
    sheets = turn.cluster.evaluations[duty.id].sheets
    if len(sheets) < kind.raters:
        return
    apart = gaps(sheets, turn.cluster.methodology.rubric)
    if apart:
        turn.record(e.ModerationOpened(duty=duty.id, criteria=apart))
        turn.ask_decision(f"{duty.id}:moderation", "moderation", kind.approver or duty.owner, duty.id)
        return
    turn.record(e.EvaluationWanted(duty=duty.id))


def moderate(turn: Turn) -> None:
    """The criteria in dispute have one score each, given by somebody who rated none of them."""
    command: c.ModerateEvaluation = turn.command
    duty = turn.cluster.duties.get(f"{command.duty}:moderation")
    if duty is None:
        raise Refused("no_moderation", "duty")
    turn.acts_as(duty.owner)
    sheets = turn.cluster.evaluations[command.duty].sheets
    check_four_eyes(turn.cluster.evaluations[command.duty].raters, turn.request.actor)
    apart = gaps(sheets, turn.cluster.methodology.rubric)
    if set(command.scores) != set(apart):
        raise Refused("invalid_field", "scores", "", apart)
    turn.close_duty(duty.id)
    turn.record(e.EvaluationModerated(duty=command.duty, scores=command.scores, reason=command.reason))
    turn.record(e.EvaluationWanted(duty=command.duty))


def completed(turn: Turn) -> None:
    """The rubric's totals stand, and the evaluation waits for its approval."""
    command: c.ReportEvaluation = turn.command
    if command.effect not in turn.cluster.effects:
        raise Refused("not_awaited", "effect")
    turn.record(e.EvaluationCompleted(**command.model_dump()))
    duty = turn.cluster.duties.get(command.duty)
    if duty is None:
        return
    kind = kind_of(turn, duty.id)
    on_time = duty.due_on is None or turn.today <= duty.due_on
    turn.close_duty(duty.id)
    values = {"total": command.total, "passed": command.passed}
    turn.record(e.DeliverableSubmitted(duty=duty.id, deliverable=kind.key, round=duty.round, values=values,
                                       on_time=on_time))  # fmt: skip
    turn.ask_decision(f"{duty.id}:approval", "approval", kind.approver, duty.id)


def open_finding(turn: Turn) -> None:
    """The remark is on record, and who leads the cluster now owes an answer."""
    if len(turn.cluster.findings) >= MOST_OPEN_FINDINGS:
        raise Refused("too_many", "type", str(MOST_OPEN_FINDINGS))
    number = turn.cluster.findings_opened + 1
    turn.record(e.FindingOpened(finding=number, level=turn.command.level, text=turn.command.text))
    owner = turn.cluster.methodology.stage_by_key[turn.cluster.stage].owner
    turn.ask_decision(f"finding.{number}", "finding", owner, str(number))


def answer_finding(turn: Turn) -> None:
    """Whoever owed the answer has given it; the finding is still open."""
    command: c.AnswerFinding = turn.command
    duty = turn.duty(f"finding.{command.finding}", "finding")
    turn.acts_as(duty.owner)
    turn.close_duty(duty.id)
    turn.record(e.FindingAnswered(finding=command.finding, text=command.text))


def close_finding(turn: Turn) -> None:
    """The finding is answered to the satisfaction of the supervision."""
    command: c.CloseFinding = turn.command
    finding = turn.cluster.findings.get(command.finding)
    if finding is None or not finding.answered_by:
        answered = tuple(str(n) for n, f in turn.cluster.findings.items() if f.answered_by)
        raise Refused("not_open_finding", "finding", "", answered)
    check_four_eyes(finding.answered_by, turn.request.actor)
    turn.record(e.FindingClosed(finding=command.finding))
