"""Whatever `-h` shows is said in both languages, and teaches by an example."""

import pytest
import typer.main
from typer.testing import CliRunner

import starter
from cli.help import about, words_about
from i18n.text import helps

LIBRARY = {"page"}
NO_EXAMPLE = {"audit", "audit witness", "directory", "directory list", "documents", "ledger"}


def commands(group=None, name="khoosheh"):
    """Every command and group of commands, with the words that call it."""
    command = group or typer.main.get_command(starter.app)
    yield name, command
    for key, one in getattr(command, "commands", {}).items():
        yield from commands(one, key if group is None else f"{name} {key}")


ALL = dict(commands())


@pytest.mark.parametrize("name", ALL)
def test_a_command_says_in_both_languages_what_it_is_for(name):
    english, persian = (about(ALL[name], name, lang) for lang in ("en", "fa"))
    assert english
    assert persian
    examples = [[line for line in told.splitlines() if line.startswith("  khoosheh ")] for told in (english, persian)]
    assert examples[0] == examples[1]
    assert examples[0] or name in NO_EXAMPLE


@pytest.mark.parametrize("name", ALL)
def test_every_argument_and_option_is_explained_in_both_languages(name):
    for param in ALL[name].params:
        if not getattr(param, "hidden", False):
            assert words_about(param, name, "en"), param.name
            assert words_about(param, name, "fa"), param.name


def test_no_help_is_kept_for_what_is_not_there():
    known = {f"{name}.{param.name}" for name, command in ALL.items() for param in command.params}
    common = {f"common.{param.name}" for command in ALL.values() for param in command.params} | {"common.help"}
    stale = [
        key for key in helps()
        if key not in known | common and key.partition(".")[0] not in LIBRARY and key.removesuffix(".about") not in ALL
    ]  # fmt: skip
    assert stale == []


@pytest.mark.parametrize(("lang", "word"), [("fa", "گزینه‌ها"), ("en", "Options")])
def test_help_is_in_the_language_asked_for(lang, word):
    for words in (["do", "-h", "--lang", lang], ["directory", "import", "--lang", lang, "-h"]):
        shown = CliRunner().invoke(starter.app, words)
        assert shown.exit_code == 0
        assert f"{word}:" in shown.stdout
    bare = CliRunner().invoke(starter.app, [], env={"KHOOSHEH_LANG": lang})
    assert word in bare.stderr


def test_two_commands_of_one_name_have_each_their_own_help():
    shown = [CliRunner().invoke(starter.app, [group, "forget", "-h", "--lang", "fa"]).stdout
             for group in ("directory", "documents")]  # fmt: skip
    assert "khoosheh directory forget" in shown[0]
    assert "khoosheh documents forget" in shown[1]
    assert shown[0].splitlines()[2] != shown[1].splitlines()[2]


def test_an_example_can_be_copied_from_one_line():
    shown = CliRunner().invoke(starter.app, ["do", "-h"]).stdout
    assert '\n  khoosheh do qom-carpet submit-deliverable duty=concept_note values.summary="…" --as p-0030\n' in shown
