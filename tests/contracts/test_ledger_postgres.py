"""The suite on PostgreSQL, and what only a server can go wrong in."""

import threading
from collections.abc import Iterator, Mapping, Sequence

import psycopg
import pytest

from adapters.ledger_postgres import PostgresLedger, PostgresReader
from domain.recording import Fact
from ledger.chain import verify_chain
from ledger.office import LedgerMoved
from ledger.store import LedgerConflict, LedgerUnusable, Prior, Projected, Projection
from tests.contracts.ledger_suite import CARPET, LedgerSuite
from tests.contracts.processes_suite import ProcessesSuite, Reopen
from tests.contracts.views_suite import ViewsSuite
from tests.ledger_facts import fact, facts
from tests.postgres import Database, Server

TEXT = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", b"x"
WRONG = "postgresql://office:pa/ss@host/office"


@pytest.fixture
def database(server: Server) -> Database:
    return server.database()


@pytest.fixture
def ledger(database: Database) -> Iterator[PostgresLedger]:
    opened = PostgresLedger(database.writer, {})
    yield opened
    opened.close()


def refused(address: str, *, rehearsal: bool = False) -> tuple[str, str]:
    with pytest.raises(LedgerUnusable) as unusable:
        PostgresLedger(address, {}, rehearsal=rehearsal)
    return unusable.value.code, unusable.value.detail


class TestPostgresLedger(LedgerSuite, ViewsSuite, ProcessesSuite):
    @pytest.fixture
    def place(self, database: Database) -> str:
        return database.writer

    @pytest.fixture
    def reopen(self, database: Database) -> Iterator[Reopen]:
        opened: list[PostgresLedger] = []

        def again(projections: Mapping[str, Projection]) -> PostgresLedger:
            opened.append(PostgresLedger(database.writer, projections))
            return opened[-1]

        yield again
        for ledger in opened:
            ledger.close()


def test_a_reader_cannot_write(database: Database, ledger: PostgresLedger) -> None:
    reader = PostgresReader(database.writer)
    with reader._engine.connect() as connection, pytest.raises(Exception, match="read-only"):
        connection.exec_driver_sql("DELETE FROM streams")
    reader.close()


def test_commits_are_durable_whatever_the_database_says_by_default(server: Server, database: Database) -> None:
    server.does(f"ALTER DATABASE {database.name} SET synchronous_commit = off",
                f"ALTER DATABASE {database.name} SET default_transaction_isolation = serializable")  # fmt: skip
    ledger = PostgresLedger(database.writer, {})
    with ledger._writer.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
    ledger.close()


