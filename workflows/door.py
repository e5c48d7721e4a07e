"""Whether a command may come in, in the order that costs least and lets a repeated command always through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.exceptions import ApplicationError

from domain import evolution
from domain.cluster import Cluster
from domain.commands import Recover
from domain.decisions import decide
from domain.recording import Envelope, Fact
from domain.refusals import RETRYABLE, Refused
from domain.requests import request_of
from ledger.canonical import NotCanonical
from ledger.entry import seal, state_digest
from ledger.signatures import SignatureRefused, check, content_digest
from workflows.chapter import STATE_BYTES, stream_of
from workflows.seen import Seen, milliseconds_in
from workflows.trust import KEYS

AHEAD = timedelta(minutes=5)
"""An id from further in the future would, once forgotten, make honest ids look too old."""

_SOME_DIGEST = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True)
class Standing:
    """What the door looks at besides the envelope. `signed_at`: the moment a signature must be valid at."""

    cluster: Cluster
    seen: Seen
    shut: str
    at: datetime
    signed_at: datetime
    build: str


def check_in(envelope: Envelope, standing: Standing) -> None:
    """Nothing, when the handler may decide about `envelope` or already did; Refused otherwise."""
    if (place := standing.seen.place(envelope.id)) is not None:
        if place.digest and place.digest != content_digest(envelope):
            raise Refused("id_reused", "id")
        return
    _check_id(envelope.id, standing)
    if envelope.type == Recover.__name__:
        _check_recovery(envelope, standing)
    elif standing.shut:
        raise Refused(standing.shut)
    if envelope.cluster != standing.cluster.id:
        raise Refused("invalid_field", "cluster", "", (standing.cluster.id,))
    try:
        check(envelope, KEYS, standing.signed_at)
    except SignatureRefused as refused:
        raise Refused(refused.code, "token") from refused
    facts = decide(standing.cluster, request_of(envelope, standing.build), standing.at)
    check_sealable(standing.cluster, facts)


def check_sealable(cluster: Cluster, facts: Sequence[Fact]) -> None:
    """Nothing, when the ledger will take these facts and the state after them can be carried."""
    try:
        for fact in facts:
            seal(stream_of(cluster.id), _SOME_DIGEST, fact)
    except NotCanonical as fault:
        code = "too_large" if fault.code in ("too_large", "too_deep") else "invalid_field"
        raise Refused(code, fault.path, fault.code) from fault
    if len(evolution.dump(evolution.evolve_all(cluster, facts))) > STATE_BYTES:
        raise Refused("too_large", "", f"state <= {STATE_BYTES}")


def as_failure(refused: Refused) -> ApplicationError:
    """The refusal as it travels: "Closing" and "Busy" are asked again, "Refused:<code>" is told to people."""
    kind = refused.code.capitalize() if refused.code in RETRYABLE else f"Refused:{refused.code}"
    return ApplicationError(refused.code, refused.told(), type=kind, non_retryable=True)


def _check_recovery(envelope: Envelope, standing: Standing) -> None:
    """Nothing, when the cluster stands still in the very state that people looked at in the ledger."""
    if standing.shut != "frozen":
        raise Refused("not_awaited", "type")
    if envelope.data.get("state") != state_digest(evolution.dump(standing.cluster)):
        raise Refused("stale", "state")


def _check_id(id: str, standing: Standing) -> None:
    if standing.seen.is_too_old(id):
        raise Refused("too_old", "id")
    made_at = milliseconds_in(id)
    if made_at is not None and made_at > (standing.at + AHEAD).timestamp() * 1000:
        raise Refused("in_the_future", "id")
