"""A filled form made to agree with itself: people read the rules on the form before they send it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from domain.stages import Check
from rehearsal.chance import Chance

Values = dict[str, Any]


def agreed(values: Values, checks: Iterable[Check], chance: Chance) -> Values:
    """The values with the second of two that disagree mended. `values` itself is changed."""
    checks = tuple(checks)
    months = {check.b: check.value for check in checks if check.check == "within_months"}
    for check in checks:
        for first, second in _pairs(values, check):
            match check.check:
                case "at_most":
                    most = second[0][second[1]] if second else check.value or 0
                    first[0][first[1]] = _least(first[0][first[1]], most)
                case "not_before" if second:
                    most_days = 30 * (months.get(check.b) or 36)
                    start = date.fromisoformat(first[0][first[1]])
                    days = chance.between(most_days * 2 // 3, most_days, check.b)
                    second[0][second[1]] = str(start + timedelta(days=days))
    return values


Place = tuple[Values, str]


def _pairs(values: Values, check: Check) -> Iterable[tuple[Place, Place | None]]:
    """Where the two values of the check stand, row by row in a table."""
    table, _, column = check.a.partition(".")
    rows = values.get(table, []) if column else [values]
    a, b = column or check.a, check.b.partition(".")[2] or check.b
    for row in rows:
        if row.get(a) is not None and (not check.b or row.get(b) is not None):
            yield (row, a), ((row, b) if check.b else None)


def _least(value: Any, most: Any) -> Any:
    return value if float(value) <= float(most) else type(value)(most)
