"""A backup is the office of one moment, provably whole; what is not whole is never restored."""

import json
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from client import backing_up
from client.backing_up import unfinished
from client.manifest import FILE, files_in, kept_as
from tests.commanded import Line
from tests.contracts.test_forgetting_commands import seal_of_the_finding
from tests.forgetful import WORDS

ROOT = Path(__file__).parents[2]
ERASE = ("--reason", "court_order", "--as", "p-0001", "--second", "p-0004")


def resealed(folder, name):
    """The manifest says that this file has been so all the time."""
    manifest = json.loads((folder / FILE).read_text())
    manifest["files"][name] = kept_as(folder / name).model_dump()
    (folder / FILE).write_text(json.dumps(manifest))


def has(folder, words):
    return any(words.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())


# ---------------------------------------------------------------- there and back


def test_what_comes_back_is_the_office_that_went(line, kept, restored):
    manifest = json.loads((kept / FILE).read_text())
    back = restored("restore", str(kept))
    assert (back["ok"], back["entries"], back["root"]) == (True, manifest["entries"], manifest["root"])
    assert restored("board") | {"known_on": ""} == line("board") | {"known_on": ""}
    assert restored("show", "qom-carpet")["digest"] == line("show", "qom-carpet")["digest"]
    same = set(files_in(restored.data)) - {"ledger.sqlite", "engine.sqlite"}
    assert all((restored.data / name).read_bytes() == (line.data / name).read_bytes() for name in same)
    assert same >= {"keys/office", "archive/tile/0/000", "sent/a.json"}


def test_nothing_that_belongs_to_a_running_office_or_its_signer_goes_along(kept, line, tmp_path):
    there = set(files_in(kept))
    assert not {name for name in there if name.partition("/")[0] in ("run.json", "up.lock", "logs", "signer")}
    assert not {name for name in there if Path(name).name.startswith(".")}
    line("backup", str(tmp_path / "with"), "--with-signer")
    assert "signer/last.json" in files_in(tmp_path / "with")


def test_only_the_owner_can_read_a_backup(kept):
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    modes = {stat.S_IMODE((kept / name).stat().st_mode) for name in files_in(kept) if name != FILE}
    assert modes == {0o600}


def test_the_root_is_that_of_the_whole_log(line, kept):
    """Against the formula of RFC 6962, written out."""
    from hashlib import sha256

    def root(leaves):
        if len(leaves) == 1:
            return sha256(b"\0" + leaves[0]).digest()
        k = 1 << (len(leaves) - 1).bit_length() - 1
        return sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()

    with sqlite3.connect(kept / "ledger.sqlite") as ledger:
        leaves = [row[0] for row in ledger.execute("SELECT leaf FROM entries ORDER BY idx")]
    ledger.close()
    manifest = json.loads((kept / FILE).read_text())
    assert (manifest["entries"], manifest["root"]) == (len(leaves), root(leaves).hex())


def test_no_checkpoint_is_ahead_of_the_ledger_and_no_history_behind_it(line, tmp_path, monkeypatch):
    copied, archive = backing_up._copy_databases, line.data / "archive"

    def _published(*names):
        for name in names:
            (archive / name).parent.mkdir(parents=True, exist_ok=True)
            (archive / name).write_bytes(b"x")

    def _sealed_meanwhile(*given):
        _published("history/0b", "checkpoint/9", "tile/0/000.p/9", "2/checkpoint/9")
        return copied(*given)

    _published("history/0a", "checkpoint/8", "tile/0/000.p/8")
    monkeypatch.setattr(backing_up, "_copy_databases", _sealed_meanwhile)
    line("backup", str(tmp_path / "kept"))
    assert set(files_in(tmp_path / "kept" / "archive")) == {
        "history/0a", "history/0b", "checkpoint/8", "tile/0/000.p/8"
    }  # fmt: skip


def test_what_lies_elsewhere_is_named(line, tmp_path):
    (tmp_path / "disk").mkdir()
    (line.data / "archive").symlink_to(tmp_path / "disk")
    told = line("backup", str(tmp_path / "kept"))
    assert told["outside"] == {"archive": str(tmp_path / "disk")}


# ---------------------------------------------------------------- what is not whole


