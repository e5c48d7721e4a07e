"""A program that knows nothing but offers: it fills what is missing and sends the first offer of a duty.

Used by the pure three-year test and, over the command line's JSON, by the one on the rehearsal server.
"""

from __future__ import annotations

from datetime import date
from typing import Any

TEXT = "hmac-sha256:" + "0" * 64


def filled(field: dict[str, Any], members: list[str]) -> Any:
    """A value the field's description allows: the first choice, the largest number, the usual day."""
    match field["kind"]:
        case "text" | "person" | "document":
            return TEXT
        case "integer" | "percent" | "money":
            if "more_than_half_of" in field:
                return len(members) // 2 + 1
            return field.get("max", 100)
        case "decimal":
            return str(field.get("max", 100))
        case "date":
            return field.get("usual") or field.get("max") or str(date(2026, 1, 1))
        case "choice":
            return field["choices"][0]
        case "boolean":
            return True
        case "persons":
            return members
        case "scores":
            if field.get("evidence"):
                return {key: {"points": 100, "evidence": [TEXT]} for key in field["keys"]}
            return dict.fromkeys(field["keys"], 100)
        case "table":
            return [row(field["columns"], n) for n in range(rows(field))]
    raise ValueError(field["kind"])


def rows(field: dict[str, Any]) -> int:
    """As few rows as are allowed while every choice that must occur does."""
    covered = [len(column["choices"]) for column in field["columns"] if column.get("covers")]
    least: int = field.get("min", 1)
    return max([least, *covered])


def row(columns: list[dict[str, Any]], n: int) -> dict[str, Any]:
    """The n-th row; choices take turns."""
    return {
        column["key"]: column["choices"][n % len(column["choices"])]
        if column["kind"] == "choice"
        else filled(column, [])
        for column in columns
    }


def answered(offer: dict[str, Any], members: list[str]) -> dict[str, Any]:
    """The data of the command an offer describes, with everything required filled in."""
    data = {key: dict(value) if isinstance(value, dict) else value for key, value in offer["fields"].items()}
    for field in offer["missing"]:
        if not field["required"]:
            continue
        place, _, key = field["field"].partition(".")
        if key:
            data.setdefault(place, {})[key] = filled(field, members)
        else:
            data[place] = filled(field, members)
    if offer["type"] == "SubmitDeliverable":
        data.setdefault("values", {})
    return data
