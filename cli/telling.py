"""A fact's values in the words of the reader: what the methodology, the directory and the documents call them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import unquote

from cli.output import visible
from cli.reference import duty_title, methodology, province_name, title
from domain.events import DueReason
from i18n.dates import ltr
from i18n.text import text
from ledger.erasure import COMMITMENT

if TYPE_CHECKING:
    from cli.office import Office
    from cli.opened import Opener

LONGEST = 240
"""So many letters of a text are shown; programs get it whole."""

NOT_TOLD = frozenset({
    "effect", "calendar", "rehearsal", "ref", "ladder", "cadence_on", "on", "finished", "noted", "round",
    "code", "network_before", "network_after",
})  # fmt: skip
"""What the engine needs of a fact and nobody else: it stands in the JSON."""
UNLABELLED = ("name_fa", "name_en", "stage", "duty", "deliverable", "gate", "body", "agent", "person", "answer", "rung",
              "outcome", "level", "on_time", "lesson")  # fmt: skip
"""Values that say themselves what they are; they stand first, in this order."""
NEXT = ("owner", "to", "due_on", "reason")
TOLD_ANYWAY = ("granted", "passed", "on_time")
"""Of these a "no" matters as much as a "yes"."""
DUE_REASONS = get_args(DueReason)
IN_THE_DUTY = frozenset({"deliverable", "kind"})
"""Not told beside a duty, whose title says it already."""
FIRST_OF_A_ROW = ("milestone", "tranche", "agent")
NOT_IN_A_ROW = ("reasons",)
SILENT: tuple[Any, ...] = (None, "", False, [], {})
TABLES = {"outcome": "outcome", "level": "level", "rung": "rung", "cause": "notice_cause", "service": "service"}
"""Fields whose values are codes of ours, and the table of their words."""
TITLED = {"stage": "stage", "gate": "gate", "deliverable": "deliverable", "role": "role", "owner": "role",
          "body": "role", "band": "band", "status": "status"}  # fmt: skip
"""Fields whose values are keys of the methodology."""
PERSONS = frozenset({"agent", "person", "members", "successor_of", "second"})
MONEY = frozenset({"amount", "budget", "spent"})
DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Teller:
    """Tells values to the reader of one screen. What it returns can be shown as it is."""

    def __init__(self, office: Office, opener: Opener) -> None:
        self._screen, self._lang, self._opener = office.screen, office.lang, opener

    def details(self, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Label and value of everything in a fact that matters to people, what it is about first."""
        other = "name_en" if self._lang == "fa" and data.get("name_fa") else "name_fa"
        hidden = NOT_TOLD | ({other} if data.get("name_fa") and data.get("name_en") else set())
        hidden |= IN_THE_DUTY if "duty" in data else frozenset()
        for key in sorted(data, key=_place):
            if key in hidden or (key not in TOLD_ANYWAY and data[key] in SILENT):
                continue
            if key == "values":
                yield from self.values(data)
            else:
                yield self.label(key, data[key]), self.value(key, data[key], data)

    def label(self, key: str, value: Any) -> str:
        """What a value is called; empty where it says so itself."""
        if key.startswith("p-"):
            return self.person(key)
        if key in UNLABELLED and value is not None:
            return ""
        is_rule = isinstance(value, str) and value in DUE_REASONS
        return self._screen.say("told.set_by" if is_rule else f"told.{key}")

    def value(self, key: str, value: Any, data: Mapping[str, Any]) -> str:
        """One value of a fact or of a state, by the name it stands under."""
        if isinstance(value, str) and COMMITMENT.fullmatch(value):
            return self._sealed(value)
        if key in ("duty", "lesson"):
            return duty_title(value, data.get("kind", ""), self._lang)
        if key == "rungs":
            return self._join(self._screen.say(f"rung.{rung}") for rung in value)
        if key == "to":
            return self._join(title("role", role, self._lang) for role in value)
        if key in PERSONS and not isinstance(value, int):
            return self._join(self.person(one) for one in ([value] if isinstance(value, str) else value))
        if key in TITLED:
            return visible(title(TITLED[key], value, self._lang))
        if key in TABLES:
            return self._screen.say(f"{TABLES[key]}.{value}")
        if key in ("answer", "verdict"):
            return self._answer(value, data)
        if key == "on_time":
            return self._screen.say("told.was_on_time" if value else "told.was_late")
        if key == "reason":
            return self._screen.say(f"due_reason.{value}")
        if key == "province":
            return province_name(value, self._lang)
        return self.plain(value, is_money=key in MONEY, choice=key)

    def plain(self, value: Any, *, is_money: bool = False, choice: str = "") -> str:
        """A value by its kind alone; a code of `choice` by the methodology's word for it."""
        screen = self._screen
        if isinstance(value, bool):
            return screen.say("screen.yes" if value else "screen.no")
        if isinstance(value, int):
            return screen.say("told.rial", n=screen.figure(value)) if is_money else screen.figure(value)
        if isinstance(value, list):
            return self._listed(value)
        if isinstance(value, dict) and "points" in value:
            return screen.figure(value["points"])
        if isinstance(value, dict):
            pairs = ((self.key(key), self.plain(one, choice=key)) for key, one in value.items())
            return self._join(f"{key} {one}" for key, one in pairs)
        if value is None:
            return "—"
        if DAY.fullmatch(value):
            return screen.day(value)
        if re.fullmatch(r"-?\d+(\.\d+)?", value):
            return screen.figure(value)
        if value.startswith(("http://", "https://")):
            return self._foreign(unquote(value))
        return self._foreign(_choice(choice, value, self._lang) or value)

    def person(self, person: str) -> str:
        """The id, with the name where one is kept."""
        name = self._opener.name(person)
        written = ltr(person) if self._lang == "fa" else person
        return f"{visible(name)} ({written})" if name else written

    def values(self, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What was filled in, or measured."""
        deliverable = data.get("deliverable", "")
        known = methodology().methodology.deliverable_by_key.get(deliverable)
        order = [spec.key for spec in known[1].fields] if known else []
        for key, value in sorted(
            data["values"].items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else 0
        ):
            spec = known[1].field(key) if known else None
            word = f"{deliverable}.{key}"
            label = title("field", word, self._lang) if spec else self.key(key)
            if isinstance(value, list):
                told = self._screen.say("told.rows_of", n=self._screen.count(len(value)))
            elif spec is not None and spec.kind == "choice":
                told = title("choice", f"{word}.{value}", self._lang)
                told = value if told == f"{word}.{value}" else told
            elif isinstance(value, str) and COMMITMENT.fullmatch(value):
                told = self._sealed(value)
            else:
                told = self.plain(value, is_money=spec is not None and spec.kind == "money", choice=key)
            yield label, told

    def _sealed(self, seal: str) -> str:
        found = self._opener.open(seal)
        if found.state == "text":
            return self._screen.isolated("sealed.text", text=self._foreign(found.text))
        return self._opener.said(found)

    def _answer(self, answer: str, data: Mapping[str, Any]) -> str:
        """The methodology's word for an answer to this gate or deliverable, else ours."""
        of = data.get("gate") or data.get("duty", "").partition(":")[0].partition(".")[0]
        if "check" in data:
            of = "sustainability_check"
        word = f"{of}.{answer}"
        found = title("answer", word, self._lang)
        return text(f"answer.{answer}", self._lang) if found == word else found

    def _listed(self, value: list[Any]) -> str:
        if not any(isinstance(one, dict) for one in value):
            return self._join(self._screen.figure(one) if isinstance(one, int) else self.key(str(one)) for one in value)
        return ("؛ " if self._lang == "fa" else "; ").join(self._row(one) for one in value)

    def _row(self, row: dict[str, Any]) -> str:
        """A row of a table, what numbers or names it first."""
        keys = sorted((key for key in row if key not in NOT_IN_A_ROW), key=lambda key: key not in FIRST_OF_A_ROW)
        first, *rest = (self.value(key, row[key], row) for key in keys)
        return f"{first}: {self._join(rest)}" if rest else first

    def key(self, key: str) -> str:
        """What the methodology calls an indicator, a criterion or a measure."""
        for word in ("indicator", "criterion", "measure"):
            if (found := title(word, key, self._lang)) != key:
                return found
        return visible(key)

    def _foreign(self, written: str) -> str:
        """Words of others on one line, harmless, and not longer than anybody reads."""
        line = visible(" ".join(written.split()))
        return line if len(line) <= LONGEST else line[:LONGEST].rstrip() + " …"

    def _join(self, parts: Iterable[str]) -> str:
        return ("، " if self._lang == "fa" else ", ").join(parts)


def _place(key: str) -> int:
    order = (*UNLABELLED, *NEXT)
    return order.index(key) if key in order else len(order)


@cache
def _choice(key: str, value: str, lang: Any) -> str:
    """A word for a code that stands apart from the form it was chosen in; empty where there is none."""
    end = f".{key}.{value}"
    words = methodology().words
    return next((said[lang] for word, said in words.items() if word.startswith("choice.") and word.endswith(end)), "")
