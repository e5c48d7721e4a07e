"""A ledger on a server is backed up into a file that proves itself, and goes back into a file or another database."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from adapters.documents import DocumentFolder
from adapters.ledger_copy import copy_ledger
from adapters.ledger_postgres import PostgresLedger
from adapters.ledger_sqlite import SqliteReader
from client.manifest import FILE
from client.proving import prove
from domain.rulebook import content_of, unpack
from ledger.projections import PROJECTIONS
from tests.commanded import SHEET, Line, opened_cluster
from tests.forgetful import WORDS
from tests.ledger_facts import facts
from tests.postgres import Database, Server, serving
from tests.workflow.office import RULEBOOK


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


@pytest.fixture
def database(server: Server) -> Database:
    return server.database()


@pytest.fixture
def on_server(database, tmp_path):
    """The office of the other tests, its ledger in the database."""
    data = tmp_path / "office"
    data.mkdir()
    (data / "khoosheh.toml").write_text(f'ledger = "{database.writer}"\n', encoding="utf-8")
    with closing(PostgresLedger(database.writer, PROJECTIONS)) as ledger:
        ledger.put_text(unpack(RULEBOOK).digest, content_of(RULEBOOK))
        asyncio.run(opened_cluster(ledger, DocumentFolder(data / "documents").put(WORDS)))
    (tmp_path / "people.csv").write_text(SHEET, encoding="utf-8")
    line = Line(data)
    line("directory", "import", str(tmp_path / "people.csv"))
    line("backup", str(tmp_path / "kept"))
    return line


def without(shown):
    """What an office shows, but for the moment at which it was asked."""
    return {key: value for key, value in shown.items() if key != "known_on"}


@pytest.mark.parametrize("to", ["file", "database"])
def test_it_goes_back_into_a_file_or_a_database(on_server, server, tmp_path, monkeypatch, to):
    manifest = json.loads((tmp_path / "kept" / FILE).read_text())
    other = server.database()
    monkeypatch.setenv("KHOOSHEH_LEDGER", "ledger.sqlite" if to == "file" else other.writer)
    restored = Line(tmp_path / "restored")
    back = restored("restore", str(tmp_path / "kept"))
    assert (back["entries"], back["root"]) == (manifest["entries"], manifest["root"])
    assert (restored.data / "ledger.sqlite").exists() == (to == "file")
    assert restored("directory", "list")["people"]
    shown = without(restored("board")), restored("show", "qom-carpet")["digest"]
    monkeypatch.delenv("KHOOSHEH_LEDGER")
    assert shown == (without(on_server("board")), on_server("show", "qom-carpet")["digest"])


def test_an_office_moves_from_a_file_to_a_server(line, server, tmp_path, monkeypatch):
    kept, shown = line("backup", str(tmp_path / "kept")), line("show", "qom-carpet")["digest"]
    monkeypatch.setenv("KHOOSHEH_LEDGER", server.database().writer)
    moved = Line(tmp_path / "moved")
    back = moved("restore", str(tmp_path / "kept"))
    assert (back["entries"], back["root"]) == (kept["entries"], kept["root"])
    assert moved("show", "qom-carpet")["digest"] == shown
    assert not (moved.data / "ledger.sqlite").exists()


def test_what_was_restored_into_a_database_can_be_appended_to(on_server, server, tmp_path, monkeypatch):
    monkeypatch.setenv("KHOOSHEH_LEDGER", server.database().writer)
    restored = Line(tmp_path / "restored")
    before = restored("restore", str(tmp_path / "kept"))["entries"]
    restored("directory", "forget", "p-0007", "--reason", "request", "--as", "p-0001", "--second", "p-0004")
    assert restored("backup", str(tmp_path / "again"))["entries"] == before + 2  # and who took a backup


def test_a_database_that_holds_another_ledger_is_not_written_to(on_server, server, tmp_path, monkeypatch):
    other = server.database()
    with closing(PostgresLedger(other.writer, {})) as ledger:
        head = ledger.append("notes", 0, facts(1, 2))
    monkeypatch.setenv("KHOOSHEH_LEDGER", other.writer)
    restored = Line(tmp_path / "restored")
    assert restored("restore", str(tmp_path / "kept"), code=3)["error"]["code"] == "ledger_not_empty"
    assert not restored.data.exists()
    with closing(PostgresLedger(other.writer, {})) as ledger:
        assert ledger.streams() == [("notes", head)]


def test_a_restore_killed_after_the_database_was_filled_is_begun_again(on_server, server, tmp_path, monkeypatch):
    monkeypatch.setenv("KHOOSHEH_LEDGER", server.database().writer)
    restored = Line(tmp_path / "restored")
    with monkeypatch.context() as dying:
        dying.setattr("client.restoring.give_name", lambda *_: (_ for _ in ()).throw(SystemExit(1)))
        restored("restore", str(tmp_path / "kept"), code=1, silent=True)
    assert not restored.data.exists()
    assert restored("restore", str(tmp_path / "kept"))["ok"]


def test_the_copy_is_of_the_moment_at_which_nobody_appended(database, tmp_path):
    """Somebody appends all the time; the copy has what was sealed then, and nothing of later."""
    to, stop = tmp_path / "ledger.sqlite", threading.Event()

    def _append():
        with closing(PostgresLedger(database.writer, {})) as ledger:
            while not stop.is_set():
                after = ledger.head("notes").seq
                ledger.append("notes", after, facts(after + 1, after + 1))

    with psycopg.connect(database.writer, autocommit=True) as looking:

        def _count():
            return looking.execute("SELECT count(*) FROM entries").fetchall()[0][0]

        appending = threading.Thread(target=_append)
        appending.start()
        seen: list[int] = []
        try:
            while _count() < 20:
                pass
            copy_ledger(database.writer, to, lambda: seen.extend(_count() for _ in range(50)))
            while _count() < seen[-1] + 5:
                pass
        finally:
            stop.set()
            appending.join()
    with closing(SqliteReader(to)) as copy:
        proved = prove(copy)
    assert set(seen) == {proved.entries}
    assert proved.findings == []
