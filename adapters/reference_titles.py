"""Takes the words for people out of the tables of a methodology, leaving what the engine carries.

Each thing with a key stands in its file beside its `title = { fa = "…", en = "…" }` and perhaps a `note`;
here the two part: words go to `words` under keys like `field.work_plan.activities.title`, faults are noted
with file and key, and the table keeps keys and numbers only.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from domain.faults import Fault

Table = dict[str, Any]
Words = dict[str, dict[str, str]]

LANGUAGES = ("fa", "en")
BUILT_IN_LISTS = ("stages", "indicators")
"""Choices that need no list of their own: every stage, every indicator, with the title it has anyway."""


def tables(owner: Mapping[str, Any], name: str) -> list[Table]:
    """The tables listed under `name`; whatever else stands there is left to the model to refuse."""
    found = owner.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


class Titles:
    """The words taken so far, and the faults met on the way."""

    def __init__(self, lists: Mapping[str, list[Table]]) -> None:
        self.words: Words = {}
        self.faults: list[Fault] = []
        self._lists = lists
        self._file = ""

    def head(self, file: str, head: Table) -> None:
        """Leaves `head` without words: roles, ladders, rubric, indicators, funnel, opening and glossaries."""
        self._file = file
        self._take(head, "methodology", "")
        self._text(head.pop("origin_of_change", None), "methodology.origin_of_change", "origin_of_change")
        for name, word in (("roles", "role"), ("indicators", "indicator"), ("funnel", "funnel")):
            for one in tables(head, name):
                self._take(one, f"{word}.{one.get('key')}", f"{name}.{one.get('key')}")
        for one in tables(head, "opening"):
            self._take(one, f"status.{one.get('status')}", f"opening.{one.get('status')}")
        for ladder in tables(head, "ladders"):
            place = f"ladders.{ladder.get('key')}"
            self._take(ladder, f"ladder.{ladder.get('key')}", place)
            for rung in tables(ladder, "rungs"):
                self._take(rung, f"rung.{ladder.get('key')}.{rung.get('key')}", f"{place}.{rung.get('key')}")
        if isinstance(rubric := head.get("rubric"), dict):
            self._rubric(rubric)
        for name, word in (("measures", "measure"), ("units", "unit"), ("frequencies", "frequency")):
            self._glossary(head.pop(name, None), word, name)

    def stage(self, file: str, stage: Table) -> None:
        """Leaves `stage` without words: its deliverables, fields, choices, gate and answers."""
        self._file = file
        self._take(stage, f"stage.{stage.get('key')}", "")
        for one in tables(stage, "deliverables"):
            key, place = str(one.get("key")), f"deliverables.{one.get('key')}"
            self._take(one, f"deliverable.{key}", place)
            for field in tables(one, "fields"):
                self._field(field, f"{key}.{field.get('key')}", f"{place}.fields.{field.get('key')}")
            self._keys(one, "answers", f"answer.{key}", place)
            self._conditions(one, "approve_when")
        if isinstance(gate := stage.get("gate"), dict):
            self._take(gate, f"gate.{gate.get('key')}", "gate")
            for answer in tables(gate, "answers"):
                self._take(answer, f"answer.{gate.get('key')}.{answer.get('key')}",
                           f"gate.answers.{answer.get('key')}")  # fmt: skip
            self._conditions(gate, "conditions")

    def _rubric(self, rubric: Table) -> None:
        for criterion in tables(rubric, "criteria"):
            key, place = criterion.get("key"), f"rubric.criteria.{criterion.get('key')}"
            self._take(criterion, f"criterion.{key}", place)
            questions = criterion.pop("questions", None)
            if not questions or not isinstance(questions, list):
                self._fault(f"{place}.questions", "has no question")
                continue
            for number, question in enumerate(questions, start=1):
                self._text(question, f"question.{key}.{number}", f"{place}.questions.{number}")
        for band in tables(rubric, "bands"):
            self._take(band, f"band.{band.get('key')}", f"rubric.bands.{band.get('key')}")
        self._glossary(rubric.pop("anchors", None), "anchor", "rubric.anchors")

    def _field(self, field: Table, path: str, place: str) -> None:
        self._take(field, f"field.{path}", place)
        if isinstance(name := field.get("choices"), str):
            if name not in self._lists:
                self._fault(f"{place}.choices", f"unknown list {name}")
            field["choices"] = deepcopy(self._lists.get(name, []))
        self._keys(field, "choices", f"choice.{path}", place)
        for column in tables(field, "columns"):
            self._field(column, f"{path}.{column.get('key')}", f"{place}.{column.get('key')}")

    def _keys(self, owner: Table, name: str, word: str, place: str) -> None:
        """Tables with a key and a title become their keys."""
        if isinstance(listed := owner.get(name), list):
            for one in tables(owner, name):
                self._take(one, f"{word}.{one.get('key')}", f"{place}.{name}.{one.get('key')}")
            owner[name] = [one.get("key") if isinstance(one, dict) else one for one in listed]

    def _conditions(self, owner: Table, name: str) -> None:
        """A least value may be written as a number; the ledger knows decimals as text only."""
        for condition in tables(owner, name):
            least = condition.get("at_least")
            if isinstance(least, int) and not isinstance(least, bool):
                condition["at_least"] = str(least)

    def _glossary(self, texts: Any, word: str, place: str) -> None:
        if not isinstance(texts, dict) or not texts:
            self._fault(place, "is missing")
            return
        for key, text in texts.items():
            self._text(text, f"{word}.{key}", f"{place}.{key}")

    def _take(self, table: Table, word: str, place: str) -> None:
        self._text(table.pop("title", None), word, f"{place}.title".lstrip("."))
        if "note" in table:
            self._text(table.pop("note"), f"note.{word}", f"{place}.note".lstrip("."))

    def _text(self, text: Any, word: str, place: str) -> None:
        faults = list(_faults_of_text(text))
        for message in faults:
            self._fault(place, message)
        if not faults:
            self.words[word] = dict(text)

    def _fault(self, place: str, message: str) -> None:
        self.faults.append(Fault(self._file, place, message))


def _faults_of_text(text: Any) -> Iterator[str]:
    if not isinstance(text, dict):
        yield "has no text in fa and en"
        return
    for language in LANGUAGES:
        if not isinstance(said := text.get(language), str) or not said.strip():
            yield f"has no text in {language}"
    for language in text.keys() - set(LANGUAGES):
        yield f"unknown language {language}"
