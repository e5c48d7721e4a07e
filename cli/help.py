"""What `-h` shows. In English it stands with the commands, in Persian in `i18n/help.fa.toml`, under the same names:
of a verb inside a group `group verb`, so that two groups may have a verb of one name.
"""

from __future__ import annotations

import inspect
import os
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from typer.core import TyperCommand

from cli.command import language
from i18n.dates import Lang
from i18n.text import LANGUAGES, helped

PROGRAM = "khoosheh"
WIDEST, LEFT = 100, 30
EXTRAS = ("env var:", "default:", "required")
"""The library's own words about an option."""


class Command(TyperCommand):
    """A command whose help is in the reader's language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(page(self, ctx))


def spoken_in(given: Sequence[str]) -> Lang:
    """The language asked for, as far as the arguments can be read."""
    pairs = zip(["", *given], given, strict=False)
    asked = [word.partition("=")[2] or word for before, word in pairs if before == "--lang" or word[:7] == "--lang="]
    wanted = asked[-1] if asked else os.environ.get("KHOOSHEH_LANG")
    return wanted if wanted in LANGUAGES else language()


def page(command: Any, ctx: Any) -> str:
    """The whole help of a command."""
    words = ctx.command_path.split()[1:]
    lang, name = ctx.find_root().obj or language(), " ".join(words) or PROGRAM
    width = min(shutil.get_terminal_size().columns, WIDEST)
    pieces = " ".join(command.collect_usage_pieces(ctx))
    lines = [f"{_word('usage', 'Usage', lang)}: {' '.join([PROGRAM, *words])} {pieces}", ""]
    lines += [row for part in _about(command, name, lang) for row in _wrapped(part, width)]
    kinds = {"arguments": "Arguments", "options": "Options"}
    for kind, title in kinds.items():
        params = [p for p in command.get_params(ctx) if (p.param_type_name == "argument") == (kind == "arguments")]
        rows = [(_left(param, ctx), _right(param, ctx, name, lang)) for param in params if not param.hidden]
        lines += _listed(_word(kind, title, lang), rows, width)
    inside = getattr(command, "commands", {}).items()
    rows = [(key, _first(_about(one, " ".join([*words, key]), lang))) for key, one in inside]
    return "\n".join([*lines, *_listed(_word("commands", "Commands", lang), rows, width)]).rstrip() + "\n"


def about(command: Any, name: str, lang: Lang) -> str:
    """What the command is for, with its examples; empty where nobody has written it."""
    return helped(name, "about") if lang == "fa" else inspect.cleandoc(command.help or "")


def words_about(param: Any, name: str, lang: Lang) -> str:
    """What one argument or option is for."""
    return (helped(name, param.name) or helped("common", param.name)) if lang == "fa" else param.help or ""


def _about(command: Any, name: str, lang: Lang) -> list[str]:
    return about(command, name, lang).strip().split("\n\n")


def _wrapped(paragraph: str, width: int) -> Iterator[str]:
    """An example stays on its line, to be copied; all else is wrapped."""
    prose, _, examples = f"\n{paragraph}".partition(f"\n  {PROGRAM} ")
    yield from textwrap.wrap(prose.strip(), width)
    if examples:
        yield from f"  {PROGRAM} {examples}".split("\n")
    yield ""


def _first(paragraphs: Sequence[str]) -> str:
    sentence, stop, _ = " ".join(paragraphs[0].split()).partition(". ")
    return sentence + stop.strip()


def _left(param: Any, ctx: Any) -> str:
    return str(param.get_help_record(ctx)[0])


def _right(param: Any, ctx: Any, name: str, lang: Lang) -> str:
    """What it is for, and what the library knows of it: its variable, its default."""
    extra = str(param.get_help_record(ctx)[1]).removeprefix(param.help or "").strip().replace("(./data)", "./data")
    for word in EXTRAS:
        extra = extra.replace(word, _word(word, word, lang))
    return f"{words_about(param, name, lang)}  {extra}".strip()


def _listed(title: str, rows: Sequence[tuple[str, str]], width: int) -> list[str]:
    if not rows:
        return []
    margin = min(max(len(left) for left, _ in rows), LEFT) + 4
    lines = [f"{title}:"]
    for left, right in rows:
        wrapped = textwrap.wrap(right, max(width - margin, LEFT)) or [""]
        *above, beside = [left] if len(left) <= margin - 4 else [left, ""]
        lines += [f"  {line}" for line in above]
        lines.append(f"  {beside:<{margin - 2}}{wrapped[0]}".rstrip())
        lines += [" " * margin + more for more in wrapped[1:]]
    return [*lines, ""]


def _word(key: str, english: str, lang: Lang) -> str:
    return helped("page", key) if lang == "fa" else english
