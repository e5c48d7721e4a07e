"""One accepted fact as one sealed leaf, and back. A leaf is a pure function of the cluster's history."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from domain.recording import Actor, Fact
from ledger.canonical import canonical, parse

FORM = 1

STREAM = re.compile(r"[a-z]{1,20}(/[a-z0-9][a-z0-9-]{2,63})?")
"""`cluster/<id>`, or one of the office's own: directory, agents, methodology, refusals …"""

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)

_OCCURRED, _RECORDED = b',"occurred_at":"', b',"recorded_at":"'
_MOMENT_LENGTH = len("2026-01-01T00:00:00.000000Z")

_ALWAYS = frozenset(
    ("v", "stream", "seq", "type", "occurred_at", "recorded_at", "command", "actor", "cause",
     "authenticated_by", "build", "data", "prev")
)  # fmt: skip
_WITH_METHODOLOGY = _ALWAYS | {"methodology"}


class NotAnEntry(ValueError):
    """Canonical bytes that do not have the shape of an entry; `detail` names what is wrong."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Leaf(NamedTuple):
    """An entry as sealed: its canonical bytes and their `sha256:…` digest."""

    raw: bytes
    digest: str


def digest_of(raw: bytes) -> str:
    """The name of some bytes: `sha256:` and 64 hex digits."""
    return "sha256:" + sha256(raw).hexdigest()


def state_digest(state_json: bytes) -> str:
    """The digest of a state, whatever the order of its keys: what was sent keeps its own until it is read back."""
    return digest_of(orjson.dumps(orjson.loads(state_json), option=orjson.OPT_SORT_KEYS))


def moment_text(moment: datetime) -> str:
    """An instant in the one form the ledger knows, `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def actor_form(actor: Actor) -> dict[str, str]:
    """Who acted, as sealed and as signed; `on_behalf_of` is there only under a delegation."""
    form = {"id": actor.person, "role": actor.role, "scope": actor.scope}
    if actor.on_behalf_of is not None:
        form["on_behalf_of"] = actor.on_behalf_of
    return form


def seal(stream: str, prev: str, fact: Fact) -> Leaf:
    """`fact` as the entry of `stream` that follows the leaf with digest `prev` (empty: the first).

    Raises NotCanonical when the fact's data is outside the narrowed form.
    """
    if not STREAM.fullmatch(stream):
        raise NotAnEntry(f"stream {stream!r}")
    entry: dict[str, Any] = {
        "v": FORM,
        "stream": stream,
        "seq": fact.seq,
        "type": fact.type,
        "occurred_at": moment_text(fact.occurred_at),
        "recorded_at": moment_text(fact.recorded_at),
        "command": {"id": fact.command.id, "n": fact.command.n, "of": fact.command.of},
        "actor": actor_form(fact.actor),
        "cause": {"kind": fact.cause.kind, "ref": fact.cause.ref},
        "authenticated_by": fact.authenticated_by,
        "build": fact.build,
        "data": fact.data,
        "prev": prev,
    }
    if fact.methodology is not None:
        named = fact.methodology
        entry["methodology"] = {"id": named.id, "version": named.version, "digest": named.digest}
    raw = canonical(entry)
    return Leaf(raw, digest_of(raw))


def entry_in(raw: bytes) -> dict[str, Any]:
    """The entry spelled by `raw`, its outline checked; raises NotCanonical or NotAnEntry.

    What the values mean is left to `fact_of`: a verifier passes here for every leaf there is.
    """
    entry = parse(raw)
    if type(entry) is not dict or (entry.keys() != _ALWAYS and entry.keys() != _WITH_METHODOLOGY):
        raise NotAnEntry("keys")
    if type(entry["v"]) is not int or entry["v"] != FORM:
        raise NotAnEntry(f"form {entry['v']!r}")
    if type(entry["seq"]) is not int or entry["seq"] < 1:
        raise NotAnEntry("seq")
    for name in ("occurred_at", "recorded_at"):
        if type(entry[name]) is not str or not MOMENT.fullmatch(entry[name]):
            raise NotAnEntry(name)
    return entry


def times_in(raw: bytes) -> tuple[str, str]:
    """`occurred_at` and `recorded_at` of a sealed entry, without parsing it: to leave out most of a long record.

    Keys are sorted and quotes inside text are escaped, so the last place where each name stands is the entry's own.
    """
    return _moment_behind(raw, _OCCURRED), _moment_behind(raw, _RECORDED)


def _moment_behind(raw: bytes, name: bytes) -> str:
    start = raw.rindex(name) + len(name)
    return raw[start : start + _MOMENT_LENGTH].decode("ascii")


def fact_of(leaf: Leaf) -> Fact:
    """The fact sealed in `leaf`; raises NotCanonical or NotAnEntry."""
    entry = entry_in(leaf.raw)
    for outside in ("v", "stream", "prev"):
        del entry[outside]
    actor = entry["actor"]
    if type(actor) is dict and "id" in actor:
        actor["person"] = actor.pop("id")
    try:
        return Fact.model_validate(entry)
    except ValidationError as fault:
        raise NotAnEntry(str(fault)) from None
