"""The workflow was made anew from the record: two people say so, and then it goes on."""

from __future__ import annotations

from domain import commands as c
from domain import events as e
from domain.people import check_four_eyes
from domain.refusals import Refused
from domain.turn import Turn


def recover(turn: Turn) -> None:
    """It is on record who had the workflow made anew, from which state and why. The door holds the state to that."""
    command: c.Recover = turn.command
    if command.second.startswith("svc:"):
        raise Refused("role_may_not", "second")  # a service never acts for a person
    check_four_eyes((command.second,), turn.request.actor)
    turn.record(e.ClusterRecovered(**command.model_dump()))
