"""Every "no" that people got is on record, in the stream `refusals`: who asked what, and which rule said no."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from domain import commands
from domain.recording import Cause, CommandRef, Envelope, Fact
from domain.refusals import RETRYABLE, Refusal
from ledger.office import LedgerMoved, SharedLedger
from ledger.refusals import STREAM, TYPE

OUR_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}|[0-9]{1,3}")


def is_recorded(ledger: SharedLedger, command_id: str) -> bool:
    """Whether a refusal of this very command is in the stream already."""
    start = f'"stream":"{STREAM}"'.encode()
    return any(start in leaf.raw for leaf in ledger.command(command_id))


def record_refusal(ledger: SharedLedger, envelope: Envelope, refusal: Refusal, clock: Callable[[], datetime]) -> None:
    """The refusal is in the stream, once for each command; "ask again" is no refusal and is not recorded."""
    if refusal.code in RETRYABLE:
        return
    while not is_recorded(ledger, envelope.id):
        after = ledger.head(STREAM).seq
        try:
            ledger.extend(STREAM, after, [_fact(envelope, refusal, after + 1, clock())])
        except LedgerMoved:
            continue  # somebody else's refusal went in, so this is no endless loop


def _coded(field: str) -> str:
    """The field without what cannot be a key of ours: somebody may have written a name or a number there."""
    return ".".join(part if OUR_KEY.fullmatch(part) else "?" for part in field.split(".")) if field else ""


def _fact(envelope: Envelope, refusal: Refusal, seq: int, at: datetime) -> Fact:
    asked = envelope.type if envelope.type in commands.TYPES else "?"
    told = refusal.model_copy(update={"field": _coded(refusal.field)}).model_dump(mode="json")
    return Fact(
        seq=seq, type=TYPE, occurred_at=envelope.occurred_at, recorded_at=at,
        command=CommandRef(id=envelope.id, n=1, of=1), actor=envelope.actor,
        cause=Cause(kind="command", ref=asked), build="client",
        authenticated_by=envelope.token.authenticated_by if envelope.token else "none",
        data={"cluster": envelope.cluster, "type": asked, **told},
    )  # fmt: skip
