"""How people keep to their dates: three kinds of programme, as shares and days."""

from __future__ import annotations

from typing import Literal

from domain.values import Frozen

Kind = Literal["punctual", "typical", "late", "none"]


class Habit(Frozen):
    """In `weight` of all cases, so many days after the due date (before it: negative)."""

    weight: int
    first: int
    last: int


class Persona(Frozen):
    """Shares are percent. `decides`: working days from being asked to the answer, from … to."""

    works: tuple[Habit, ...]
    decides: tuple[int, int]
    returns: int
    hesitates: int
    dissents: int
    leaves: int
    finds: int


def _habit(weight: int, first: int, last: int) -> Habit:
    return Habit(weight=weight, first=first, last=last)


PERSONAS: dict[Kind, Persona] = {
    "punctual": Persona(
        works=(_habit(100, -12, -2),),
        decides=(1, 4), returns=3, hesitates=2, dissents=3, leaves=8, finds=40,
    ),
    "typical": Persona(
        works=(_habit(70, -9, -1), _habit(22, 1, 9), _habit(8, 10, 40)),
        decides=(1, 8), returns=10, hesitates=7, dissents=8, leaves=22, finds=60,
    ),
    "late": Persona(
        works=(_habit(30, -4, 0), _habit(45, 2, 25), _habit(25, 22, 80)),
        decides=(4, 22), returns=16, hesitates=12, dissents=12, leaves=35, finds=80,
    ),
}  # fmt: skip
