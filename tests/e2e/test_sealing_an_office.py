"""`seal`, as an operator runs it: what is new is sealed, and a "no" says what to do."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import starter
from adapters.directory import DirectoryStream
from adapters.ledger_at import ledger_at
from adapters.office_stream import Stamp
from cli import doctor_seal
from cli.office import OFFICE, Office
from cli.output import Screen
from domain.recording import Cause
from ledger.checkpoint import open_checkpoint
from ledger.entry import entry_in
from ledger.notes import verifier_key
from ledger.projections import PROJECTIONS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An office with two people of the national office."""
    office = tmp_path / "office"
    office.mkdir()
    grant(office, OFFICE.person)
    grant(office, "p-2")
    return office


def grant(office: Path, person: str, at: datetime | None = None) -> None:
    with closing(ledger_at(str(office / "ledger.sqlite"), PROJECTIONS)) as ledger:
        stamp = Stamp(OFFICE, Cause(kind="import", ref="test"), at or datetime.now(UTC), "local_key")
        DirectoryStream(ledger, "test").grant(person, "national_office", "nation", stamp)


def run(data: Path, *words: str, lang: str = "en", code: int = 0):
    done = CliRunner().invoke(starter.app, [*words, "--data", str(data), "--lang", lang, "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def told(data: Path) -> list[dict]:
    with closing(ledger_at(str(data / "ledger.sqlite"), PROJECTIONS)) as ledger:
        entries = [entry_in(leaf.raw) for leaf in ledger.entries("directory")]
    return [entry["data"] for entry in entries if entry["type"].startswith("log.")]


def test_the_first_seal_names_the_log_and_covers_the_key_that_signed_it(data):
    sealed = run(data, "seal", "--once")["sealed"]
    assert (sealed["size"], len(sealed["groups"])) == (3, 47)
    (first,) = told(data)
    note = (data / "archive/checkpoint/3").read_bytes()
    head, by = open_checkpoint(note, [verifier_key(first["key"])])
    assert (head.origin, head.root.hex(), by[0].text) == (sealed["origin"], sealed["root"], first["key"])
    assert run(data, "seal", "--once") == {"sealed": None}


def test_the_log_has_the_name_the_office_gave_it(data):
    (data / "khoosheh.toml").write_text('log_name = "example.ir/clusters"\n')
    assert run(data, "seal", "--once")["sealed"]["origin"] == "example.ir/clusters"


def test_a_new_key_is_told_by_the_log(data):
    run(data, "seal", "--once")
    run(data, "seal", "--rotate-key")
    first, second = told(data)
    assert second["replaces"] == first["key"] != second["key"]
    note = (data / "archive/checkpoint/4").read_bytes()
    assert len(open_checkpoint(note, [verifier_key(one["key"]) for one in (first, second)])[1]) == 2


def test_a_new_epoch_names_what_was_known_and_who_answers_for_the_break(data):
    last = run(data, "seal", "--once")["sealed"]
    assert run(data, "seal", "--begin-epoch", code=2)["error"]["code"] == "second_missing"
    assert run(data, "seal", "--begin-epoch", "--second", "p-9", code=1)["refused"]["code"] == "role_may_not"
    assert run(data, "seal", "--begin-epoch", "--second", "p-owner", code=1)["refused"]["code"] == "own_work"
    new = run(data, "seal", "--begin-epoch", "--second", "p-2")["sealed"]
    assert (new["origin"], new["size"]) == (f"{last['origin']}/2", 5)
    _, began, key = told(data)
    known = {name: last[name] for name in ("origin", "root", "size")}
    assert began == {"origin": new["origin"], "previous": known, "signed_by": ["p-owner", "p-2"]}
    assert "replaces" not in key
    assert (data / "archive/2/checkpoint/5").exists()


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_an_old_ledger_is_not_sealed_and_the_doctor_says_so(data, lang):
    old = (data / "ledger.sqlite").read_bytes()
    run(data, "seal", "--once")
    for file in data.glob("ledger.sqlite*"):
        file.unlink()
    (data / "ledger.sqlite").write_bytes(old)
    no = run(data, "seal", "--once", lang=lang, code=1)["error"]
    assert no["code"] == "sign_shrunk"
    checked = doctor_seal.seal(Office(data, Screen(lang, json=True, quiet=False)))
    assert (checked.state, checked.mend[:10]) == ("broken", no["message"][:10])


def test_a_lost_signer_is_not_replaced_by_one_without_memory_but_for_a_new_epoch(data):
    last = run(data, "seal", "--once")["sealed"]
    shutil.rmtree(data / "signer")
    assert run(data, "seal", "--once", code=3)["error"]["code"] == "signer_lost"
    (data / "signer").mkdir()
    assert run(data, "seal", "--once", code=3)["error"]["code"] == "signer_missing"
    new = run(data, "seal", "--begin-epoch", "--second", "p-2")["sealed"]
    assert (new["origin"], new["size"]) == (f"{last['origin']}/2", 5)
    assert told(data)[1]["previous"]["root"] == last["root"]


def test_the_doctor_tells_sealed_from_waiting(data, tmp_path, monkeypatch):
    office = Office(data, Screen("en", json=True, quiet=False))
    assert doctor_seal.seal(Office(tmp_path / "none", office.screen)).state == "attention"
    assert doctor_seal.seal(office).state == "attention"
    run(data, "seal", "--once")
    assert doctor_seal.seal(office).state == "ok"
    grant(data, "p-3")
    assert doctor_seal.seal(office).state == "ok"
    monkeypatch.setattr(doctor_seal, "now", lambda: datetime.now(UTC) + timedelta(minutes=11))
    assert doctor_seal.seal(office).state == "attention"
    run(data, "seal", "--once")
    assert doctor_seal.seal(office).state == "ok"
    (data / "signer/1/0001.pem").chmod(0o644)
    assert doctor_seal.seal(office).state == "broken"


@pytest.mark.timeout(120)
def test_told_to_stop_it_seals_what_is_new_and_ends(data):
    """As `up` runs it: the process seals at its start, and once more when it is told to stop."""
    command = [sys.executable, str(ROOT / "starter.py"), "seal", "--data", str(data), "--lang", "en"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sealing:
        assert sealing.stdout is not None
        assert sealing.stdout is not None
        assert "up to entry 3" in sealing.stdout.readline()
        assert run(data, "seal", "--once", code=1)["error"]["code"] == "seal_held"
        grant(data, "p-3")
        sealing.send_signal(signal.SIGTERM)
        assert "up to entry 4" in sealing.communicate()[0]
    assert sealing.returncode == 0


def test_an_entry_taken_out_of_the_file_is_named(data):
    with sqlite3.connect(data / "ledger.sqlite") as connection:
        connection.execute("DROP TRIGGER entries_no_delete")
        connection.execute("DELETE FROM entries WHERE idx = 1")
    connection.close()
    no = run(data, "seal", "--once", code=1)["error"]
    assert (no["code"], "1" in no["message"]) == ("seal_place_missing", True)
