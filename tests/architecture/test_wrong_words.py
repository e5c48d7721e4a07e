"""Every way to say that the command line, the engine or a key cannot be used has words for each value it is given."""

import ast
import string
from collections.abc import Iterator

import pytest

from client.directory_sheet import SheetFault
from i18n.text import LANGUAGES, words
from tests.architecture.tree import ROOT, tracked

TABLES = {"WrongUse": "wrong", "Unreachable": "reach", "KeyUnusable": "wrong"}
BESIDE = {"code", "field", "allowed", "detail"}
"""Keywords that the words need not repeat."""
CODE_AT = {"SheetFault": 2, "TableUnreadable": 0}
"""Where the code stands among the arguments."""
FILLED = {"KeyUnusable": {"detail"}}
"""Values that are filled in where it is told."""


def calls(source: str) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TABLES:
            yield node.func.id, node


def keys_of(call: ast.Call) -> list[str]:
    """The keys a call may give: one, or the branches of a choice; a name stands for texts its function assigns."""
    first = call.args[0]
    return [node.value for node in ast.walk(first) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def faults_in(source: str, lang: str) -> list[str]:
    found = []
    for name, call in calls(source):
        given = {word.arg for word in call.keywords if word.arg} | FILLED.get(name, set())
        spread = any(word.arg is None for word in call.keywords)
        for key in keys_of(call):
            said = words(lang).get(f"{TABLES[name]}.{key}")
            if said is None:
                found.append(f"{TABLES[name]}.{key} has no words")
                continue
            asked = {place for _, place, _, _ in string.Formatter().parse(said) if place}
            if not spread and asked - given:
                found.append(f"{TABLES[name]}.{key} is not given {sorted(asked - given)}")
            if given - BESIDE - asked:
                found.append(f"{TABLES[name]}.{key} does not say {sorted(given - BESIDE - asked)}")
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_wrong_use_has_words_that_fit_what_it_is_given(lang):
    sources = {path: (ROOT / path).read_text(encoding="utf-8") for path in tracked("cli/*.py", "client/*.py")}
    assert {path: faults for path, source in sources.items() if (faults := faults_in(source, lang))} == {}


def test_keys_are_written_where_they_are_raised():
    """Only `no_such` chooses among several words, all of them written there."""
    unwritten = [
        str(path)
        for path in tracked("cli/*.py", "client/*.py")
        for _, call in calls((ROOT / path).read_text(encoding="utf-8")) if not keys_of(call)
    ]  # fmt: skip
    assert unwritten == ["cli/errors.py"]
    assert {f"wrong.{key}" for key in ("nearest", "nearest_listed", "unknown")} <= words("en").keys()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("fault", "table", "least"), [("SignerUnusable", "reach", 7), ("SealingStopped", "sealing", 5),
                                                       ("NotSigned", "sealing", 5)])  # fmt: skip
def test_every_reason_why_nothing_is_sealed_has_words(lang, fault, table, least):
    trees = [ast.parse((ROOT / path).read_text(encoding="utf-8")) for path in tracked("ledger/*.py", "adapters/*.py")]
    codes = {
        code.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == fault
        for code in ast.walk(node.args[0])
        if isinstance(code, ast.Constant) and str(code.value).startswith(("sign_", "signer_", "seal_"))
    }
    assert len(codes) >= least
    assert [code for code in sorted(map(str, codes)) if f"{table}.{code}" not in words(lang)] == []


def test_a_key_without_words_and_a_value_nobody_gave_are_found():
    assert faults_in('WrongUse("no_such_key")', "en") == ["wrong.no_such_key has no words"]
    assert faults_in('WrongUse("no_file")', "en") == ["wrong.no_file is not given ['given']"]
    assert faults_in('WrongUse("mine", given=1)', "en") == ["wrong.mine does not say ['given']"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fault_of_a_sheet_has_words(lang):
    said = SheetFault.__doc__ or ""
    listed = said.partition("Codes:")[2].replace(".", "").replace("\n", " ").split(",")
    raised = {
        constant.value
        for path in tracked("client/*.py", "adapters/tables.py")
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODE_AT
        for constant in node.args[CODE_AT[node.func.id] :][:1]
        if isinstance(constant, ast.Constant)
    }
    keys = {str(code) for code in raised} | {code.strip() for code in listed}
    assert len(keys) > 20
    assert [key for key in sorted(keys) if not {f"fault.{key}", f"warning.{key}"} & words(lang).keys()] == []