@pytest.mark.parametrize("name", ["ledger.sqlite", "engine.sqlite", "keys/office", "archive/tile/0/000"])
@pytest.mark.parametrize("harm", ["missing", "changed", "unlisted"])
def test_a_backup_that_is_not_what_it_was_is_not_restored(kept, restored, name, harm):
    place = kept / name
    if harm == "missing":
        place.unlink()
    elif harm == "changed":
        whole = bytearray(place.read_bytes())
        whole[len(whole) // 2] ^= 1
        place.write_bytes(whole)
    else:
        place.with_name("planted").write_bytes(b"x")
    told = restored("restore", str(kept), code=1)
    assert not told["ok"]
    assert [one["kind"] for one in told["findings"]] == [harm]
    assert not restored.data.exists()
    assert not unfinished(restored.data).exists()


def test_nothing_is_written_before_every_file_is_checked(kept, restored, monkeypatch):
    (kept / "keys/office").write_bytes(b"another")
    monkeypatch.setattr("client.restoring.shutil.copytree", lambda *_, **__: 1 / 0)
    assert restored("restore", str(kept), code=1)["findings"] == [
        {"file": "keys/office", "kind": "changed", "detail": ""}
    ]


def test_a_ledger_that_was_altered_under_a_new_manifest_is_found_by_its_chain(kept, restored):
    with sqlite3.connect(kept / "ledger.sqlite") as ledger:
        ledger.execute("DROP TRIGGER entries_no_update")
        ledger.execute("UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), 'p-0009', 'p-0010') AS BLOB)")
    ledger.close()
    resealed(kept, "ledger.sqlite")
    told = restored("restore", str(kept), code=1)
    assert {one["kind"] for one in told["findings"]} >= {"wrong_digest"}
    assert not restored.data.exists()


def test_a_ledger_whose_tail_was_cut_under_a_new_manifest_is_found_by_the_root(kept, restored):
    with sqlite3.connect(kept / "ledger.sqlite") as ledger:
        ledger.execute("DROP TRIGGER entries_no_delete")
        ledger.execute("DELETE FROM entries WHERE stream = 'directory'")
        ledger.execute("DELETE FROM streams WHERE stream = 'directory'")
    ledger.close()
    resealed(kept, "ledger.sqlite")
    assert [one["kind"] for one in restored("restore", str(kept), code=1)["findings"]] == ["root"]


@pytest.mark.parametrize("harm", ["none", "cut", "other"])
def test_a_folder_that_is_no_finished_backup_is_refused(kept, restored, harm):
    if harm == "none":
        (kept / FILE).unlink()
    elif harm == "cut":
        (kept / FILE).write_bytes((kept / FILE).read_bytes()[:-40])
    else:
        (kept / FILE).write_text("{}")
    assert restored("restore", str(kept), code=2)["error"]["code"] == "backup_unfinished"
    assert restored("restore", str(kept / "nowhere"), code=2)["error"]["code"] == "backup_missing"
    assert not restored.data.exists()


def test_an_office_that_is_there_is_never_written_over(line, kept):
    before = kept_files(line.data)
    assert line("restore", str(kept), code=2)["error"]["code"] == "not_empty"
    assert kept_files(line.data) == before


def kept_files(folder):
    return {name: (folder / name).read_bytes() for name in files_in(folder)}


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_both_are_told_in_both_languages(line, kept, restored, lang, tmp_path):
    told = line("backup", str(tmp_path / "again"), lang=lang)
    root = json.loads((tmp_path / "again" / FILE).read_text())["root"]
    assert root in told
    assert root in restored("restore", str(tmp_path / "again"), lang=lang)


# ---------------------------------------------------------------- where it goes


def test_a_backup_goes_into_a_new_folder_outside_the_office(line, kept):
    assert line("backup", str(kept), code=2)["error"]["code"] == "not_empty"
    assert line("backup", str(line.data / "kept"), code=2)["error"]["code"] == "inside"
    assert Line(line.data / "nothing")("backup", str(kept), code=3)["error"]["code"] == "no_office"


def test_a_database_that_cannot_be_copied_is_told_as_what_it_is(kept, line, tmp_path):
    (line.data / "engine.sqlite").write_bytes(b"no database at all")
    assert line("backup", str(tmp_path / "again"), code=3)["error"]["code"] == "unreadable"
    assert not (tmp_path / "again").exists()


def test_two_backups_do_not_write_one_folder(line, tmp_path):
    import fcntl

    made = unfinished(tmp_path / "kept")
    made.mkdir()
    opened = os.open(made, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        assert line("backup", str(tmp_path / "kept"), code=2)["error"]["code"] == "backup_busy"
    finally:
        os.close(opened)
    assert line("backup", str(tmp_path / "kept"))["ok"]


# ---------------------------------------------------------------- erased


def test_what_the_record_says_is_erased_does_not_come_back(line, restored, tmp_path):
    """The value is in the backup all the same: a kill had left it in the office."""
    _, seal = seal_of_the_finding(line.data)
    file = next((line.data / "documents").rglob(seal.partition(":")[2]))
    value = file.read_bytes()
    line("documents", "forget", seal, *ERASE)
    file.write_bytes(value)
    line("backup", str(tmp_path / "kept"))
    assert has(tmp_path / "kept", WORDS)
    assert restored("restore", str(tmp_path / "kept"))["erased"] == 1
    assert not has(restored.data, WORDS)


@pytest.mark.parametrize("newer", ["office", "later"])
def test_what_was_erased_after_the_backup_is_erased_by_a_newer_record(line, kept, restored, newer, tmp_path):
    assert has(kept, WORDS)
    line("documents", "forget", seal_of_the_finding(line.data)[1], *ERASE)
    line("backup", str(tmp_path / "later"))
    place = line.data if newer == "office" else tmp_path / "later"
    assert restored("restore", str(kept), "--newer", str(place))["erased"] == 1
    assert not has(restored.data, WORDS)


def test_what_is_erased_while_the_backup_runs_is_erased_in_it(line, tmp_path, monkeypatch):
    mirrored = backing_up._mirrored

    def _forgotten_meanwhile(*given):
        monkeypatch.undo()
        found = mirrored(*given)
        line("documents", "forget", seal_of_the_finding(line.data)[1], *ERASE)
        return found

    monkeypatch.setattr(backing_up, "_mirrored", _forgotten_meanwhile)
    line("backup", str(tmp_path / "kept"))
    assert not has(tmp_path / "kept", WORDS)
    with sqlite3.connect(tmp_path / "kept" / "ledger.sqlite") as ledger:
        assert ledger.execute("SELECT type FROM entries WHERE stream = 'documents'").fetchall() == [
            ("document.forgotten",)
        ]
    ledger.close()
