"""`audit export` over a kept rehearsal: what is written, what is recorded of it, and what is refused whole."""

import hashlib
import json
import sqlite3

import pytest
from typer.testing import CliRunner

import starter
from adapters.ledger_sqlite import SqliteLedger, SqliteReader
from domain.cluster import new_cluster
from domain.evolution import evolve_all
from domain.recording import Head
from exports.case import cases
from ledger.entry import fact_of
from ledger.projections import PROJECTIONS
from ledger.store import Extent
from tests.exported import recorded
from tests.forecasts import forecast, wanted
from tests.office import NINE

CLUSTERS = 3


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Fourteen months of three clusters, in an office's data folder. Nothing is sealed."""
    folder = tmp_path_factory.mktemp("kept") / "office"
    forecast(wanted(CLUSTERS), folder)
    return folder


@pytest.fixture(scope="module")
def ask(kept):
    def asked(*words, code=0, lang="en"):
        given = ["audit", "export", *map(str, words), "--data", str(kept), "--lang", lang]
        found = CliRunner().invoke(starter.app, [*given, "--json"])
        assert found.exit_code == code, (words, found.stdout, found.stderr, found.exception)
        return json.loads(found.stdout)

    return asked


@pytest.fixture(scope="module")
def clusters(kept):
    ledger = SqliteReader(kept / "ledger.sqlite")
    try:
        return [row["cluster_id"] for row in ledger.portfolio()]
    finally:
        ledger.close()


FORMATS = {"csv": 3, "xlsx": 1, "ocel": 1, "pdf": 1}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("lang", ["fa", "en"])
def test_what_is_written_is_recorded_with_the_digest_of_its_bytes(kept, ask, tmp_path, format, lang):
    before = recorded(kept)
    made = ask("--out", tmp_path / "out", "--format", format, lang=lang)
    facts = recorded(kept)[len(before) :]
    assert len(made["files"]) == len(facts) == FORMATS[format]
    for one, fact in zip(made["files"], facts, strict=True):
        content = (tmp_path / "out" / one["file"].rpartition("/")[2]).read_bytes()
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        assert (one["digest"], one["size"], one["seq"]) == (digest, len(content), fact["seq"])
        assert fact["data"] == {
            "format": format, "digest": digest, "size": len(content), "scope": ["nation"],
            "read_until": made["read_until"], **({"part": fact["data"]["part"]} if format == "csv" else {}),
        }  # fmt: skip
        assert fact["actor"] == {"id": "p-owner", "role": "national_office", "scope": "nation"}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        one["file"].rpartition("/")[2] for one in made["files"]
    )


def test_it_is_read_up_to_the_entry_that_it_names(kept, ask, tmp_path):
    with sqlite3.connect(kept / "ledger.sqlite") as ledger:
        (size,) = ledger.execute("SELECT max(idx) FROM entries").fetchone()
    assert ask("--out", tmp_path, "--format", "ocel")["read_until"] == size
    assert ask("--out", tmp_path, "--format", "ocel")["read_until"] == size + 1


def test_what_came_later_than_the_extent_is_not_taken_out(kept, clusters):
    ledger = SqliteReader(kept / "ledger.sqlite")
    try:
        extent, stream = ledger.extent(), f"cluster/{clusters[0]}"
        earlier = ledger.entries(stream)[:-9]
        cut = Extent(extent.size, {stream: Head(seq=len(earlier), digest=earlier[-1].digest)})
        (case,) = cases(ledger, cut, clusters[:1], NINE)
    finally:
        ledger.close()
    assert [one.digest for one in case.entries] == [leaf.digest for leaf in earlier]
    facts = map(fact_of, earlier)
    assert case.cluster == evolve_all(new_cluster(clusters[0], case.cluster.rulebook), facts)


def test_only_what_was_asked_for_is_taken_out(ask, clusters, tmp_path):
    made = ask("--out", tmp_path, "--format", "ocel", "--cluster", clusters[0], "--cluster", clusters[0])
    assert (made["clusters"], made["scope"]) == (1, [f"cluster/{clusters[0]}"])
    (file,) = tmp_path.iterdir()
    objects = json.loads(file.read_bytes())["objects"]
    assert [one["id"] for one in objects if one["type"] == "cluster"] == [f"cluster/{clusters[0]}"]


