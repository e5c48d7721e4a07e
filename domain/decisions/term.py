"""The agent's term: asking for more months, granting them, or ending the programme."""

from __future__ import annotations

from domain import commands as c
from domain import events as e
from domain.bodies import barred
from domain.judging import end, extension_answered
from domain.people import check_four_eyes
from domain.refusals import Refused
from domain.turn import Turn


def ask_extension(turn: Turn) -> None:
    """More months are asked for; each body and office the methodology names is asked."""
    command: c.AskExtension = turn.command
    clock, term = turn.cluster.clock, turn.cluster.methodology.term
    if clock is None or turn.cluster.handed_over_on is not None or turn.cluster.extension is not None:
        raise Refused("no_extension", "type")
    left = term.extension_months - clock.extended_months
    if command.months > left:
        raise Refused("extension_too_long", "months", str(left))
    turn.record(e.ExtensionAsked(months=command.months, reason=command.reason))
    for role in term.extension_needs:
        turn.ask_decision(f"extension:{role}", "extension", role, "extension")


def decide_extension(turn: Turn) -> None:
    """One office has granted or refused the extension."""
    command: c.DecideExtension = turn.command
    duty = turn.duty(f"extension:{turn.request.actor.role}", "extension")
    if turn.cluster.methodology.role_by_key[duty.owner].body:
        raise Refused("wrong_answer", "type", "", ("CastVote",))
    turn.acts_as(duty.owner)
    check_four_eyes(barred(turn.cluster, duty), turn.request.actor)
    if command.answer == "refuse" and command.reason is None:
        raise Refused("reason_needed", "reason")
    turn.close_duty(duty.id)
    extension_answered(turn, duty.owner, command.answer, command.reason)


def end_programme(turn: Turn) -> None:
    """The office has decided to end a cluster whose term has run out."""
    if "term" not in turn.cluster.duties:
        raise Refused("term_runs", "type")
    end(turn, turn.command.reason)
