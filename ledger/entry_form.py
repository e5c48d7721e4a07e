"""Whether what stands in an entry is what section 3 of the page on the form of the ledger allows there, key by key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_STREAM = re.compile(r"[a-z]{1,20}|cluster/[a-z0-9][a-z0-9-]{2,63}")
_TEXTS = ("stream", "type", "occurred_at", "recorded_at", "authenticated_by", "build")
_ACTOR = {"id", "role", "scope"}
_DELEGATE = _ACTOR | {"on_behalf_of"}
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
    if not _STREAM.fullmatch(entry["stream"]):
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
    actor, command, cause = entry["actor"], entry["command"], entry["cause"]
    if not (_is_texts(actor, _DELEGATE if type(actor) is dict and "on_behalf_of" in actor else _ACTOR)
            and _SCOPE.fullmatch(actor["scope"]) and _PERSON.fullmatch(actor["id"])
            and _PERSON.fullmatch(actor.get("on_behalf_of", actor["id"]))):  # fmt: skip
        return "actor"
    if not (type(command) is dict and command.keys() == {"id", "n", "of"} and type(command["id"]) is str
            and command["id"] and type(command["n"]) is type(command["of"]) is int
            and 1 <= command["n"] <= command["of"]):  # fmt: skip
        return "command"
    if not _is_texts(cause, {"kind", "ref"}) or cause["kind"] not in _CAUSES:
        return "cause"
    named: Any = entry.get("methodology")
    if "methodology" in entry and not (_is_texts(named, {"id", "version", "digest"})
                                       and _DIGEST.fullmatch(named["digest"])):  # fmt: skip
        return "methodology"
    return ""


def _is_texts(value: Any, keys: set[str]) -> bool:
    """Whether this is an object of these keys, each with a text that says something."""
    return type(value) is dict and value.keys() == keys and all(type(each) is str and each for each in value.values())
