"""A bundle of an office whose log is sealed: what is in it, what it stands on, and what its own program says of it."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from typer.testing import CliRunner

import starter
from adapters.ledger_sqlite import SqliteLedger
from adapters.objects_at import objects_at
from adapters.sealing import Sealing
from adapters.signer_folder import SignerFolder
from exports.bundle import README
from ledger.paper import groups, paper_of
from ledger.projections import PROJECTIONS
from settings import Settings
from tests.contracts.test_bundle import behind_our_back, members
from tests.exported import exported, recorded
from tests.forecasts import forecast, wanted
from tests.office import NINE


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Fourteen months of two clusters, in an office's data folder. Nothing is sealed."""
    folder = tmp_path_factory.mktemp("kept") / "office"
    forecast(wanted(2), folder)
    return folder


@pytest.fixture
def sealed(kept, tmp_path):
    """The same office, with its log sealed: the checkpoint, and the folder."""
    folder = tmp_path / "sealed"
    shutil.copytree(kept, folder)
    signer = SignerFolder(folder / "signer")
    signer.begin("khoosheh.example/office")
    settings = Settings.read(folder)
    with closing(SqliteLedger(folder / "ledger.sqlite", PROJECTIONS, rehearsal=True)) as ledger:
        head = Sealing(ledger, objects_at(settings.archive_address), signer, "test", lambda: NINE).round()
    return head, folder


def test_a_bundle_is_the_whole_log_up_to_its_checkpoint_and_is_recorded_as_that(sealed, tmp_path):
    head, folder = sealed
    made = exported(folder, "--out", tmp_path / "out")
    assert made["files"][0]["file"].endswith(f"khoosheh-{head.size}.zip")
    assert made["checkpoint"] == {"size": head.size, "root": head.root.hex()}
    found = members((tmp_path / "out" / f"khoosheh-{head.size}.zip").read_bytes())
    assert found["entries.jsonl"].count(b"\n") == head.size == made["read_until"]
    assert len([name for name in found if name.startswith("texts/")]) == 1
    readme = found["README.md"].decode()
    assert readme.index("python3 verify.py") > readme.index("بستهٔ حسابرسی")
    fact = recorded(folder)[-1]
    assert fact["data"]["checkpoint"] == made["checkpoint"]
    assert (fact["data"]["format"], fact["data"]["read_until"]) == ("bundle", head.size)


def test_the_program_in_the_bundle_finds_nothing_to_blame_and_answers_the_question(sealed, tmp_path):
    """Unpacked and run as an auditor does, on a machine that has nothing of ours."""
    head, folder = sealed
    exported(folder, "--out", tmp_path)
    bundle = tmp_path / f"khoosheh-{head.size}.zip"
    (tmp_path / "verify.py").write_bytes(members(bundle.read_bytes())["verify.py"])
    words = [sys.executable, "-I", "verify.py", bundle.name]
    judged = subprocess.run([*words, "--json"], check=False, cwd=tmp_path, capture_output=True)
    answer = json.loads(judged.stdout)
    assert (judged.returncode, answer["ok"], answer["findings"]) == (0, True, [])
    assert (answer["size"], answer["root"]) == (head.size, head.root.hex())
    paper = subprocess.run([*words, "--groups", groups(paper_of(head))], check=False, cwd=tmp_path, capture_output=True)
    assert paper.returncode == 0
    cluster = wanted(2).rows[0].cluster
    told = subprocess.run([*words, "--cluster", cluster], check=False, cwd=tmp_path, capture_output=True, text=True)
    assert (told.returncode, cluster in told.stdout) == (0, True)
    assert all(f"verify.py BUNDLE.zip {option}" in README.read_text("utf-8") for option in ("--groups", "--cluster"))


def test_what_is_not_sealed_yet_is_said_beside_a_bundle(sealed, tmp_path):
    head, folder = sealed
    assert exported(folder, "--out", tmp_path / "csv", "--format", "csv")["unsealed"] == 0
    with sqlite3.connect(folder / "ledger.sqlite") as ledger:
        (size,) = ledger.execute("SELECT max(idx) FROM entries").fetchone()
    assert exported(folder, "--out", tmp_path / "zip")["unsealed"] == size - head.size >= 3
    words = ["audit", "export", "--out", str(tmp_path / "again"), "--data", str(folder), "--lang", "fa"]
    assert "khoosheh seal --once" in CliRunner().invoke(starter.app, words).stderr


def test_every_export_names_the_checkpoint_it_stands_on(sealed, tmp_path):
    head, folder = sealed
    for format in ("csv", "xlsx", "ocel"):
        made = exported(folder, "--out", tmp_path / format, "--format", format)
        assert made["checkpoint"] == {"size": head.size, "root": head.root.hex()}


def test_of_a_ledger_that_was_changed_no_bundle_leaves_and_nothing_is_recorded(sealed, tmp_path):
    _, folder = sealed
    behind_our_back(folder, "DELETE FROM entries WHERE idx = 9")
    before = recorded(folder)
    error = exported(folder, "--out", tmp_path / "out", code=1)["error"]
    assert error["code"] == "bundle_root_differs"
    assert list((tmp_path / "out").iterdir()) == []
    assert recorded(folder) == before


def test_a_checkpoint_that_nobody_signed_is_nothing_to_stand_on(sealed, tmp_path):
    head, folder = sealed
    (folder / "archive" / "checkpoint" / str(head.size)).write_bytes(b"khoosheh.example/office\n1\n")
    assert exported(folder, "--out", tmp_path, "--format", "csv", code=2)["error"]["code"] == "checkpoint_wrong"
