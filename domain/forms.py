"""How a request is offered: who may send it, what is already known of it, and what is still to be filled in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.cluster import Cluster
from domain.stages import Deliverable, FieldSpec
from domain.values import Frozen

Asked = dict[str, Any]
"""One field to fill in: `field` (with a dot inside `values`), `kind`, `required` and the bounds of the kind."""


class Offer(Frozen):
    """One request that would be accepted once `missing` is filled in. `persons` empty: anyone in the role.

    `forward` is False for what turns back, waives or ends, and for what nobody owes.
    """

    type: str
    role: str
    persons: tuple[str, ...] = ()
    duty: str = ""
    forward: bool = True
    fields: dict[str, Any]
    missing: tuple[dict[str, Any], ...] = ()


def asked(field: str, kind: str, *, required: bool = True, **bounds: Any) -> Asked:
    """A field to fill in."""
    return {"field": field, "kind": kind, "required": required, **bounds}


def chosen(field: str, choices: Sequence[Any], **bounds: Any) -> Asked:
    """A field to choose."""
    return asked(field, "choice", choices=list(choices), **bounds)


REASON = asked("reason", "text", required=False)
NEEDED_REASON = asked("reason", "text")


def submission(c: Cluster, duty_id: str, kind: Deliverable, today: date) -> Offer:
    """The form of a deliverable."""
    missing = tuple(_told(spec, today) | {"field": f"values.{spec.key}"} for spec in kind.fields)
    return Offer(type="SubmitDeliverable", role=kind.owner, persons=agent_as(c, kind.owner), duty=duty_id,
                 fields={"duty": duty_id}, missing=missing)  # fmt: skip


def agent_as(c: Cluster, role: str) -> tuple[str, ...]:
    """Who may act in `role`, where that is the agent's: the agent, and who stands in. Else nobody in particular."""
    if role != c.methodology.term.agent_role:
        return ()
    return tuple(person for person in (c.agent.person if c.agent else None, c.interim) if person)


def is_vacant(c: Cluster, role: str) -> bool:
    """True for the agent's role while the cluster has neither agent nor stand-in."""
    return role == c.methodology.term.agent_role and not agent_as(c, role)


def _told(spec: FieldSpec, today: date) -> Asked:
    told: Asked = spec.model_dump(mode="json", exclude_defaults=True) | {"required": spec.required}
    if spec.kind == "date":
        told["usual"] = str(today)
    if spec.columns:
        told["columns"] = [_told(column, today) for column in spec.columns]
    return told
