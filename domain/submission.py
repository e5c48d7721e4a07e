"""What was sent, held against the fields and checks of its deliverable. All faults at once, by field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from domain.refusals import Refused
from domain.stages import Check, Deliverable, FieldSpec

EARLIEST, LATEST = date(1990, 1, 1), date(2060, 12, 31)
_COMMITMENT = re.compile(r"hmac-sha256:[0-9a-f]{64}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?")
COMMITTED = ("text", "person", "document")
MOST_ROWS = 200


def check_values(kind: Deliverable, values: dict[str, Any]) -> None:
    """Refused with every field that is wrong; a value is never repaired."""
    faults = list(_faults(kind.fields, values, ""))
    if not faults:
        faults = [fault for check in kind.checks for fault in _check(check, values)]
    if faults:
        codes = [code for code, _, _ in faults]
        raise Refused(codes[0], "; ".join(field for _, field, _ in faults)[:400], faults[0][2],
                      tuple(f"{field}: {rule}" for _, field, rule in faults)[:100])  # fmt: skip


def _faults(specs: tuple[FieldSpec, ...], values: dict[str, Any], place: str) -> Iterator[tuple[str, str, str]]:
    known = {spec.key for spec in specs}
    for key in values:
        if key not in known:
            yield "unknown_field", f"{place}{key}"[:80], ", ".join(sorted(known))
    for spec in specs:
        value = values.get(spec.key)
        if value is None:
            if spec.required:
                yield "missing_field", f"{place}{spec.key}", spec.kind
        elif (rule := wrong(spec, value)) is not None:
            yield "invalid_field", f"{place}{spec.key}", rule
        elif spec.kind == "table":
            for n, row in enumerate(value, start=1):
                yield from _faults(spec.columns, row, f"{place}{spec.key}[{n}].")
            for column in spec.columns:
                absent = set(column.choices) - set(_texts(value, column.key)) if column.covers else set()
                if absent:
                    yield (
                        "invalid_field",
                        f"{place}{spec.key}.{column.key}",
                        f"also {', '.join(sorted(absent))}",
                    )


def _texts(rows: list[dict[str, Any]], key: str) -> list[str]:
    return [cell for row in rows if isinstance(cell := row.get(key), str)]


def wrong(spec: FieldSpec, value: Any) -> str | None:
    """The rule the value breaks, or None."""
    good: bool
    match spec.kind:
        case "text" | "person" | "document":
            good = isinstance(value, str) and _COMMITMENT.fullmatch(value) is not None
            return None if good else "a commitment hmac-sha256:…"
        case "integer" | "percent" | "money":
            low, high = spec.min if spec.min is not None else 0, _most(spec)
            good = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
            return None if good else f"an integer from {low} to {high}"
        case "decimal":
            low, high = spec.min if spec.min is not None else 0, _most(spec)
            good = isinstance(value, str) and _DECIMAL.fullmatch(value) is not None and low <= Decimal(value) <= high
            return None if good else f"a decimal as text from {low} to {high}"
        case "date":
            return None if _date(value) else f"a date YYYY-MM-DD from {EARLIEST} to {LATEST}"
        case "choice":
            return None if value in spec.choices else f"one of {', '.join(spec.choices)}"
        case "boolean":
            return None if isinstance(value, bool) else "true or false"
        case "table":
            low, high = spec.min or 1, spec.max or MOST_ROWS
            good = isinstance(value, list) and low <= len(value) <= high and all(isinstance(r, dict) for r in value)
            return None if good else f"{low} to {high} rows"


def _most(spec: FieldSpec) -> int:
    if spec.max is not None:
        return spec.max
    return 100 if spec.kind == "percent" else 2**53 - 1


def _date(value: Any) -> date | None:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def _check(check: Check, values: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    dates = check.check in ("not_before", "within_months")
    a = [] if dates else _numbers(values, check.a)
    b = [] if dates or not check.b else _numbers(values, check.b)
    match check.check:
        case "sum_equals":
            want = sum(b) if b else (check.value or 0)
            if sum(a) != want:
                yield "check_failed", check.a, f"the sum is {sum(a)}, not {want}"
        case "at_most":
            for left, right in zip(a, b or [check.value or 0] * len(a), strict=False):
                if left > right:
                    yield "check_failed", check.a, f"at most {right}"
        case "not_before" | "within_months":
            for left, right in zip(_dates(values, check.a), _dates(values, check.b), strict=False):
                if right < left:
                    yield "check_failed", check.b, f"not before {left}"
                elif check.check == "within_months" and (right - left).days > 31 * (check.value or 0):
                    yield "check_failed", check.b, f"within {check.value} months of {left}"


def _column(values: dict[str, Any], name: str) -> list[Any]:
    table, _, column = name.partition(".")
    found = [row.get(column) for row in values.get(table) or []] if column else [values.get(table)]
    return [value for value in found if value is not None]


def _numbers(values: dict[str, Any], name: str) -> list[Any]:
    return [Decimal(v) if isinstance(v, str) else v for v in _column(values, name)]


def _dates(values: dict[str, Any], name: str) -> list[date]:
    return [day for value in _column(values, name) if (day := _date(value))]
