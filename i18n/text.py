"""The words of the system in both languages, by key: `refusal.gate_closed`, `command.ConfirmAgent`, `screen.nothing`.

What a methodology calls its own stages, roles and deliverables stands in the methodology, not here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import get_args

from i18n.dates import Lang

LANGUAGES: tuple[Lang, ...] = get_args(Lang)


_PLACE = re.compile(r"\\?\{(\w+)\\?\}")


def text(key: str, lang: Lang, **values: object) -> str:
    """The words under `key` with `values` in their places; the key's last part when nobody has written any."""
    found = words(lang).get(key)
    return key.rpartition(".")[2] if found is None else found.format(**values)


@lru_cache(maxsize=len(LANGUAGES))
def words(lang: Lang) -> Mapping[str, str]:
    """Every text of the language under its full key."""
    return _texts_in(f"{lang}.toml")


def helped(command: str, key: str) -> str:
    """What the help says in Persian about a part of a command; empty where nobody has written any."""
    return helps().get(f"{command}.{key}", "")


@lru_cache(maxsize=1)
def helps() -> Mapping[str, str]:
    """The Persian help under its full keys; the English one stands with the commands."""
    return _texts_in("help.fa.toml")


def rule(said: str, lang: Lang) -> str:
    """The rule of a refusal in the reader's language; as it came where nobody has translated it."""
    if lang == "fa":
        for form, persian in _rules():
            if found := form.fullmatch(said):
                return persian.format(**found.groupdict())
    return said


@lru_cache(maxsize=1)
def _rules() -> Sequence[tuple[re.Pattern[str], str]]:
    """The most particular first: `{…}` is any text."""
    written: dict[str, str] = tomllib.loads(Path(__file__).with_name("rules.fa.toml").read_text(encoding="utf-8"))
    ranked = sorted(written.items(), key=lambda item: len(_PLACE.sub("", item[0])), reverse=True)
    return [(re.compile(_PLACE.sub(r"(?P<\1>.+)", re.escape(said)), re.DOTALL), persian) for said, persian in ranked]


def _texts_in(file: str) -> dict[str, str]:
    tables = tomllib.loads(Path(__file__).with_name(file).read_text(encoding="utf-8"))
    return {f"{table}.{key}": said for table, texts in tables.items() for key, said in texts.items()}
