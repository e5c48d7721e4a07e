"""Nothing people may be told is without words in either language."""

import string
from pathlib import Path
from re import findall
from typing import get_args

import pytest

from adapters.reference_methodology import load
from domain import commands, events, refusals
from domain.events import DutyKind
from domain.people import MAY
from i18n.text import LANGUAGES, text, words
from ledger.retention import REASONS

METHODOLOGY = load(Path("reference/methodology/isipo-unido-default/1.0")).methodology


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ("refusal", refusals.CODES),
        ("erasure", REASONS),
        ("command", commands.TYPES),
        ("event", events.TYPES),
        ("duty_kind", get_args(DutyKind)),
        ("relation", {role[1:] for roles in MAY.values() for role in roles if role.startswith("@")}),
        ("rung", {rung.key for ladder in METHODOLOGY.ladders for rung in ladder.rungs}),
    ],
)
def test_each_key_has_words(lang, table, keys):
    assert [key for key in keys if not words(lang).get(f"{table}.{key}", "").strip()] == []


def test_every_notice_has_words():
    source = Path("domain/reactions.py").read_text(encoding="utf-8")
    named = {part for part in ("reminded", "returned", "approved", "gate_decided", "agent_assigned", "licence_issued",
                               "effect_failed") if f'"{part}"' in source}  # fmt: skip
    assert all(f"notice.{name}" in words(lang) for name in named for lang in LANGUAGES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whatever_the_command_line_says_has_words(lang):
    source = "\n".join(path.read_text(encoding="utf-8") for path in Path("cli").glob("*.py"))
    said = {f"wrong.{key}" for key in findall(r'WrongUse\(\s*"([a-z_]+)"', source)}
    said |= {f"reach.{key}" for key in findall(r'Unreachable\(\s*"([a-z_]+)"', source)}
    said |= set(findall(r'say\(\s*"([a-z_]+\.[a-z_]+)"', source))
    assert len(said) > 60
    assert sorted(said - words(lang).keys()) == []


def test_both_languages_have_the_same_keys_and_places_to_fill():
    fa, en = words("fa"), words("en")
    assert fa.keys() == en.keys()
    assert [key for key in en if _places(fa[key]) != _places(en[key])] == []


def test_persian_is_persian():
    # Names of programs and options stay Latin; whole sentences do not.
    spoken = {key: said for key, said in words("fa").items() if key.partition(".")[0] not in ("origin", "mend")}
    for names_alone in ("screen.form_heading", "sealed.text", "why.command", "why.other"):
        spoken.pop(names_alone)
    assert [key for key, said in spoken.items() if not any("\u0600" <= letter <= "\u06ff" for letter in said)] == []
    assert [key for key, said in words("fa").items() if "ي" in said or "ك" in said] == []


def test_a_key_nobody_wrote_is_shown_by_its_last_part():
    assert text("event.something.new", "fa") == "new"


def _places(said):
    return {name for _, name, _, _ in string.Formatter().parse(said) if name}
