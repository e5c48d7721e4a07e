"""Whether what stands in an entry is what section 3 of the page on the form of the ledger allows there, key by key."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Texts = tuple[tuple[str, str], ...]
"""What stands in a small object, in its order."""

_STREAM = re.compile(r"[a-z]{1,20}|cluster/[a-z0-9][a-z0-9-]{2,63}")
_TEXTS = ("stream", "type", "occurred_at", "recorded_at", "authenticated_by", "build")
_ACTOR = {"id", "role", "scope"}
_COMMAND, _CAUSE, _METHODOLOGY = {"id", "n", "of"}, {"kind", "ref"}, {"id", "version", "digest"}
_PERSON = re.compile(r"(?:p-|svc:).+", re.DOTALL)
_SCOPE = re.compile(r"nation|(?:province|cluster)/.+", re.DOTALL)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CAUSES = frozenset(("command", "rung", "import", "effect", "engine", "recovery"))
_KNOWN_BY = frozenset(("local_key", "session", "oidc", "webauthn", "engine", "none"))

_MOMENT = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
)


def form_fault(entry: Mapping[str, Any]) -> str:
    """The first key whose value is not of the form in section 3 of the page, or empty."""
    for name in _TEXTS:
        if type(entry[name]) is not str or not entry[name]:
            return name
    if not _is_stream(entry["stream"]):
        return "stream"
    for name in ("occurred_at", "recorded_at"):
        if not _MOMENT.fullmatch(entry[name]):
            return name
    if entry["authenticated_by"] not in _KNOWN_BY:
        return "authenticated_by"
    if type(entry["prev"]) is not str or (entry["prev"] and not _DIGEST.fullmatch(entry["prev"])):
        return "prev"
    if type(entry["data"]) is not dict:
        return "data"
    return _fault_in_parts(entry)


def _fault_in_parts(entry: Mapping[str, Any]) -> str:
    command, cause = entry["command"], entry["cause"]
    if not _is_so(_is_actor, entry["actor"]):
        return "actor"
    if not (type(command) is dict and command.keys() == _COMMAND and type(command["id"]) is str
            and command["id"] and type(command["n"]) is type(command["of"]) is int
            and 1 <= command["n"] <= command["of"]):  # fmt: skip
        return "command"
    if not (type(cause) is dict and cause.keys() == _CAUSE and type(cause["kind"]) is type(cause["ref"]) is str
            and cause["kind"] in _CAUSES and cause["ref"]):  # fmt: skip
        return "cause"
    if "methodology" in entry and not _is_so(_is_methodology, entry["methodology"]):
        return "methodology"
    return ""


def _is_so(rule: Callable[[Texts], bool], value: Any) -> bool:
    """Whether this is an object of texts that the rule allows. The same few stand in every entry, so rules remember."""
    return type(value) is dict and all(type(each) is str for each in value.values()) and rule(tuple(value.items()))


@lru_cache(maxsize=8_192)
def _is_actor(given: Texts) -> bool:
    actor = dict(given)
    return (
        actor.keys() - {"on_behalf_of"} == _ACTOR
        and all(actor.values())
        and _SCOPE.fullmatch(actor["scope"]) is not None
        and _PERSON.fullmatch(actor["id"]) is not None
        and _PERSON.fullmatch(actor.get("on_behalf_of", actor["id"])) is not None
    )


@lru_cache(maxsize=256)
def _is_methodology(given: Texts) -> bool:
    named = dict(given)
    return named.keys() == _METHODOLOGY and all(named.values()) and _DIGEST.fullmatch(named["digest"]) is not None


@lru_cache(maxsize=8_192)
def _is_stream(name: str) -> bool:
    return _STREAM.fullmatch(name) is not None
