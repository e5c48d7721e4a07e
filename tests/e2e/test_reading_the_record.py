"""The auditor's verbs over a kept rehearsal: what they answer, to people and to programs, and what they refuse."""

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

import starter
from adapters.ledger_sqlite import SqliteLedger, SqliteReader
from adapters.office_stream import OfficeStream, Stamp
from domain.recording import Cause
from ledger.erasure import NAMES, STREAM, DocumentForgotten, Forgotten
from ledger.projections import PROJECTIONS
from rehearsal.premises import OFFICE
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


@pytest.fixture(scope="module")
def cluster(ask):
    """The one with the longest record."""
    return max(ask("board")["clusters"], key=lambda row: row["seq"])["id"]


def sealed_in(kept, cluster):
    with closing(SqliteReader(kept / "ledger.sqlite")) as ledger:
        return ledger.entries(f"cluster/{cluster}")


def test_the_timeline_is_the_record_whole_and_in_its_order(ask, kept, cluster):
    told = ask("audit", "timeline", cluster)
    leaves = sealed_in(kept, cluster)
    assert [entry["digest"] for entry in told["entries"]] == [leaf.digest for leaf in leaves]
    for entry, leaf in zip(told["entries"], leaves, strict=True):
        sealed = json.loads(leaf.raw)
        assert {**entry, "actor": 0} | {**sealed, "actor": 0} == {**entry, "actor": 0}, "as sealed, with more beside"
        assert entry["actor"].items() >= sealed["actor"].items()
        assert entry["why"]["words"]
        assert entry["why"]["source"]["code"] == "KH-M01"
        assert entry["title"]
        assert entry["stage"]


def test_a_timeline_can_be_narrowed_by_day_and_type(ask, cluster):
    everything = ask("audit", "timeline", cluster)
    some = ask("audit", "timeline", cluster, "--from", "1403/04/01", "--until", "1403/06/31", "--type", "duty")
    assert some["of"] == everything["of"] == len(everything["entries"])
    assert [entry["seq"] for entry in some["entries"]] == [
        entry["seq"] for entry in everything["entries"]
        if entry["type"].startswith("duty.") and "2024-06-21" <= entry["occurred_on"] <= "2024-09-21"
    ]  # fmt: skip
    assert some["entries"]
    known = ask("audit", "timeline", cluster, "--known-on", "1403/06/31")
    assert [e["seq"] for e in known["entries"]] == [
        e["seq"] for e in everything["entries"] if e["recorded_on"] <= "2024-09-21"
    ]


@pytest.mark.parametrize(
    ("words", "code", "field"),
    [
        (("--from", "1404/01/01", "--until", "1403/01/01"), "reversed", "--until"),
        (("--type", "gates.decided"), "unknown", "type"),
        (("--from", "yesterday"), "day", "--from"),
    ],
)
def test_a_timeline_that_cannot_be_is_wrong_use(ask, cluster, words, code, field):
    error = ask("audit", "timeline", cluster, *words, code=2)["error"]
    assert (error["code"], error["field"]) == (code, field)


def test_a_timeline_of_nobody_is_refused(ask, shown):
    assert ask("audit", "timeline", "no-such-cluster", code=1)["refused"]["code"] == "not_found"
    assert "چنین خوشه‌ای نیست" in shown("audit", "timeline", "no-such-cluster", lang="fa", code=1)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            ["4 · Implementation", "Rule: KH-M01 rev. 0 › ", "A deliverable was sent: ", "signed with"],
        ),
        ("fa", ["۴ · پیاده‌سازی", "قاعده: KH-M01 بازنگری ۰ › ", "تحویل‌دادنی ارسال شد: ", "سررسید"]),
    ],
)
def test_people_read_chapters_reasons_and_seals(shown, kept, cluster, lang, said):
    told = shown("audit", "timeline", cluster, lang=lang)
    assert [words for words in said if words not in told] == []
    for leaf in sealed_in(kept, cluster):
        assert leaf.digest.partition(":")[2][:8] in told


def erase_in(folder, seal):
    """The value is gone, and an entry says so."""
    stamp = Stamp(OFFICE, Cause(kind="command", ref="ForgetDocument"), datetime.now(UTC), "local_key")
    said = DocumentForgotten(commitment=seal, reason="request", second="p-0004")
    with closing(SqliteLedger(folder / "ledger.sqlite", PROJECTIONS, rehearsal=True)) as ledger:
        OfficeStream(ledger, STREAM, NAMES, Forgotten(), "test").record(lambda _: [said], stamp)
    (folder / "documents" / seal[12:14] / seal[12:]).unlink()


def test_a_text_is_opened_where_it_is_kept_and_told_as_erased_where_an_entry_says_so(kept, ask, cluster, tmp_path):
    seals = [pair for entry in ask("audit", "timeline", cluster)["entries"] for pair in entry["texts"].items()]
    assert {found["state"] for _, found in seals} == {"text"}
    erased, lost = list(dict(seals))[:2]
    copy = tmp_path / "copy"
    shutil.copytree(kept, copy)
    erase_in(copy, erased)
    (copy / "documents" / lost[12:14] / lost[12:]).unlink()

    def told(*words):
        return CliRunner().invoke(starter.app, ["audit", "timeline", cluster, "--data", str(copy), *words]).stdout

    texts = [pair for entry in json.loads(told("--json"))["entries"] for pair in entry["texts"].items()]
    assert {found["state"] for seal, found in texts if seal == lost} == {"missing"}
    under = [found["under"] for seal, found in texts if seal == erased]
    assert under
    assert all(one == {"stream": "documents", "seq": 1} for one in under)
    assert "erased under entry #1 (documents)" in told("--lang", "en")
    assert "پاک شده زیر ثبت شماره ۱" in told("--lang", "fa")
    shutil.rmtree(copy / "documents")
    assert "سندها در این پوشه نیست" in told("--lang", "fa")
    assert not (copy / "documents").exists()


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
