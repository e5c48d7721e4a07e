"""Reads one table of reference data into its model, telling where it is wrong by the keys people wrote."""

from contextlib import suppress
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.faults import Fault
from domain.values import Frozen

Part = TypeVar("Part", bound=Frozen)
Loc = tuple[int | str, ...]


def part(model: type[Part], table: dict[str, Any], file: str, faults: list[Fault]) -> Part | None:
    """What `table` says; its faults are added to `faults`.

    When it can be read without the values at fault it is read so, that they hide no fault elsewhere; else
    None. `table` is left without them.
    """
    try:
        return model.model_validate(table)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
    faults += [Fault(file, _place(table, one["loc"]), _message(one)) for one in found]
    for one in reversed(found):  # the last of a list first, so that the others keep their numbers
        _forget(table, one["loc"])
    try:
        return model.model_validate(table)
    except ValidationError:
        return None


def _place(table: Any, loc: Loc) -> str:
    """Where pydantic points, with keys of things in place of their numbers."""
    names = []
    for step in loc:
        try:
            table = table[step]
        except (KeyError, IndexError, TypeError):
            table = None
        key = table.get("key", table.get("status")) if isinstance(table, dict) else None
        names.append(str(key) if isinstance(step, int) and key else str(step))
    return ".".join(names)


def _message(error: ErrorDetails) -> str:
    return {"extra_forbidden": "unknown key", "missing": "is missing"}.get(error["type"], error["msg"])


def _forget(table: Any, loc: Loc) -> None:
    with suppress(KeyError, IndexError, TypeError):  # what is missing is not there to be forgotten
        for step in loc[:-1]:
            table = table[step]
        del table[loc[-1]]
