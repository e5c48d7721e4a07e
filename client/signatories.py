"""Two people sign for what nobody may do alone: who they are, and that each may."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from domain.recording import Actor
from domain.refusals import Refused
from domain.values import PersonId
from ledger.views import Views

NATION = "nation"


class Signed(NamedTuple):
    """The first is who acts, the second confirms; they are two different people."""

    first: Actor
    second: PersonId


def signed_by(
    views: Views, first: PersonId, second: PersonId, on: date, *, may: tuple[str, ...], may_confirm: tuple[str, ...]
) -> Signed:
    """Both, each in a role of the nation that they hold that day. Refused `own_work`, `role_may_not`."""
    if first == second:
        raise Refused("own_work", "second")
    role = _role(views, first, on, may, "actor.role")
    _role(views, second, on, may_confirm, "second")
    return Signed(Actor(person=first, role=role, scope=NATION), second)


def _role(views: Views, person: PersonId, on: date, wanted: tuple[str, ...], field: str) -> str:
    held = {row["role"] for row in views.people(person=person, on=on) if row["scope"] == NATION}
    found = next((role for role in wanted if role in held), None)
    if found is None:
        raise Refused("role_may_not", field, "", wanted)
    return found
