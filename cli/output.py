"""What people and programs are shown: one JSON object, or tables with Jalali dates in the reader's language."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from client.wording import is_hidden
from i18n.dates import Lang, digits, ltr, number, show_short
from i18n.text import text

WIDE = 240


class Screen:
    """Writes results to standard output, and what only people need to standard error."""

    def __init__(self, lang: Lang, *, json: bool, quiet: bool) -> None:
        self.lang, self.json, self.quiet = lang, json, quiet
        # A pipe has no width: what reads it should find each row on its line.
        self.out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
        self.err = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else WIDE)

    def say(self, key: str, **values: object) -> str:
        """The words under `key` in the reader's language, values made harmless."""
        return text(key, self.lang, **{name: visible(str(value)) for name, value in values.items()})

    def isolated(self, key: str, **values: str) -> str:
        """The words under `key` with values that carry direction marks of our own, such as days."""
        return text(key, self.lang, **values)

    def result(self, answer: Any) -> None:
        """The one object a program reads; nothing without `--json`."""
        if self.json:
            sys.stdout.buffer.write(orjson.dumps(answer, default=_plain, option=orjson.OPT_NON_STR_KEYS) + b"\n")
            sys.stdout.flush()

    def line(self, words: str = "", style: str = "") -> None:
        """A line of the result, for people."""
        if not self.json and not self.quiet:
            self.out.print(Text(_keeping_isolates(words), style), soft_wrap=True)

    def note(self, words: str, style: str = "dim") -> None:
        """Something beside the result: on standard error, so that it never mixes with it."""
        if not self.quiet:
            self.err.print(Text(_keeping_isolates(words), style), soft_wrap=True)

    def fault(self, words: str) -> None:
        """Why it did not work; also said when quiet."""
        self.err.print(Text(_keeping_isolates(words), "bold red"), soft_wrap=True)

    def table(
        self, headings: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "", *, fault: bool = False
    ) -> None:
        """A table for people; a cell is text, or a pair of text and style."""
        if self.json or (self.quiet and not fault):
            return
        table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold", box=None,
                      show_header=any(headings), pad_edge=False, padding=(0, 2, 0, 0))  # fmt: skip
        for place, heading in enumerate(headings):
            # The first column is what people copy: it is not broken over lines.
            table.add_column(heading, overflow="fold", no_wrap=place == 0)
        for row in rows:
            table.add_row(*(_cell(cell) for cell in row))
        (self.err if fault else self.out).print(table)
        if not fault:
            self.out.print()

    def show(self, what: RenderableType) -> None:
        """Something made for people, as wide as their screen; who made it has made foreign words harmless."""
        if not self.json and not self.quiet:
            self.out.print(what)

    def progress(self, words: str, total: int) -> Progress:
        """A bar on a terminal, nothing in a pipe. To be entered; it has one task, already added."""
        bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                       console=self.err, disable=self.quiet or not self.err.is_terminal)  # fmt: skip
        bar.add_task(words, total=total)
        return bar

    def day(self, day: date | str | None) -> str:
        """«۱۴۰۵/۰۹/۰۳ (2026-11-24)»; a dash for no day."""
        if not day:
            return "—"
        found = date.fromisoformat(day) if isinstance(day, str) else day
        iso = found.isoformat()
        return f"{show_short(found, self.lang)} ({ltr(iso) if self.lang == 'fa' else iso})"

    def figure(self, value: int | Decimal | str) -> str:
        """A figure with its thousands set off."""
        return number(Decimal(value) if isinstance(value, str) else value, self.lang)

    def digits(self, written: str) -> str:
        """A figure that is text already."""
        return digits(written, self.lang)

    def count(self, value: int) -> str:
        """A small number."""
        return digits(str(value), self.lang)


def visible(written: str) -> str:
    """Control and direction characters as escapes: nothing that is shown can turn or overwrite the line."""
    return "".join(f"\\u{ord(letter):04x}" if _must_be_seen(letter) else letter for letter in written)


def _must_be_seen(letter: str) -> bool:
    return is_hidden(letter) or 0xD800 <= ord(letter) <= 0xDFFF


def _cell(cell: Any) -> Text:
    if isinstance(cell, tuple):
        return Text(_keeping_isolates(str(cell[0])), str(cell[1]))
    return Text("—" if cell is None else _keeping_isolates(str(cell)))


def _keeping_isolates(written: str) -> str:
    # Our own isolates around Latin runs (i18n.dates.ltr) and marks of figures are meant to work.
    return "".join(letter if letter in "\u2066\u2069\u200e\n" else visible(letter) for letter in written)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(type(value).__name__)
