"""The words spoken between people, the workflow and the ledger: envelope, fact, head, receipt."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from domain.values import ClusterId, Code, CommandId, Digest, Frozen, Moment, PersonId


class Actor(Frozen):
    """Who asks, in which role; the client resolves the role from the directory at that moment."""

    person: PersonId
    role: Code
    scope: str = Field(pattern=r"^(nation|province/[a-z0-9-]{1,40}|cluster/[a-z0-9-]{3,64})$")
    on_behalf_of: PersonId | None = None


def persons_of(actor: Actor) -> tuple[str, ...]:
    """Everyone in whose name this is done: four eyes are counted by persons, also through delegation."""
    return tuple(p for p in (actor.person, actor.on_behalf_of) if p)


class Token(Frozen):
    """The client's signature under an envelope: Ed25519, valid for 120 seconds."""

    key_id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    signed_at: Moment
    authenticated_by: Literal["local_key", "session", "oidc", "webauthn"]
    signature: str = Field(pattern=r"^[A-Za-z0-9_-]{86}$")


class Envelope(Frozen):
    """One request to one cluster, as it travels. `data` is checked against the command `type` by `commands`."""

    v: Literal[1] = 1
    id: CommandId
    cluster: ClusterId
    type: str = Field(pattern=r"^[A-Z][A-Za-z]{2,40}$")
    occurred_at: Moment
    expected_seq: int | None = Field(default=None, ge=0)
    actor: Actor
    data: dict[str, Any]
    token: Token | None = None


class CommandRef(Frozen):
    """Fact `n` of the `of` facts that one command caused."""

    id: str
    n: int = Field(ge=1)
    of: int = Field(ge=1)


class Cause(Frozen):
    """Why a fact was recorded: a person's command, a rung of a ladder, an import, a service's answer, a recovery."""

    kind: Literal["command", "rung", "import", "effect", "engine", "recovery"]
    ref: str


class MethodologyRef(Frozen):
    id: str
    version: str
    digest: Digest


class Fact(Frozen):
    """One accepted event with who, when (twice) and why: exactly what the ledger seals as one entry."""

    seq: int = Field(ge=1)
    type: str
    occurred_at: Moment
    recorded_at: Moment
    command: CommandRef
    actor: Actor
    cause: Cause
    methodology: MethodologyRef | None = None
    authenticated_by: str
    build: str
    data: dict[str, Any]


class Head(Frozen):
    """The last entry of a stream: its number (0: none yet) and digest."""

    seq: int = Field(ge=0)
    digest: Digest | Literal[""] = ""


class Receipt(Frozen):
    """The answer to an accepted command, given after its facts are sealed: they are `seq … seq+count-1`."""

    seq: int
    count: int
    head: Head
