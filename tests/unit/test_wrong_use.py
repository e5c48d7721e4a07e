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
