"""The rule of every refusal is said in Persian too, wherever it is enforced."""

import ast
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from domain import commands
from i18n.text import rule

ROOT = Path(__file__).parents[2]
LATIN = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
"""Two English words: codes and names of fields stand alone."""


def written(node):
    """The text of a string in the source, with something in its places to fill; None for any other expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(written(part) or "7" for part in node.values)
    return None


def rules():
    """Every rule that a refusal of the core or of the door names, as far as it is written there as words."""
    for path in [*sorted((ROOT / "domain").rglob("*.py")), ROOT / "workflows/door.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused" and len(node.args) > 2:
                said = written(node.args[2])
                if said and " " in said:
                    yield path.name, said
            if path.name == "submission.py" and isinstance(node, ast.Yield | ast.Return) and node.value is not None:
                parts = [part for part in ast.walk(node.value) if isinstance(part, ast.Constant | ast.JoinedStr)]
                inner = {id(value) for part in parts if isinstance(part, ast.JoinedStr) for value in part.values}
                yield from (
                    (path.name, said) for part in parts
                    if id(part) not in inner and (said := written(part)) and " " in said
                )  # fmt: skip


@pytest.mark.parametrize(("file", "said"), sorted(set(rules()) - {("judging.py", "7 7")}))
def test_a_rule_of_the_core_is_said_in_persian(file, said):
    assert not LATIN.search(rule(said, "fa")), said
    assert rule(said, "en") == said


def test_the_rules_are_found():
    assert len(set(rules())) > 15


BAD = ["x", "", "x" * 9999, 7, -1, 10**9, 1.5, True, None, [], [7], ["x"] * 999, {}, {"a": 1}, "2024-99-99"]


@pytest.mark.parametrize("name", commands.TYPES)
def test_what_the_reader_of_fields_says_is_said_in_persian(name):
    """Every field of every command is given everything that it cannot be."""
    cls = commands.TYPES[name]
    for field in cls.model_fields:
        for value in BAD:
            try:
                cls.model_validate({field: value}, strict=True)
            except ValidationError as fault:
                for one in fault.errors():
                    assert not LATIN.search(rule(one["msg"], "fa")), one["msg"]


def test_a_rule_nobody_has_translated_is_said_as_it_is():
    assert rule("as the moon stands", "fa") == "as the moon stands"
