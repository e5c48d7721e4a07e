"""The auditor's verbs over a kept rehearsal: what they answer, to people and to programs, and what they refuse."""

import json

import pytest
from typer.testing import CliRunner

import starter
from tests.forecasts import forecast, wanted

CLUSTERS = 3


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Fourteen months of three clusters, in an office's data folder."""
    folder = tmp_path_factory.mktemp("kept") / "office"
    forecast(wanted(CLUSTERS), folder)
    return folder


@pytest.fixture(scope="module")
def ask(kept):
    def asked(*words, code=0):
        found = CliRunner().invoke(starter.app, [*map(str, words), "--data", str(kept), "--json"])
        assert found.exit_code == code, (words, found.stdout, found.stderr, found.exception)
        return json.loads(found.stdout)

    return asked


@pytest.fixture(scope="module")
def shown(kept):
    def told(*words, lang="en", code=0):
        found = CliRunner().invoke(starter.app, [*map(str, words), "--data", str(kept), "--lang", lang])
        assert found.exit_code == code, (words, found.stdout, found.stderr, found.exception)
        return found.stdout if code == 0 else found.stderr

    return told


def test_a_sample_is_drawn_again_by_whoever_knows_the_seed(ask):
    one, two = ask("audit", "sample", "--n", 2, "--seed", "x"), ask("audit", "sample", "--n", 2, "--seed", "x")
    assert one == two
    assert (one["method"], one["of"], len(one["clusters"])) == ("sha256(seed|id)", CLUSTERS, 2)
    everything = ask("audit", "sample", "--n", 9, "--seed", "x")["clusters"]
    assert everything[:2] == one["clusters"]
    assert len(everything) == CLUSTERS


def test_a_sample_is_drawn_among_those_of_a_province_and_a_stage(ask):
    first = ask("audit", "sample", "--n", 1, "--seed", "x")["clusters"][0]
    drawn = ask("audit", "sample", "--seed", "x", "--province", first["province"], "--stage", first["stage"])
    assert {(one["province"], one["stage"]) for one in drawn["clusters"]} == {(first["province"], first["stage"])}
    assert ask("audit", "sample", "--seed", "x", "--province", "Atlantis", code=2)["error"]["field"] == "province"
    assert ask("audit", "sample", code=2)["error"]["field"] == "--seed"


@pytest.mark.parametrize(("lang", "word"), [("en", "Look at"), ("fa", "برای دیدن")])
def test_a_sample_says_what_to_look_at(shown, lang, word):
    told = shown("audit", "sample", "--seed", "x", lang=lang)
    assert word in told
    assert "khoosheh show " in told