def test_a_server_that_may_forget_what_it_committed_is_refused(server: Server, database: Database) -> None:
    server.does("ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
    code, detail = "", ""
    while not code:  # the reload reaches each connection when it comes to it
        with psycopg.connect(database.writer) as connection:
            if connection.execute("SHOW full_page_writes").fetchone() == ("off",):
                code, detail = refused(database.writer)
    server.does("ALTER SYSTEM RESET full_page_writes", "SELECT pg_reload_conf()")
    assert (code, "full_page_writes" in detail) == ("journal", True)


def test_what_cannot_be_opened_says_why_and_never_the_password(server: Server, database: Database) -> None:
    empty = server.address(user="postgres")
    elsewhere = database.writer.replace(str(server.port), "1")
    mistyped = database.writer.replace("app-word", "wrong-word")
    found = {name: refused(address) for name, address in (
        ("empty", empty), ("elsewhere", elsewhere), ("mistyped", mistyped), ("wrong", WRONG),
        ("nowhere", database.writer.replace(f"/{database.name}", "/nowhere")), ("owner", database.owner),
    )}  # fmt: skip
    assert {name: code for name, (code, _) in found.items()} == {
        "empty": "ledger_unprepared", "elsewhere": "ledger_unreachable", "mistyped": "ledger_unreachable",
        "wrong": "ledger_address", "nowhere": "ledger_unreachable", "owner": "ledger_role",
    }  # fmt: skip
    said = " ".join(detail for _, detail in found.values())
    assert not any(secret in said for secret in (server.password, "-word", "pa/ss", "ss@host"))
    assert "password authentication failed" in found["mistyped"][1]


@pytest.mark.parametrize(("schema", "code"), [("0", "ledger_unprepared"), ("99", "schema")])
def test_another_schema_is_refused_by_its_number(database: Database, schema: str, code: str) -> None:
    with psycopg.connect(database.owner) as owner:
        owner.execute("UPDATE about SET value = %s WHERE name = 'schema'", [schema])
    found, detail = refused(database.writer)
    assert (found, schema in detail) == (code, True)


def test_a_rehearsal_is_never_taken_for_the_real_thing(database: Database) -> None:
    assert refused(database.writer, rehearsal=True)[0] == "rehearsal"


def test_a_server_that_is_away_is_told_and_found_again(database: Database, server: Server) -> None:
    ledger = PostgresLedger(database.writer, {})
    head = ledger.append(CARPET, 0, facts(1, 2))
    server.stop()
    for _ in range(2):
        with pytest.raises(LedgerUnusable, match="ledger_unreachable"):
            ledger.append(CARPET, 2, facts(3, 3))
        with pytest.raises(LedgerUnusable, match="ledger_unreachable"):
            ledger.head(CARPET)
    server.start()
    assert ledger.head(CARPET) == head
    # The connection that was lost meanwhile is found out by the first who takes it.
    assert ledger.append(CARPET, 2, facts(3, 3)).seq == 3
    ledger.close()


def test_what_was_acknowledged_outlives_the_server(server: Server, database: Database) -> None:
    ledger = PostgresLedger(database.writer, {})
    for _ in range(3):
        acknowledged, enough = [ledger.head(CARPET).seq], threading.Event()

        def appending(acknowledged: list[int] = acknowledged, enough: threading.Event = enough) -> None:
            while True:
                after = acknowledged[-1]
                try:
                    acknowledged.append(ledger.append(CARPET, after, facts(after + 1, after + 1)).seq)
                except LedgerUnusable:
                    enough.set()
                    return
                if len(acknowledged) > 30:
                    enough.set()

        thread = threading.Thread(target=appending)
        thread.start()
        assert enough.wait(60)
        server.stop()
        thread.join(60)
        server.start()
        entries = ledger.entries(CARPET)
        assert verify_chain(CARPET, entries) == ledger.head(CARPET)
        assert len(entries) - acknowledged[-1] in {0, 1}
        after = acknowledged[-1]
        assert ledger.append(CARPET, after, facts(after + 1, after + 1)).seq == after + 1
    ledger.close()


def test_a_head_that_another_process_has_moved_is_not_believed(database: Database, ledger: PostgresLedger) -> None:
    other = PostgresLedger(database.writer, {})
    ledger.append(CARPET, 0, facts(1, 2))
    third = other.append(CARPET, 2, facts(3, 3))
    with pytest.raises(LedgerMoved):
        ledger.extend(CARPET, 2, facts(3, 3))
    assert ledger.append(CARPET, 2, facts(3, 3)) == third
    assert ledger.append(CARPET, 3, facts(4, 4)).seq == 4
    other.append(CARPET, 4, facts(5, 5, other=1))
    with pytest.raises(LedgerConflict):
        ledger.append(CARPET, 4, facts(5, 5))
    with pytest.raises(LedgerConflict):
        other.append(CARPET, 5, facts(6, 6))
    ledger.release(CARPET)
    assert other.append(CARPET, 5, facts(6, 6)).seq == 6
    assert verify_chain(CARPET, ledger.entries(CARPET)) == ledger.head(CARPET)
    other.close()


def test_a_conflict_is_told_before_what_the_projection_makes_of_it(database: Database) -> None:
    def cannot(stream: str, prior: Prior, facts: Sequence[Fact], text: object) -> Projected:
        if facts[-1].seq > 2:
            raise ZeroDivisionError
        return Projected(b"{}", (), 1)

    ledger = PostgresLedger(database.writer, {"cluster/": cannot})
    ledger.append(CARPET, 0, facts(1, 2))
    with pytest.raises(ZeroDivisionError):
        ledger.append(CARPET, 2, facts(3, 3))
    with pytest.raises(LedgerConflict):
        ledger.append(CARPET, 2, [fact(3).model_copy(update={"command": fact(1).command})])
    assert ledger.frozen(CARPET) == 3
    ledger.close()
