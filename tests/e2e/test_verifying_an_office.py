"""`audit verify`, `audit witness` and `audit proof`, as an auditor runs them."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

import starter
from adapters.ledger_at import ledger_at
from ledger.notes import verifier_key
from ledger.projections import PROJECTIONS
from ledger.proofs import check_proof, read_proof
from tests.e2e.test_sealing_an_office import data, grant, run
from tests.ledger_facts import facts

__all__ = ["data"]


@pytest.fixture
def held(tmp_path, monkeypatch):
    """The auditor's own file."""
    monkeypatch.setenv("KHOOSHEH_HELD", str(tmp_path / "mine/held.jsonl"))
    return tmp_path / "mine/held.jsonl"


def rewrite(data, statement):
    """As somebody does who has the database file and takes its triggers away."""
    with sqlite3.connect(data / "ledger.sqlite") as connection:
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER IF EXISTS entries_no_{verb}")
        connection.execute(statement)
    connection.close()


def kinds(answer):
    return {finding["kind"] for finding in answer["findings"]}


def test_an_honest_office_is_clean_and_says_how_far_it_is_sealed(data, held):
    sealed = run(data, "seal", "--once")["sealed"]
    found = run(data, "audit", "verify")
    assert (found["ok"], found["findings"], found["held"]) == (True, [], 0)
    assert found["sealed"] == sealed
    assert found["size"] == found["entries"] == sealed["size"]
    assert found["unsealed"] == 0
    assert found["checkpoint"].startswith(f"{sealed['origin']}\n{sealed['size']}\n")


def test_a_record_that_was_never_sealed_is_checked_all_the_same(data, held):
    found = run(data, "audit", "verify")
    assert (found["ok"], found["size"], found["sealed"]) == (True, 0, None)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), 'p-2', 'p-3') AS BLOB) WHERE idx = 2",
         "digest_differs"),
        ("DELETE FROM entries WHERE idx = 1", "gap"),
        ("UPDATE entries SET stream = 'cluster/x-x' WHERE idx = 2", "cross_copied"),
        ("DELETE FROM entries WHERE idx = 3", "not_sealed"),
    ],
    ids=["rewritten", "deleted", "moved", "the key"],
)  # fmt: skip
def test_an_edited_row_is_found_and_told_in_both_languages(data, held, statement, kind):
    run(data, "seal", "--once")
    rewrite(data, statement)
    found = run(data, "audit", "verify", code=1)
    assert not found["ok"]
    assert kind in kinds(found)
    for lang in ("fa", "en"):
        told = CliRunner().invoke(starter.app, ["audit", "verify", "--data", str(data), "--lang", lang])
        assert (told.exit_code, "log_fault" in told.stdout) == (1, False)


def test_a_tile_that_was_changed_in_the_archive_is_named(data, held):
    run(data, "seal", "--once")
    (data / "archive/tile/entries/000.p/3").write_bytes(b"")
    found = run(data, "audit", "verify", code=1)
    assert [(one["seq"], one["kind"]) for one in found["findings"]] == [(1, "tile_differs")]
    (data / "archive/tile/0/000.p/3").unlink()
    assert len(run(data, "audit", "verify", code=1)["findings"]) == 2


def test_groups_typed_from_paper_are_kept_and_held_against_the_log(data, held):
    groups = run(data, "seal", "--once")["sealed"]["groups"]
    persian = groups.lower().translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")).replace(" ", "-")
    assert run(data, "audit", "witness", "add", *groups.split())["held"]["log"] == "same"
    again = run(data, "audit", "witness", "add", persian)
    assert (again["new"], again["held"]["groups"]) == (False, groups)
    grant(data, "p-3")
    assert [one["log"] for one in run(data, "audit", "witness", "check")["held"]] == ["extends"]
    assert [one["groups"] for one in run(data, "audit", "witness", "list")["held"]] == [groups]
    assert run(data, "audit", "verify")["held"] == 1


def test_a_checkpoints_file_is_kept_with_its_signature(data, held):
    run(data, "seal", "--once")
    place = data / "archive/checkpoint/3"
    assert run(data, "audit", "witness", "add", str(place))["held"]["log"] == "same"
    assert json.loads(held.read_text())["note"] == place.read_text()


