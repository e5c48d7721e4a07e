"""What is wrong with the form of a deliverable: its fields, the checks across them, and what its yield reads."""

from __future__ import annotations

from collections.abc import Container, Iterator

from domain.stages import Deliverable

NEEDED_FIELDS = {"meeting": ("present", "seated"), "trust_pulse": ("avg_trust",)}
NEEDED_COLUMNS = {"milestones": ("owner", "end_month"), "tranches": ("amount",)}


def faults_of_form(d: Deliverable, roles: Container[str]) -> Iterator[tuple[str, str]]:
    """All faults as (key inside the deliverable, message); `roles` are those of the methodology."""
    keys = [f.key for f in d.fields]
    if len(keys) != len(set(keys)):
        yield "fields", "a field's key is used twice"
    for spec in [*d.fields, *(c for f in d.fields for c in f.columns)]:
        if (spec.kind == "choice") != bool(spec.choices):
            yield f"fields.{spec.key}", "exactly a choice has choices"
        if (spec.kind == "table") != bool(spec.columns):
            yield f"fields.{spec.key}", "exactly a table has columns"
    for check in d.checks:
        for name in (check.a, check.b):
            if name and not _names_field(d, name):
                yield "checks", f"unknown field {name}"
    yield from _unreadable(d, roles)


def _unreadable(d: Deliverable, roles: Container[str]) -> Iterator[tuple[str, str]]:
    """What a yield reads must be in the form."""
    for key in NEEDED_FIELDS.get(d.yields, ()):
        if d.field(key) is None:
            yield "fields", f"yields {d.yields} and lacks {key}"
    wanted = NEEDED_COLUMNS.get(d.yields, ())
    columns = {c.key: c for c in next((f.columns for f in d.fields if f.kind == "table"), ())}
    for key in wanted:
        if key not in columns:
            yield "fields", f"yields {d.yields} and its first table lacks {key}"
    if d.yields == "milestones" and "owner" in columns:
        for role in columns["owner"].choices:
            if role not in roles:
                yield "fields.owner", f"unknown role {role}"


def _names_field(d: Deliverable, name: str) -> bool:
    table, _, column = name.partition(".")
    spec = d.field(table)
    return spec is not None and (not column or any(c.key == column for c in spec.columns))
