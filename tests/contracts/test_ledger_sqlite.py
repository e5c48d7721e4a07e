"""The suite on SQLite, and what only a file can go wrong in."""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from adapters.ledger_sqlite import SqliteLedger, SqliteReader
from adapters.sqlite_file import is_wal_safe, refuse_network
from ledger.chain import verify_chain
from ledger.entry import Leaf
from ledger.store import LedgerUnusable, Projection
from tests.contracts.ledger_suite import CARPET, LedgerSuite
from tests.contracts.processes_suite import ProcessesSuite, Reopen
from tests.contracts.views_suite import ViewsSuite
from tests.ledger_facts import facts


def refused(path: Path, *, rehearsal: bool = False) -> tuple[str, str]:
    with pytest.raises(LedgerUnusable) as unusable:
        SqliteLedger(path, {}, rehearsal=rehearsal)
    return unusable.value.code, unusable.value.detail


class TestSqliteLedger(LedgerSuite, ViewsSuite, ProcessesSuite):
    @pytest.fixture
    def place(self, tmp_path: Path) -> str:
        return str(tmp_path / "ledger.db")

    @pytest.fixture
    def reopen(self, tmp_path: Path) -> Iterator[Reopen]:
        opened: list[SqliteLedger] = []

        def again(projections: Mapping[str, Projection]) -> SqliteLedger:
            opened.append(SqliteLedger(tmp_path / "ledger.db", projections))
            return opened[-1]

        yield again
        for ledger in opened:
            ledger.close()


class TestRehearsalLedger(LedgerSuite):
    @pytest.fixture
    def reopen(self, tmp_path: Path) -> Iterator[Reopen]:
        opened: list[SqliteLedger] = []

        def again(projections: Mapping[str, Projection]) -> SqliteLedger:
            opened.append(SqliteLedger(tmp_path / "ledger.db", projections, rehearsal=True))
            return opened[-1]

        yield again
        for ledger in opened:
            ledger.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[SqliteLedger]:
    opened = SqliteLedger(path, {})
    yield opened
    opened.close()


def test_facts_that_come_again_are_counted(ledger: SqliteLedger) -> None:
    ledger.append(CARPET, 0, facts(1, 3))
    ledger.append(CARPET, 1, facts(2, 5))
    ledger.append(CARPET, 0, facts(1, 5))
    assert ledger.duplicates == 7


@pytest.mark.parametrize("table", ["entries", "texts"])
@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET digest='x'"])
def test_what_is_sealed_cannot_be_changed_or_deleted(ledger: SqliteLedger, path: Path, table: str, verb: str) -> None:
    ledger.append(CARPET, 0, facts(1, 2))
    ledger.put_text("sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", b"x")
    with sqlite3.connect(path) as raw, pytest.raises(sqlite3.IntegrityError, match="sealed"):
        raw.execute(verb.format(table))
    raw.close()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE entries SET leaf=CAST(replace(CAST(leaf AS TEXT), 'p-91', 'p-92') AS BLOB) WHERE seq={seq}",
        "UPDATE entries SET digest='sha256:0' WHERE seq={seq}",
        "UPDATE entries SET seq=1000-seq WHERE seq IN ({seq}, 5)",
        "UPDATE entries SET leaf=(SELECT leaf FROM entries WHERE seq=5) WHERE seq={seq}",
        "UPDATE entries SET stream='cluster/elsewhere' WHERE seq={seq}",
        "DELETE FROM entries WHERE seq={seq}",
    ],
)
def test_whoever_removes_the_triggers_is_found_in_every_row(ledger: SqliteLedger, path: Path, tampering: str) -> None:
    ledger.append(CARPET, 0, facts(1, 6))
    head = ledger.head(CARPET)
    raw = sqlite3.connect(path, isolation_level=None)
    for verb in ("update", "delete"):
        raw.execute(f"DROP TRIGGER entries_no_{verb}")
    for seq in (1, 2, 3, 4, 6):
        raw.execute("BEGIN")
        raw.execute(tampering.format(seq=seq))
        kept = raw.execute("SELECT leaf, digest FROM entries WHERE stream=? ORDER BY seq", (CARPET,))
        tampered = [Leaf(*row) for row in kept]
        raw.execute("ROLLBACK")
        assert verify_chain(CARPET, tampered) != head
    raw.close()
    assert verify_chain(CARPET, ledger.entries(CARPET)) == head


def test_a_reader_cannot_write(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(CARPET, 0, facts(1, 1))
    reader = SqliteReader(path)
    with reader._engine.connect() as connection, pytest.raises(Exception, match="readonly"):
        connection.exec_driver_sql("DELETE FROM streams")
    assert reader.head(CARPET) == ledger.head(CARPET)
    reader.close()


def test_a_reader_of_nothing_creates_nothing(path: Path) -> None:
    with pytest.raises(LedgerUnusable, match="unreadable"):
        SqliteReader(path)
    assert not path.exists()


def test_a_file_of_somebody_else_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"name,province\ncarpet,07\n" * 100)
    before = path.read_bytes()
    assert refused(path)[0] == "foreign_file"
    assert path.read_bytes() == before
    path.unlink()
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE clusters (name)")
    raw.close()
    before = path.read_bytes()
    assert refused(path)[0] == "foreign_file"
    assert path.read_bytes() == before


def test_a_newer_schema_is_refused_by_its_number(ledger: SqliteLedger, path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE about SET value='99' WHERE name='schema'")
    raw.close()
    code, detail = refused(path)
    assert code == "schema"
    assert "99" in detail
    with pytest.raises(LedgerUnusable, match="99"):
        SqliteReader(path)


@pytest.mark.parametrize("rehearsal", [True, False])
def test_a_rehearsal_is_never_taken_for_the_real_thing(path: Path, rehearsal: bool) -> None:
    SqliteLedger(path, {}, rehearsal=rehearsal).close()
    assert refused(path, rehearsal=not rehearsal)[0] == "rehearsal"
    SqliteLedger(path, {}, rehearsal=rehearsal).close()


def test_a_damaged_file_is_refused(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(CARPET, 0, facts(1, 60))
    ledger.close()
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 20_000] = b"\xff" * 20_000
    path.write_bytes(damaged)
    assert refused(path)[0] in {"damaged", "foreign_file"}


def test_a_network_file_system_is_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    shared = tmp_path / "office share"
    shared.mkdir()
    told = str(shared).replace(" ", r"\040")
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x {told} nfs4 rw 0 0\n")
    refuse_network(tmp_path / "ledger.db", mounts)
    with pytest.raises(LedgerUnusable, match="nfs4"):
        refuse_network(shared / "ledger.db", mounts)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
    ids=str,
)
def test_the_write_ahead_log_is_used_only_where_it_cannot_lose_commits(
    version: tuple[int, int, int], safe: bool
) -> None:
    assert is_wal_safe(version) == safe


@pytest.mark.parametrize(
    ("version", "journal", "synchronous"), [((3, 40, 1), "delete", 3), ((3, 51, 3), "wal", 2)], ids=str
)
def test_commits_are_as_durable_as_the_version_allows(
    path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], journal: str, synchronous: int
) -> None:
    monkeypatch.setattr("adapters.sqlite_file.sqlite3.sqlite_version_info", version)
    ledger = SqliteLedger(path, {})
    with ledger._writer.connect() as connection:
        pragma = connection.exec_driver_sql
        assert pragma("PRAGMA journal_mode").scalar() == journal
        assert pragma("PRAGMA synchronous").scalar() == synchronous
    assert ledger.append(CARPET, 0, facts(1, 2)) == SqliteReader(path).head(CARPET)
    ledger.close()
