"""What every command has in common: `--json --lang --data --quiet`, and how it ends."""

from __future__ import annotations

import inspect
import locale
import os
import sys
from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from cli.errors import WrongUse, no_such, told
from cli.office import Office
from cli.output import Screen
from domain.jalali import parse_date
from i18n.dates import Lang
from i18n.text import LANGUAGES, text

DEFAULT_DATA = Path("data")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, and nothing else there.")]
Language = Annotated[str, typer.Option("--lang", envvar="KHOOSHEH_LANG", metavar="fa|en", help="Language.")]
Data = Annotated[
    Path, typer.Option("--data", envvar="KHOOSHEH_DATA", help="The office's data folder.", show_default="./data")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but faults.")]


def language() -> Lang:
    """Persian where the machine speaks it, English elsewhere."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "fa" if spoken.startswith("fa") else "en"


_COMMON = [
    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
    for name, default, annotation in (
        ("json", False, Json), ("lang", language(), Language), ("data", DEFAULT_DATA, Data), ("quiet", False, Quiet),
    )
]  # fmt: skip


def command(function: Callable[..., None]) -> Callable[..., None]:
    """`function(office, …)` as typer takes it: with the common options, ending in the exit codes of the programme."""
    own = inspect.signature(function, eval_str=True)
    parameters = [*list(own.parameters.values())[1:], *_COMMON]

    @wraps(function)
    def run(**given: Any) -> None:
        json, lang, data, quiet = (given.pop(parameter.name) for parameter in _COMMON)
        is_known = lang in LANGUAGES
        screen = Screen(cast("Lang", lang) if is_known else language(), json=json, quiet=quiet)
        with told(screen):
            if not is_known:
                raise no_such("--lang", lang, LANGUAGES)
            function(Office(data, screen), **given)

    del run.__wrapped__
    run.function = function  # type: ignore[attr-defined]  # what `cli.on_record.watched` wraps once more
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def day(written: str, field: str) -> date:
    """The day that somebody wrote, in either calendar. Wrong use of `field` when it is none."""
    try:
        return parse_date(written)
    except ValueError as fault:
        raise WrongUse("day", field=field, given=written, reason=str(fault)) from None


def spoken(words: list[str]) -> bool:
    """Whether the arguments are text: a byte that is no UTF-8 arrives as half a character."""
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        sys.stderr.write(text("wrong.encoding", language()) + "\n")
        return False
    return True
