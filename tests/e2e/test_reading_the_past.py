"""The portfolio, a cluster and its differences as of a day and as known on a day, over a kept rehearsal."""

import pytest


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


def test_equal_days_have_no_differences(ask, shown, cluster):
    assert ask("audit", "diff", cluster, "1403/06/31", "1403-06-31")["changes"] == []
    assert "Nothing changed." in shown("audit", "diff", cluster, "1403/06/31", "1403/06/31")


def test_differences_of_two_days_are_those_of_their_states_each_by_a_fact_between(ask, cluster):
    found = ask("audit", "diff", cluster, "1403/03/31", "۱۴۰۳/۰۶/۳۱")
    days = [ask("show", cluster, "--as-of", day) for day in ("1403/03/31", "1403/06/31")]
    assert [found["from"]["seq"], found["to"]["seq"]] == [day["seq"] for day in days]
    assert all(days[0]["seq"] < change["by_seq"] <= days[1]["seq"] for change in found["changes"])
    came = {change["path"] for change in found["changes"] if change["before"] is None}
    owed = [{duty["id"] for duty in day["duties"]} for day in days]
    assert {path.removeprefix("/duties/") for path in came if path.count("/") == 2 and "/duties/" in path} == (
        owed[1] - owed[0]
    )


def test_what_was_known_then_is_compared_with_what_is_known_now(ask, cluster):
    now = ask("audit", "diff", cluster, "1403/06/31", "--known-on", "1403/06/31")
    assert (now["from"]["known_on"], now["to"]["known_on"]) == ("2024-09-21", ask("show", cluster)["as_of"])
    assert now["changes"] == [], "nobody back-dated anything in this rehearsal"
    later = ask("audit", "diff", cluster, "1403/06/31", "--known-on", "1403/06/31", "--known-on", "1403/08/30")
    assert later["to"]["known_on"] == "2024-11-20"


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (("1403/06/31", "1403/03/31"), "reversed"), (("1403/06/31",), "diff_one"),
        (("1403/03/31", "--known-on", "1403/08/30", "--known-on", "1403/06/31"), "reversed"),
        (("1403/03/31", "1403/06/31", "--known-on", "1403/08/30", "--known-on", "1403/08/30"), "diff_known"),
        (("1403/03/31", "Shahrivar"), "day"),
    ],
)  # fmt: skip
def test_days_that_cannot_be_compared_are_wrong_use_in_both_languages(ask, shown, cluster, days, code):
    assert ask("audit", "diff", cluster, *days, code=2)["error"]["code"] == code
    told = [shown("audit", "diff", cluster, *days, lang=lang, code=2).strip() for lang in ("en", "fa")]
    assert all(told)
    assert told[0] != told[1]


@pytest.mark.parametrize(
    ("lang", "said"), [("en", ["What is owed", " → ", "owed by"]), ("fa", ["تکلیف‌ها", " ← ", "سررسید"])]
)
def test_differences_are_told_in_words(shown, ask, lang, said):
    moving = next(row["id"] for row in ask("board")["clusters"] if row["stage"] in ("action_plan", "implementation"))
    told = shown("audit", "diff", moving, "1403/01/30", "1404/03/01", lang=lang)
    assert [word for word in said if word not in told] == []
    assert "/duties/" not in told
    assert "{" not in told
