"""The differences for people: by subject, what came, what went, and what became of what stayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from cli.hindsight import seen_from
from cli.reference import duty_title, title
from cli.telling import SILENT, TOLD_ANYWAY, Teller
from domain.differences import steps_of
from i18n.dates import Lang

if TYPE_CHECKING:
    from cli.office import Office
    from cli.opened import Opener
    from domain.differences import Change
    from domain.hindsight import Sight

UNTOLD = ("opened", "last_due", "file_on")
"""What the engine counts its series by: it follows from the duties, and stands in the JSON."""
OF_DUTIES = ("duties", "sent", "evaluations")
TITLED = {"stages": "stage", "gates": "gate", "bodies": "role", "approved": "deliverable"}
"""Subjects by key, and the methodology's words for the keys."""
AS = {"candidates": "members", "led_by": "members", "interim": "person", "by": "members", "raters": "members",
      "answered_by": "members", "let_by": "to", "granted_by": "to"}  # fmt: skip
"""Names under which a value of the state is told like one of a fact."""
UNSAID = ("id", "ref", "kind", "ladder", "deliverable")
"""Of a record: what its name says already, or the engine alone needs."""
ARROW: dict[Lang, str] = {"en": " → ", "fa": " ← "}


def page(office: Office, opener: Opener, sights: tuple[Sight, Sight], found: Sequence[Change]) -> None:
    """Printed, subject by subject; what became of one record stands in one line."""
    screen = office.screen
    for key, sight, style in (("diff.from", sights[0], "red"), ("diff.to", sights[1], "green")):
        screen.line(f"{screen.say(key)} {seen_from(office, sight)}", style)
    screen.line()
    if not found:
        screen.line(screen.say("diff.none"), "bold")
        return
    writer = _Writer(office, Teller(office, opener))
    told = [change for change in found if steps_of(change.path)[0] not in UNTOLD]
    for subject, of_it in groupby(told, key=lambda change: steps_of(change.path)[0]):
        screen.line(screen.say(f"state_field.{subject}"), "bold underline")
        rows = Table.grid(padding=(0, 1, 0, 0))
        rows.add_column(style="dim", justify="right", no_wrap=True)
        rows.add_column(style="bold")
        rows.add_column(overflow="fold")
        for _, together in groupby(of_it, key=lambda change: steps_of(change.path)[:2]):
            changes = list(together)
            made_by = sorted({change.by_seq for change in changes if change.by_seq})
            rows.add_row(", ".join(screen.count(seq) for seq in made_by), *writer.told(changes))
        screen.show(rows)
        screen.line()
    screen.line(screen.say("diff.how"), "dim")


class _Writer:
    """Words for what became of one record or value."""

    def __init__(self, office: Office, teller: Teller) -> None:
        self._screen, self._lang, self._teller = office.screen, office.lang, teller

    def told(self, changes: Sequence[Change]) -> tuple[str, Text]:
        """A mark (+ came, - went, ~ became another) and the line."""
        first, steps = changes[0], steps_of(changes[0].path)
        line = Text(self._key(steps[0], steps[1]) if len(steps) > 1 else "", "bold")
        if len(steps) < 3 and isinstance(first.after or first.before, Mapping):
            line.append(f"{': ' if line else ''}{self._record(first.after or first.before)}", "")
            line.stylize("green" if first.after else "red")
            return "+" if first.after else "-", line
        for place, change in enumerate(changes):
            line.append((": " if line else "") if place == 0 else " · ", "")
            line.append_text(self._change(steps_of(change.path), change))
        came, went = _is_silent(first.before), _is_silent(first.after)
        return "~" if len(steps) > 2 else "+" if came else "-" if went else "~", line

    def _change(self, steps: Sequence[str], change: Change) -> Text:
        labels = [f"{self._teller.label(step, None)} " for step in steps[2:]]
        before, after = (self._value(steps, value) for value in (change.before, change.after))
        return Text.assemble(("".join(labels), "dim"), (before, "red"), (ARROW[self._lang], "dim"), (after, "green"))

    def _key(self, subject: str, key: str) -> str:
        if subject in OF_DUTIES:
            return duty_title(key, "", self._lang)
        if subject in TITLED:
            return title(TITLED[subject], key, self._lang)
        if key.isdigit():
            return self._screen.count(int(key))
        return self._teller.key(key) if subject == "measures" else self._teller.label(key, None)

    def _record(self, record: Mapping[str, Any]) -> str:
        said = []
        for key, value in record.items():
            if key == "values" and "deliverable" in record:
                said += [f"{label} {told}" for label, told in self._teller.values(record)]
            elif key not in UNSAID and (key in TOLD_ANYWAY or value not in SILENT):
                said.append(f"{self._teller.label(key, value)} {self._value((key, key, key), value)}".strip())
        return " · ".join(said)

    def _value(self, steps: Sequence[str], value: Any) -> str:
        if _is_silent(value):
            return "—"
        if len(steps) < 3 and steps[0] not in AS and not isinstance(value, str | bool):
            return self._teller.plain(value)
        return self._teller.value(AS.get(steps[-1], steps[-1]), value, {"duty": steps[1] if len(steps) > 1 else ""})


def _is_silent(value: Any) -> bool:
    return value in SILENT and not isinstance(value, bool)