@pytest.mark.parametrize("code", ["groups_mistyped", "groups_length", "groups_letter", "no_note"])
def test_a_slip_of_the_hand_is_told_and_nothing_is_kept(data, held, tmp_path, code):
    groups = run(data, "seal", "--once")["sealed"]["groups"]
    (tmp_path / "note").write_text("a\n\nb\n")
    wrong = {
        "groups_mistyped": [groups[:-1] + ("0" if groups[-1] != "0" else "1")], "groups_length": [groups[:-1]],
        "groups_letter": [groups[:-1] + "U"], "no_note": [str(tmp_path / "note")],
    }  # fmt: skip
    assert run(data, "audit", "witness", "add", *wrong[code], code=2)["error"]["code"] == code
    assert not held.exists()


def test_a_cut_or_forked_log_is_refused_by_its_kind_and_what_is_held_stays_held(data, held):
    grant(data, "p-3")
    groups = run(data, "seal", "--once")["sealed"]["groups"]
    run(data, "audit", "witness", "add", *groups.split())
    rewrite(data, "DELETE FROM entries WHERE idx > 2")
    checked = run(data, "audit", "witness", "check", code=1)
    assert (checked["ok"], [one["log"] for one in checked["held"]]) == (False, ["shrunk"])
    assert {"tail_cut"} <= kinds(run(data, "audit", "verify", code=1))


def test_a_fork_is_told_as_one_and_kept(data, held, tmp_path):
    groups = run(data, "seal", "--once")["sealed"]["groups"]
    other = tmp_path / "other"
    other.mkdir()
    for person in ("p-7", "p-8", "p-9"):
        grant(other, person)
    run(other, "seal", "--once")
    assert run(other, "audit", "witness", "add", *groups.split(), code=1)["held"]["log"] == "forked"
    assert len(held.read_text().splitlines()) == 1


def test_a_line_that_is_no_checkpoint_is_named_and_nothing_is_judged(data, held):
    run(data, "seal", "--once")
    assert run(data, "audit", "witness", "check", code=2)["error"]["code"] == "nothing_held"
    held.parent.mkdir()
    held.write_text("{}\n")
    assert run(data, "audit", "witness", "check", code=2)["error"]["code"] == "held_file"


def test_an_entry_and_its_proof_are_checked_with_the_key_alone(data, held, tmp_path):
    run(data, "seal", "--once")
    made = run(data, "audit", "proof", "directory", "2", "--out", str(tmp_path / "out"))
    leaf, proof = (Path(file).read_bytes() for file in made["files"])
    head = check_proof(read_proof(proof), leaf, [verifier_key(made["key"])])
    assert (head.size, made["index"]) == (3, 1)
    assert run(data, "audit", "proof", "directory", "99", code=2)["error"]["code"] == "no_entry"
    assert run(data, "audit", "proof", "director", "1", code=2)["error"]["code"] == "unknown"
    grant(data, "p-3")
    assert run(data, "audit", "proof", "directory", "4", code=2)["error"]["code"] == "not_sealed_yet"


def test_a_bundle_is_checked_by_the_program_that_travels_in_it(data, held, tmp_path, capfd):
    with closing(ledger_at(str(data / "ledger.sqlite"), {"directory": PROJECTIONS["directory"]})) as ledger:
        reminded = {"type": "duty.reminded", "methodology": None}
        ledger.append("cluster/a-a", 0, [one.model_copy(update=reminded) for one in facts(1, 300)])
    groups = run(data, "seal", "--once")["sealed"]["groups"]
    (made,) = run(data, "audit", "export", "--format", "bundle", "--out", str(tmp_path))["files"]
    run(data, "audit", "witness", "add", *groups.split())

    def _checked(file, code):
        done = CliRunner().invoke(starter.app, ["audit", "verify", "--bundle", str(file), "--json"])
        assert done.exit_code == code, done.output
        return json.loads(capfd.readouterr().out)

    assert _checked(made["file"], 0)["ok"]
    changed = bytearray(Path(made["file"]).read_bytes())
    changed[len(changed) // 2] ^= 1
    (tmp_path / "changed.zip").write_bytes(changed)
    assert "damaged" in kinds(_checked(tmp_path / "changed.zip", 1))
