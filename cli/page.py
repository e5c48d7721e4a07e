"""One cluster for people: what it waits for stands first, everything that is empty is left out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from cli.forgetting import erased_words
from cli.reference import duty_title, province_name, title

if TYPE_CHECKING:
    from cli.office import Office
    from cli.standing import Standing


def page(office: Office, found: Standing, answer: dict[str, Any]) -> None:
    """Printed, from the same answer that programs read."""
    _head(office, found, answer)
    _what_now(office, answer)
    _duties(office, answer, found.today)
    _gates(office, answer)
    _people(office, answer)
    _figures(office, answer)
    say = office.screen.say
    for one in answer["erased"]:
        where = f"{say('screen.seq')} {office.screen.count(one['entry'])}, {one['path']}"
        office.screen.line(f"{where}: {erased_words(office.screen, one['under'])}", "dim")
    office.screen.line(say("screen.record", seq=office.screen.count(answer["seq"]), digest=answer["digest"]), "dim")


def _head(office: Office, found: Standing, answer: dict[str, Any]) -> None:
    screen, lang, say = office.screen, office.lang, office.screen.say
    name = answer.get("name_fa", "") if lang == "fa" else answer.get("name_en") or answer.get("name_fa", "")
    screen.line(f"{name} · {answer['id']}", "bold")
    place = [province_name(answer.get("province", ""), lang), answer.get("county", ""), answer.get("product", "")]
    screen.line(" · ".join(part for part in (*place, title("stage", answer["stage"], lang)) if part), "dim")
    screen.line()
    waiting = answer["waits_for"]
    if not found.cluster.is_open:
        screen.line(say("screen.closed"), "bold")
    elif waiting is None:
        screen.line(say("screen.waiting_none"))
    else:
        kind = found.cluster.duties[waiting["duty"]].kind
        who = title("role", waiting["role"], lang) + (f" ({waiting['person']})" if waiting["person"] else "")
        due = screen.day(waiting["until"]) if waiting["until"] else say("screen.due_unknown")
        words = say("screen.waiting_first", who=who, what=duty_title(waiting["duty"], kind, lang),
                    since="\0since", due="\0due")  # fmt: skip
        words = words.replace("\\u0000since", screen.day(waiting["since"])).replace("\\u0000due", due)
        screen.line(words, "bold red" if waiting["overdue"] else "bold yellow")
    if clock := answer["clock"]:
        words = say("screen.term_until", start="\0a", end="\0b")
        words = words.replace("\\u0000a", screen.day(clock["started_on"]))
        screen.line(words.replace("\\u0000b", screen.day(clock["ends_on"])), "dim")
    screen.line()


def _what_now(office: Office, answer: dict[str, Any]) -> None:
    screen, say = office.screen, office.screen.say
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for offer in answer["allowed"]:
        if offer["forward"]:
            given = " ".join(f"{key}={value}" for key, value in offer["fields"].items())
            grouped.setdefault((offer["type"], given), []).append(offer)
    rows = []
    for (type, given), offers in grouped.items():
        who = "\n".join(_who(office, offer) for offer in offers)
        needed = [one["field"] + ("" if one["required"] else "?") for one in offers[0]["missing"]]
        shown = ", ".join(needed[:4]) + (f" … ({screen.count(len(needed))})" if len(needed) > 4 else "")
        rows.append((f"{type}\n{say(f'command.{type}')}", who, given, shown))
    if rows:
        screen.table((say("screen.what_now"), say("screen.by"), say("screen.field"), say("screen.still_missing")), rows)
    besides = dict.fromkeys(offer["type"] for offer in answer["allowed"] if not offer["forward"])
    if besides:
        named = ", ".join(f"{say(f'command.{type}')} ({type})" for type in besides)
        screen.line(f"{say('screen.besides')} {named}", "dim")
        screen.line()


def _who(office: Office, offer: dict[str, Any]) -> str:
    persons = offer["by"]["persons"]
    return title("role", offer["by"]["role"], office.lang) + (f" ({_few(persons)})" if persons else "")


def _few(persons: list[str]) -> str:
    return ", ".join(persons[:3]) + (" …" if len(persons) > 3 else "")


def _duties(office: Office, answer: dict[str, Any], today: date) -> None:
    screen, lang, say = office.screen, office.lang, office.screen.say
    rows = []
    for duty in answer["duties"]:
        late = (today - date.fromisoformat(duty["due"])).days if duty["overdue"] else 0
        rows.append((
            duty["id"], duty_title(duty["id"], duty["kind"], lang), title("role", duty["owner"]["role"], lang),
            screen.day(duty["due"]) if duty["due"] else say("screen.due_unknown"),
            (say("screen.overdue_days", days=screen.count(late)), "bold red") if late else "",
        ))  # fmt: skip
    if rows:
        screen.table([say(f"screen.{key}") for key in ("duties", "duty", "owner", "due", "overdue")], rows)


def _gates(office: Office, answer: dict[str, Any]) -> None:
    screen, lang, say = office.screen, office.lang, office.screen.say
    rows = []
    for gate in answer["gates"]:
        lacking = "; ".join(
            f"{_of(office, one)} {screen.digits(one['have'])}/{screen.digits(one['need'])}" for one in gate["missing"]
        )
        decides = ", ".join(title("role", role, lang) for role in gate["decides"])
        rows.append((title("gate", gate["key"], lang), say(f"gate_state.{gate['state']}"), lacking, decides))
    if rows:
        screen.table([say(f"screen.{key}") for key in ("gates", "state", "missing", "by")], rows)


def _of(office: Office, lacking: dict[str, Any]) -> str:
    for word in ("deliverable", "measure", "indicator", "role", "gate"):
        if (found := title(word, lacking["of"], office.lang)) != lacking["of"]:
            return found
    return lacking["of"] or str(lacking["predicate"])


def _people(office: Office, answer: dict[str, Any]) -> None:
    screen, lang, say = office.screen, office.lang, office.screen.say
    agent, bodies = answer["people"]["agent"], answer["people"]["bodies"]
    rows = [(say("screen.agent"), agent["person"], screen.day(agent["since"]))] if agent else []
    rows += [
        (title("role", body, lang), ", ".join(seat["members"]), f"{say('screen.until')} {screen.day(seat['until'])}")
        for body, seat in bodies.items()
    ]
    if rows:
        screen.table((say("screen.people"), "", ""), rows)


def _figures(office: Office, answer: dict[str, Any]) -> None:
    screen, lang, say = office.screen, office.lang, office.screen.say

    def _heads(*keys: str) -> list[str]:
        return [say(f"screen.{key}") for key in keys]

    tables = (
        (("indicators", "baseline", "latest", "measured_on"), [
            (title("indicator", key, lang), screen.figure(one["baseline"]), screen.figure(one["latest"]),
             screen.day(one["measured_on"])) for key, one in answer["indicators"].items()
        ]),
        (("milestone", "owner", "due", "budget", "done_on"), [
            (screen.count(int(n)), title("role", one["owner"], lang), screen.day(one["due_on"]),
             screen.figure(one["budget"]), screen.day(one["done_on"]))
            for n, one in answer["plan"]["milestones"].items()
        ]),
        (("tranche", "amount", "due", "released_on"), [
            (screen.count(int(n)), screen.figure(one["amount"]), screen.day(one["planned_on"]),
             screen.day(one["released_on"])) for n, one in answer["funds"].items()
        ]),
    )  # fmt: skip
    for keys, rows in tables:
        if rows:
            screen.table(_heads(*keys), rows)
    total, licence = answer["evaluations"]["total"], answer["licence"]
    if total is not None:
        screen.line(f"{say('screen.evaluations')}: {screen.count(total)}")
    if licence:
        screen.line(f"{say('screen.licence')}: {licence['number'] or say('screen.nothing')} · "
                    f"{say('screen.until')} {screen.day(licence['valid_until'])}")  # fmt: skip
