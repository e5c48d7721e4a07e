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


def test_the_portfolio_of_the_last_day_is_the_present_one(ask):
    present = ask("board")
    past = ask("board", "--as-of", present["as_of"])
    for key in ("funnel", "stages"):
        assert past[key] == present[key]
    without_seq = [[{**row, "seq": 0} for row in one["clusters"]] for one in (past, present)]
    assert without_seq[0] == without_seq[1]


def test_a_cluster_on_its_last_day_is_the_present_one_but_for_what_can_be_done(ask):
    cluster = ask("board")["clusters"][0]["id"]
    present = ask("show", cluster)
    past = ask("show", cluster, "--as-of", present["as_of"])
    assert past.pop("out_of_order") == []
    assert past["known_on"] == present["as_of"]
    assert present["allowed"]
    assert past["allowed"] == []
    assert {**past, "known_on": 0, "allowed": 0} == {**present, "known_on": 0, "allowed": 0}


def test_a_year_ago_less_had_happened_and_the_board_says_so(ask, shown):
    a_year_ago = "1403/06/31"
    cluster = ask("board")["clusters"][0]["id"]
    past = ask("show", cluster, "--known-on", "۱۴۰۳/۰۶/۳۱")
    assert (past["as_of"], past["known_on"]) == ("2024-09-21", "2024-09-21")
    assert past["seq"] < ask("show", cluster)["seq"]
    assert past["digest"] != ask("show", cluster)["digest"]
    assert "As it was on 1403/06/31 (2024-09-21)" in shown("show", cluster, "--as-of", a_year_ago)
    assert "۱۴۰۳/۰۶/۳۱" in shown("board", "--as-of", a_year_ago, lang="fa")


@pytest.mark.parametrize("words", [("board",), ("show", "CLUSTER")])
def test_a_day_that_cannot_be_is_refused_with_the_day_that_can(ask, words):
    cluster = ask("board")["clusters"][0]["id"]
    words = [cluster if word == "CLUSTER" else word for word in words]
    first = ask(*words, "--as-of", "1399-01-01", code=1)["refused"]
    assert (first["code"], first["allowed"]) == ("before_the_file", ["2024-04-03"])
    assert ask(*words, "--as-of", "2024-04-03")
    late = ask(*words, "--known-on", "1450-01-01", code=1)["refused"]
    assert (late["code"], late["field"]) == ("in_the_future", "known_on")
    assert ask(*words, "--known-on", late["allowed"][0])
    assert ask(*words, "--as-of", "1403-13-01", code=2)["error"]["field"] == "--as-of"


def test_no_form_is_filled_in_for_the_past(ask):
    cluster = ask("board")["clusters"][0]["id"]
    answer = ask("show", cluster, "--form", "concept_note", "--as-of", "1403-06-31", code=2)
    assert answer["error"]["code"] == "form_of_the_past"
    assert ask("show", "no-such-cluster", "--as-of", "1403-06-31", code=1)["refused"]["code"] == "not_found"
