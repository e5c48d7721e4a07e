"""A command line that cannot be carried out: what people and programs are told, and the exit code."""

import json

import pytest
from typer.testing import CliRunner

import starter
from domain.commands import TYPES


def told(*words, lang="en", code=2):
    """What people read, and the error that programs read."""
    found = CliRunner().invoke(starter.app, [*words, "--lang", lang])
    assert found.exit_code == code, (found.stdout, found.stderr, found.exception)
    program = CliRunner().invoke(starter.app, [*words, "--json"])
    assert program.exit_code == code
    return found.stderr, json.loads(program.stdout)["error"]


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_an_unknown_command_is_answered_by_the_nearest_and_by_what_lists_all(lang):
    people, program = told("do", "qom-carpet", "decide-gats", lang=lang)
    assert "DecideGate" in people
    assert "khoosheh vocabulary" in people
    assert sum(name in people for name in TYPES) <= 3
    assert (program["code"], program["field"], program["allowed"]) == ("unknown", "command", sorted(TYPES))


def test_a_word_like_no_command_is_answered_by_a_few_all_the_same():
    people, program = told("do", "qom-carpet", "nonsense")
    assert 1 <= sum(name in people for name in TYPES) <= 3
    assert program["allowed"] == sorted(TYPES)


def test_where_nothing_lists_them_and_none_is_near_all_are_said():
    people, program = told("board", "--stage", "xyz")
    assert all(stage in people for stage in program["allowed"])
    people, _ = told("board", "--stage", "handovers")
    assert "handover" in people
    assert "feasibility" not in people


@pytest.mark.parametrize(
    ("words", "code", "field", "allowed"),
    [
        (["boad"], "unknown", "command", "board"),
        (["directory", "imprt"], "unknown", "command", "import"),
        (["board", "--provinces", "qom"], "unknown", "option", "--province"),
        (["do", "qom-carpet"], "missing_value", "command", None),
        (["rehearse"], "missing_value", "file", None),
        (["rehearse", "x.csv", "--months", "0"], "bad_value", "--months", "1–68"),
        (["rehearse", "x.csv", "--months", "1000"], "bad_value", "--months", "1–68"),
        (["rehearse", "x.csv", "--sample", "0"], "bad_value", "--sample", "1, 2, 3 …"),
        (["rehearse", "x.csv", "--seed", "x"], "bad_value", "--seed", "0, 1, 2 …"),
        (["rehearse", "x.csv", "--people", "lazy"], "unknown", "--people", "late"),
        (["board", "qom", "yazd"], "usage", None, None),
        (["duties", "--person", "Sara"], "person", "--person", None),
    ],
)
@pytest.mark.parametrize("lang", ["fa", "en"])
def test_arguments_that_cannot_be_read_are_told_to_people_and_programs(words, code, field, allowed, lang):
    people, program = told(*words, lang=lang)
    assert (program["code"], program.get("field")) == (code, field)
    assert allowed is None or allowed in program["allowed"]
    assert people.strip()
    assert "Traceback" not in people


def test_a_language_we_do_not_speak_is_answered_in_one_that_we_do():
    found = CliRunner().invoke(starter.app, ["show", "qom-carpet", "--lang", "de", "--json"])
    error = json.loads(found.stdout)["error"]
    assert (found.exit_code, error["field"], error["allowed"]) == (2, "--lang", ["en", "fa"])


def test_persian_is_answered_in_persian():
    people, _ = told("rehearse", "x.csv", "--months", "0", lang="fa")
    assert "پذیرفته" in people
    assert "Invalid" not in people


def test_help_and_nothing_at_all_show_the_commands():
    assert "rehearse" in CliRunner().invoke(starter.app, ["--help"]).stdout
    nothing = CliRunner().invoke(starter.app, [])
    assert (nothing.exit_code, "rehearse" in nothing.stderr) == (2, True)
