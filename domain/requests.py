"""A request ready to be decided: the envelope's content, checked against the command it names."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError

from domain import commands
from domain.recording import Actor, Cause, Envelope
from domain.refusals import Refused
from domain.values import Frozen

ENGINE = Actor(person="svc:engine", role="engine", scope="nation")
"""Who passes time and reports what Temporal did; no person can act as a service."""


OF_THE_ENGINE = "engine"
"""How its own requests, and those of its services, are authenticated."""

CAUSES: dict[type[Frozen], Literal["import", "recovery"]] = {
    commands.ImportCluster: "import", commands.Recover: "recovery",
}  # fmt: skip


class Request(Frozen):
    """One command with who asks, when it happened and why. `build` is sealed with every fact it causes."""

    id: str
    command: Any
    occurred_at: datetime
    actor: Actor
    cause: Cause
    authenticated_by: str
    build: str
    expected_seq: int | None = None


def request_of(envelope: Envelope, build: str) -> Request:
    """What a person asks. Refused with the code and field when the data do not fit the command."""
    cls = commands.TYPES.get(envelope.type)
    if cls is None:
        raise Refused("unknown_command", "type", "", tuple(commands.TYPES))
    token = envelope.token
    return Request(
        id=envelope.id,
        command=_parsed(cls, envelope.data),
        occurred_at=envelope.occurred_at,
        actor=envelope.actor,
        cause=Cause(kind=CAUSES.get(cls, "command"), ref=envelope.type),
        authenticated_by=token.authenticated_by if token else "none",
        build=build,
        expected_seq=envelope.expected_seq,
    )


def own_request(command: Frozen, *, id: str, at: datetime, build: str, person: str, cause: Cause) -> Request:
    """What the engine or one of its services reports; such requests never come through the door."""
    actor = ENGINE if person == ENGINE.person else Actor(person=person, role="service", scope="nation")
    return Request(id=id, command=command, occurred_at=at, actor=actor, cause=cause,
                   authenticated_by=OF_THE_ENGINE, build=build)  # fmt: skip


def _parsed(cls: type[Frozen], data: dict[str, Any]) -> Frozen:
    try:
        # By JSON rules: dates come as text, and nothing else is coerced into one.
        return cls.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        code = {"missing": "missing_field", "extra_forbidden": "unknown_field"}.get(first["type"], "invalid_field")
        raise Refused(code, field, first["msg"]) from None  # its text names unknown keys
