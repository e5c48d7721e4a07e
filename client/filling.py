"""What people write into fields, made into a command's data: days, digits, lists; free text becomes commitments.

A value that cannot be read is left as it was written: the cluster refuses it with the rule, and that is on record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from client.wording import tidied
from domain import commands
from domain.jalali import parse_date
from domain.stages import Deliverable, FieldSpec
from domain.submission import COMMITTED
from ledger.commitments import Documents
from ledger.erasure import COMMITMENT

_PATTERN = "^hmac-sha256:"
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫", "01234567890123456789.")
_GROUPING = re.compile(r"[,٬_\s](?=\d{3}(\D|$))")
_TRUE, _FALSE = ("true", "yes", "بله", "بلی"), ("false", "no", "خیر", "نه")


def nested(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """`values.costs.total=5` as {"values": {"costs": {"total": "5"}}}; ValueError when a key is both."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        place = found
        *outer, last = key.split(".")
        for part in outer:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise ValueError(key)  # noqa: TRY004 — the key is wrong, not a type of ours
        if last in place:
            raise ValueError(key)
        place[last] = value
    return found


def filled(
    type: str, given: Mapping[str, Any], deliverable: Deliverable | None, documents: Documents
) -> dict[str, Any]:
    """The data of a command of that type. Texts, persons and documents are in the store, their commitments here."""
    schema = commands.TYPES[type].model_json_schema()
    data = dict(given)
    values = data.pop("values", None)
    found: dict[str, Any] = {
        key: _by_schema(value, schema["properties"].get(key, {}), schema.get("$defs", {}), documents)
        for key, value in data.items()
    }
    if values is not None:
        whole = isinstance(values, dict) and deliverable is not None
        found["values"] = _row(values, deliverable.fields, documents) if whole and deliverable else values
    return found


def _row(values: Mapping[str, Any], specs: Sequence[FieldSpec], documents: Documents) -> dict[str, Any]:
    by_key = {spec.key: spec for spec in specs}
    return {key: _by_spec(value, by_key[key], documents) if key in by_key else value for key, value in values.items()}


def _by_spec(value: Any, spec: FieldSpec, documents: Documents) -> Any:
    if spec.kind == "table":
        rows = [value] if isinstance(value, dict) else value
        if not isinstance(rows, list):
            return value
        return [_row(row, spec.columns, documents) if isinstance(row, dict) else row for row in rows]
    if spec.kind in COMMITTED:
        return committed(value, documents, is_file=spec.kind == "document")
    if spec.kind == "decimal":
        return _decimal(value)
    if not isinstance(value, str):
        return value
    match spec.kind:
        case "integer" | "percent" | "money":
            return _integer(value)
        case "date":
            return _day(value)
        case "boolean":
            return _truth(value)
    return tidied(value)


def _by_schema(value: Any, schema: Mapping[str, Any], defs: Mapping[str, Any], documents: Documents) -> Any:
    """The value as the field's JSON Schema wants it, as far as that is plain from what was written."""
    if "$ref" in schema:
        return _by_schema(value, defs[schema["$ref"].rpartition("/")[2]], defs, documents)
    if "anyOf" in schema:
        return _by_schema(value, next(one for one in schema["anyOf"] if one.get("type") != "null"), defs, documents)
    if schema.get("pattern", "").startswith(_PATTERN):
        return committed(value, documents, is_file=False)
    match schema.get("type"):
        case "integer":
            return _integer(value) if isinstance(value, str) else value
        case "array":
            listed = [part.strip() for part in re.split("[,،;]", value)] if isinstance(value, str) else value
            inner = schema.get("items", {})
            return [_by_schema(one, inner, defs, documents) for one in listed] if isinstance(listed, list) else value
        case "object" if isinstance(value, dict):
            inner = next(iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties"))
            of_key = schema.get("properties", {})
            return {
                key: _by_schema(one, of_key.get(key) or (inner if isinstance(inner, dict) else {}), defs, documents)
                for key, one in value.items()
            }
        case "object" if isinstance(value, str) and "points" in schema.get("properties", {}):
            return {"points": _integer(value)}  # scores.relevance=80
    if not isinstance(value, str):
        return value
    return _day(value) if schema.get("format") == "date" else tidied(value)


def committed(value: Any, documents: Documents, *, is_file: bool) -> Any:
    """The commitment of a text, or for a document of the file named by `@path`; a commitment stays what it is.

    Raises OSError when the file cannot be read.
    """
    if not isinstance(value, str) or COMMITMENT.fullmatch(value):
        return value
    if is_file and value.startswith("@"):
        return documents.put(Path(value[1:]).read_bytes())
    words = tidied(value)
    return documents.put(words) if words else None


def _integer(written: str) -> int | str:
    plain = _GROUPING.sub("", tidied(written)).translate(_DIGITS)
    return int(plain) if re.fullmatch(r"[+-]?\d{1,18}", plain) else written


def _decimal(value: Any) -> Any:
    """As text: the ledger knows no floats."""
    plain = tidied(str(value)).translate(_DIGITS) if not isinstance(value, bool) else str(value)
    if not re.fullmatch(r"-?\d{1,18}(\.\d+)?", plain):
        return value if isinstance(value, str) else str(value)
    whole, _, part = plain.partition(".")
    part = part.rstrip("0")
    sign, figures = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{figures.lstrip('0') or '0'}" + (f".{part}" if part else "")


def _day(written: str) -> str:
    try:
        return parse_date(written).isoformat()
    except ValueError:
        return tidied(written)


def _truth(written: str) -> bool | str:
    word = tidied(written).casefold()
    return True if word in _TRUE else False if word in _FALSE else written
