"""Why a fact is on record: who or what caused it, and the rule behind it with the document that rule stands in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cli.output import Screen
from cli.reference import METHODOLOGY, methodology, title
from domain.stages import Cadence, Deliverable, Due


class Why(NamedTuple):
    """`words` say the cause; `source` is where the rule stands: document, section and, if it is one, the due rule."""

    kind: str
    ref: str
    words: str
    source: dict[str, Any]


def why(screen: Screen, entry: Mapping[str, Any], beside: Sequence[Mapping[str, Any]] = ()) -> Why:
    """The reason of one entry, as sealed. Of one that names no rule itself, that of the entries `beside` it, which
    the same command caused.
    """
    cause, source = entry["cause"], _source(screen, entry)
    if source and "section" not in source:
        sections = (_section(screen, one["cause"], one["data"]) for one in beside)
        source |= {key: one for key, one in next(filter(None, sections), {}).items() if key != "due_rule"}
    return Why(cause["kind"], cause["ref"], _cause(screen, cause["kind"], cause["ref"]), source)


def cited(source: Mapping[str, Any]) -> str:
    """The source as one citation: `KH-M01 rev. 0 › Diagnostic study › Work plan`."""
    return " › ".join(str(part) for part in (source.get("document"), *source.get("titles", ())) if part)


def _cause(screen: Screen, kind: str, ref: str) -> str:
    place, _, last = ref.rpartition("/")
    match kind:
        case "command" | "import":
            return screen.say("why.command", command=screen.say(f"command.{ref}"))
        case "rung" if place in methodology().methodology.ladder_by_key:
            return screen.say("why.rung", ladder=title("ladder", place, screen.lang))
        case "rung":
            return screen.say("why.time")
        case "effect":
            asked = place.rpartition("/")[2]
            seq = screen.count(int(asked)) if asked.isdigit() else asked
            return screen.say("why.effect", service=screen.say(f"service.{last}"), seq=seq)
        case "recovery":
            return screen.say("why.recovery", ref=screen.say(f"command.{ref}"))
    return screen.say("why.other", kind=kind, ref=ref)


def _source(screen: Screen, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The methodology's document and section for what the entry is about; empty when it names no methodology."""
    named, data = entry.get("methodology"), entry["data"]
    if named is None:
        return {}
    loaded = methodology()
    is_here = (named["id"], named["version"]) == (loaded.methodology.id, loaded.methodology.version)
    version = screen.digits(named["version"])
    document = f"{named['id']} {version}"
    about: dict[str, Any] = {}
    if is_here:
        revision = screen.say("why.revision", n=screen.count(loaded.about.revision))
        document = f"{loaded.about.code} {revision}"
        about = {"code": loaded.about.code, "revision": loaded.about.revision, "dated": loaded.about.date}
    found = {**named, **about, "document": document}
    return found | _section(screen, entry["cause"], data) if is_here else found


def _section(screen: Screen, cause: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """`section` as `file#key` of the methodology's folder, and the titles that lead there."""
    loaded, lang = methodology().methodology, screen.lang
    ladder, _, rung = cause["ref"].partition("/")
    if cause["kind"] == "rung" and ladder in loaded.ladder_by_key and "rung" in data:
        words = [title("ladder", ladder, lang), title("rung", f"{ladder}.{rung}", lang)]
        return {"section": f"{METHODOLOGY.name}#ladders.{ladder}.{rung}", "titles": words}
    parts = [part.partition(".") for part in str(data.get("duty", "")).split(":")]
    names = [data.get("gate"), data.get("deliverable"), *(name for name, _, _ in parts), data.get("stage")]
    for name in names:
        if name in loaded.gate_by_key:
            stage = loaded.gate_by_key[name][0].key
            titles = [title("stage", stage, lang), title("gate", name, lang)]
            return {"section": f"{METHODOLOGY.name}#{stage}.gate", "titles": titles}
        if name in loaded.deliverable_by_key:
            stage = loaded.deliverable_by_key[name][0].key
            deliverable = loaded.deliverable_by_key[name][1]
            number = next((int(n) for one, _, n in parts if one == name and n.isdigit()), 1)
            rule = _due_rule(screen, deliverable, number) if data.get("reason") in RULED else ""
            titles = [title("stage", stage, lang), title("deliverable", name, lang)]
            section = {"section": f"{METHODOLOGY.name}#{stage}.deliverables.{name}", "titles": titles}
            return section | ({"due_rule": rule} if rule else {})
        if name in loaded.stage_by_key:
            return {"section": f"{METHODOLOGY.name}#{name}", "titles": [title("stage", name, lang)]}
    return {}


RULED = ("stage_rule", "calendar", "contract", "release_plan", "confirmed")
"""Reasons of a due date that apply the due rule of its deliverable."""


def _due_rule(screen: Screen, deliverable: Deliverable, number: int) -> str:
    if deliverable.cadence is not None:
        return _cadence(screen, deliverable.cadence)
    if 1 <= number <= len(deliverable.dues):
        return _due(screen, deliverable.dues[number - 1])
    return _due(screen, deliverable.dues[0]) if deliverable.dues else ""


def _cadence(screen: Screen, cadence: Cadence) -> str:
    key = f"cadence.{cadence.every}" + ("_before" if cadence.n < 0 else "")
    return screen.say(key, n=screen.count(abs(cadence.n)))


def _due(screen: Screen, due: Due) -> str:
    anchor = screen.say(f"anchor.{due.anchor}")
    spans = [screen.say(f"anchor.{unit}", n=screen.count(abs(n))) for unit, n in
             (("months", due.months), ("days", due.days)) if n]  # fmt: skip
    if not spans:
        return anchor
    side = "before" if due.months < 0 or (not due.months and due.days < 0) else "after"
    return screen.say(f"anchor.{side}", span=screen.say("anchor.and").join(spans), anchor=anchor)
