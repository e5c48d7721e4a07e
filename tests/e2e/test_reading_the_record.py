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


def test_a_sample_is_drawn_again_by_whoever_knows_the_seed(ask):
    one, two = ask("audit", "sample", "--n", 2, "--seed", "x"), ask("audit", "sample", "--n", 2, "--seed", "x")
    assert one == two
    assert (one["method"], one["of"], len(one["clusters"])) == ("sha256(seed|id)", 3, 2)
    everything = ask("audit", "sample", "--n", 9, "--seed", "x")["clusters"]
    assert everything[:2] == one["clusters"]
    assert len(everything) == 3


def test_a_sample_is_drawn_among_those_of_a_province_and_a_stage(ask):
    first = ask("audit", "sample", "--n", 1, "--seed", "x")["clusters"][0]
    drawn = ask("audit", "sample", "--seed", "x", "--province", first["province"], "--stage", first["stage"])
    assert {(one["province"], one["stage"]) for one in drawn["clusters"]} == {(first["province"], first["stage"])}
    assert ask("audit", "sample", "--seed", "x", "--province", "Atlantis", code=2)["error"]["field"] == "province"
    assert ask("audit", "sample", code=2)["error"]["field"] == "--seed"


@pytest.mark.parametrize(("lang", "word"), [("en", "drawn with the seed “x”"), ("fa", "با بذر «x»")])
def test_a_sample_says_what_to_look_at(shown, lang, word):
    told = shown("audit", "sample", "--seed", "x", lang=lang)
    assert word in told
    assert "khoosheh audit timeline " in told


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


def test_exceptions_are_counted_by_kind_and_each_can_be_looked_at(ask, shown, cluster):
    everything = ask("audit", "exceptions")
    assert everything["kinds"]["local_key"] == sum(one["kind"] == "local_key" for one in everything["exceptions"]) > 20
    one = next(one for one in everything["exceptions"] if one["cluster"] == cluster)
    assert one.keys() >= {"kind", "title", "cluster", "seq", "who", "recorded_at", "why", "look_at"}
    entries = ask(*one["look_at"].split()[1:])["entries"]
    assert one["seq"] in [entry["seq"] for entry in entries]
    for lang, said in (("en", "Decided with the office's key alone"), ("fa", "تصمیم تنها با کلید دفتر")):
        told = shown("audit", "exceptions", lang=lang)
        assert said in told
        assert "--kind local_key" in told, "of many only the first are shown"


def test_exceptions_can_be_narrowed(ask, cluster):
    some = ask("audit", "exceptions", "--kind", "local_key", "--since", "1404/01/01", "--cluster", cluster)
    assert list(some["kinds"]) == ["local_key"]
    assert {one["cluster"] for one in some["exceptions"]} == {cluster}
    assert min(one["recorded_at"] for one in some["exceptions"]) >= "2025-03-20T20:30"
    assert ask("audit", "exceptions", "--kind", "waivers", code=2)["error"]["code"] == "unknown"
    assert ask("audit", "exceptions", "--cluster", "no-such", code=1)["refused"]["code"] == "not_found"
    assert ask("audit", "exceptions", "--since", "some day", code=2)["error"]["field"] == "--since"


def test_a_sample_counts_the_exceptions_of_each_case(ask, cluster):
    case = next(one for one in ask("audit", "sample", "--n", 9, "--seed", "x")["clusters"] if one["id"] == cluster)
    alone = ask("audit", "exceptions", "--cluster", cluster)["kinds"]
    assert case["exceptions"] == {kind: n for kind, n in alone.items() if n and kind in case["exceptions"]}
    assert f"khoosheh audit exceptions --cluster {cluster}" in case["look_at"]
