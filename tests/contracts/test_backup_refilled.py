"""An older backup and a younger archive together are the office of the last checkpoint, with nothing erased in it."""

import sqlite3
from contextlib import closing

from adapters.ledger_sqlite import SqliteReader
from cli.office import Office
from cli.output import Screen
from cli.sealing import sealing_of
from client.manifest import kept_as, read_manifest, write_manifest
from client.proving import prove
from tests.commanded import Line
from tests.contracts.test_backup import has
from tests.contracts.test_forgetting_commands import seal_of_the_finding
from tests.forgetful import WORDS


def seal(data):
    """The whole log is published and signed."""
    office = Office(data, Screen("en", json=True, quiet=True))
    with office.writing() as ledger:
        return sealing_of(office, ledger).round(again=True)


def test_what_was_erased_after_the_backup_is_erased_when_the_published_log_comes_back(line, tmp_path):
    (line.data / "khoosheh.toml").write_text(f'archive = "{tmp_path / "disk"}"\n', encoding="utf-8")
    seal(line.data)
    kept = line("backup", str(tmp_path / "kept"))
    line("documents", "forget", seal_of_the_finding(line.data)[1], "--reason", "court_order", "--as", "p-0001",
         "--second", "p-0004")  # fmt: skip
    last = seal(line.data)
    line.data.rename(tmp_path / "lost")

    restored = Line(tmp_path / "restored")
    back = restored("restore", str(tmp_path / "kept"))
    assert back["outside"] == kept["outside"] == {"archive": str(tmp_path / "disk")}
    assert has(restored.data, WORDS)
    assert restored("up", "--console", "0", code=3)["error"]["code"] == "ledger_older"
    assert restored("audit", "log", "documents")["entries"] == []
    with closing(SqliteReader(restored.data / "ledger.sqlite")) as older:
        assert older.log_size() == back["entries"], "that somebody looked would have taken another entry's place"
    restored("ledger", "refill")
    assert not has(restored.data, WORDS)
    assert [one["under"] for one in restored("show", "qom-carpet")["erased"]] == [{"stream": "documents", "seq": 1}]
    again = restored("backup", str(tmp_path / "again"))
    assert again["entries"] >= last.size > back["entries"]


def test_a_backup_made_over_to_its_last_byte_is_found_by_the_checkpoint_in_it(line, tmp_path):
    """Ledger and manifest agree with each other; what was signed does not."""
    seal(line.data)
    kept = tmp_path / "kept"
    line("backup", str(kept))
    whole = Line(tmp_path / "whole")
    assert whole("restore", str(kept))["ok"]

    with sqlite3.connect(kept / "ledger.sqlite") as ledger:
        ledger.execute("DROP TRIGGER entries_no_delete")
        ledger.execute("DELETE FROM entries WHERE stream = 'cluster/qom-carpet' AND seq > 2")
        ledger.execute(
            "UPDATE streams SET (seq, digest) = (SELECT seq, digest FROM entries WHERE stream = streams.stream"
            " ORDER BY seq DESC LIMIT 1) WHERE stream = 'cluster/qom-carpet'"
        )
    ledger.close()
    with closing(SqliteReader(kept / "ledger.sqlite")) as altered:
        proved = prove(altered)
    assert proved.findings == []
    manifest = read_manifest(kept)
    files = manifest.files | {"ledger.sqlite": kept_as(kept / "ledger.sqlite")}
    write_manifest(kept, manifest.model_copy(update={"entries": proved.entries, "root": proved.root, "files": files}))
    restored = Line(tmp_path / "restored")
    assert [one["kind"] for one in restored("restore", str(kept), code=1)["findings"]] == ["log_differs"]
    assert not restored.data.exists()
