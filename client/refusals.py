"""Every "no" that people got is on record, in the stream `refusals`: who asked what, and which rule said no."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from client.at_end import seal_at_end
from domain import commands
from domain.recording import Actor, Cause, CommandRef, Envelope, Fact
from domain.refusals import RETRYABLE, Refusal
from ledger.office import SharedLedger
from ledger.refusals import STREAM, TYPE

OUR_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}|[0-9]{1,3}")
CLUSTER = re.compile(r"[a-z0-9][a-z0-9-]{2,63}")

OF_THE_OFFICE = ("ForgetPerson", "ForgetDocument", "ReadRecord")
"""What is asked of the office and not of a cluster."""


class Asked(NamedTuple):
    """What was asked, by whom and when; `cluster` is empty where the office itself was asked."""

    id: str
    type: str
    cluster: str
    actor: Actor
    at: datetime
    authenticated_by: str


def asked_in(envelope: Envelope) -> Asked:
    """What a command asks."""
    signed = envelope.token.authenticated_by if envelope.token else "none"
    return Asked(envelope.id, envelope.type, envelope.cluster, envelope.actor, envelope.occurred_at, signed)


def record_refusal(ledger: SharedLedger, asked: Asked, refusal: Refusal, clock: Callable[[], datetime]) -> None:
    """The refusal is in the stream, once for each command; "ask again" is no refusal and is not recorded."""
    if refusal.code not in RETRYABLE:
        seal_at_end(ledger, STREAM, lambda seq: _fact(ledger, asked, refusal, seq, clock()))


def _is_recorded(ledger: SharedLedger, command_id: str) -> bool:
    start = f'"stream":"{STREAM}"'.encode()
    return any(start in leaf.raw for leaf in ledger.command(command_id))


def _coded(field: str) -> str:
    """The field without what cannot be a key of ours: somebody may have written a name or a number there."""
    return ".".join(part if OUR_KEY.fullmatch(part) else "?" for part in field.split(".")) if field else ""


def _fact(ledger: SharedLedger, asked: Asked, refusal: Refusal, seq: int, at: datetime) -> Fact | None:
    if _is_recorded(ledger, asked.id):
        return None
    type = asked.type if asked.type in (*commands.TYPES, *OF_THE_OFFICE) else "?"
    cluster = asked.cluster if not asked.cluster or CLUSTER.fullmatch(asked.cluster) else "?"
    told = refusal.model_copy(update={"field": _coded(refusal.field)}).model_dump(mode="json")
    return Fact(
        seq=seq, type=TYPE, occurred_at=asked.at, recorded_at=at,
        command=CommandRef(id=asked.id, n=1, of=1), actor=asked.actor,
        cause=Cause(kind="command", ref=type), build="client", authenticated_by=asked.authenticated_by,
        data={"cluster": cluster, "type": type, **told},
    )  # fmt: skip