def test_a_province_is_named_by_any_of_its_names_and_recorded_by_its_key(kept, ask, tmp_path):
    ledger = SqliteReader(kept / "ledger.sqlite")
    rows = ledger.portfolio()
    ledger.close()
    province = rows[0]["province"]
    made = ask("--out", tmp_path, "--format", "xlsx", "--province", province.upper())
    assert made["scope"] == [f"province/{province}"]
    assert made["clusters"] == sum(row["province"] == province for row in rows)


def test_whoever_takes_it_out_is_on_record_in_a_role_that_reaches_all_of_it(kept, ask, tmp_path):
    assert ask("--out", tmp_path, "--format", "xlsx", "--as", "p-0009")["by"] == "p-0009"
    assert recorded(kept)[-1]["actor"] == {"id": "p-0009", "role": "auditor", "scope": "nation"}


def test_a_role_in_one_province_does_not_take_out_the_nation(kept, ask, clusters, tmp_path):
    refused = ask("--out", tmp_path, "--format", "csv", "--as", "p-0119", code=1)["refused"]
    assert refused["code"] == "out_of_scope"
    assert ask("--out", tmp_path, "--format", "csv", "--as", "p-nobody", code=1)["refused"]["code"] == "role_may_not"
    assert ask("--out", tmp_path, "--format", "csv", "--as", "Sara", code=2)["error"]["code"] == "person"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "field"),
    [
        (["--format", "doc"], "unknown", "--format"),
        (["--format", "csv", "--cluster", "no-such-cluster"], "unknown", "cluster"),
        (["--format", "csv", "--province", "Atlantis"], "unknown", "province"),
        (["--format", "csv", "--province", "qom", "--cluster", "@"], "clusters_or_province", "--province"),
    ],
)
@pytest.mark.parametrize("lang", ["fa", "en"])
def test_what_cannot_be_made_is_refused_whole(kept, ask, clusters, tmp_path, *, words, code, field, lang):
    before = recorded(kept)
    given = [clusters[0] if word == "@" else word for word in words]
    error = ask("--out", tmp_path / "out", *given, code=2, lang=lang)["error"]
    assert (error["code"], error["field"]) == (code, field)
    assert error["message"]
    assert not (tmp_path / "out").exists()
    assert recorded(kept) == before


def test_a_file_that_is_there_stays_and_nothing_is_made_beside_it(kept, ask, tmp_path):
    size = ask("--out", tmp_path / "first", "--format", "ocel")["read_until"] + 1
    taken = tmp_path / f"khoosheh-{size}-duties.csv"
    taken.write_text("mine", encoding="utf-8")
    before = recorded(kept)
    error = ask("--out", tmp_path, "--format", "csv", code=2)["error"]
    assert (error["code"], error["field"]) == ("file_there", "--out")
    assert taken.read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [taken.name]
    assert recorded(kept) == before


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_recorded(kept, ask, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    before = recorded(kept)
    error = ask("--out", tmp_path / "file" / "deep", "--format", "csv", code=2)["error"]
    assert error["code"] == "file_unusable"
    assert recorded(kept) == before


def test_an_office_without_clusters_has_nothing_to_take_out(tmp_path):
    (tmp_path / "office").mkdir()
    SqliteLedger(tmp_path / "office" / "ledger.sqlite", PROJECTIONS).close()
    words = [
        "audit",
        "export",
        "--format",
        "csv",
        "--out",
        str(tmp_path / "out"),
        "--data",
        str(tmp_path / "office"),
        "--json",
    ]
    found = CliRunner().invoke(starter.app, words)
    assert json.loads(found.stdout)["error"]["code"] == "nothing_to_export"


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_a_bundle_is_refused_where_nothing_is_sealed_and_for_a_part_of_the_log(kept, ask, clusters, tmp_path, lang):
    before = recorded(kept)
    for words, code in (([], "not_sealed"), (["--cluster", clusters[0]], "bundle_is_whole"),
                        (["--province", "qom"], "bundle_is_whole")):  # fmt: skip
        assert ask("--out", tmp_path / "out", "--format", "bundle", *words, code=2, lang=lang)["error"]["code"] == code
    assert not (tmp_path / "out").exists()
    assert recorded(kept) == before


@pytest.mark.parametrize(("lang", "word"), [("fa", "رشتهٔ exports"), ("en", "stream exports")])
def test_people_are_told_what_was_made_and_that_it_is_on_record(kept, tmp_path, lang, word):
    words = ["audit", "export", "--out", str(tmp_path), "--format", "ocel", "--data", str(kept), "--lang", lang]
    told = CliRunner().invoke(starter.app, words).stdout
    assert word in told
    assert "khoosheh-" in told
