"""Who may do what in a ledger's database: the owner prepares it, nobody changes what is sealed."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg import errors
from sqlalchemy import create_engine, make_url

from adapters.ledger_postgres import PostgresLedger, PostgresReader
from adapters.postgres_roles import prepare
from adapters.schema import metadata
from ledger.store import LedgerUnusable
from tests.contracts.ledger_suite import CARPET
from tests.ledger_facts import facts
from tests.postgres import Database, Server, program

ROOT = Path(__file__).parents[2]
TABLES = ("entries", "texts")
CHANGES = ("UPDATE {} SET digest = 'x'", "DELETE FROM {}", "TRUNCATE {}")
SEALED = [change.format(table) for table in TABLES for change in CHANGES]
MIGHT = [
    *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in TABLES),
    *(f"DROP TRIGGER {table}_sealed ON {table}" for table in TABLES),
    "ALTER TABLE entries NO FORCE ROW LEVEL SECURITY", "DROP TABLE entries", "UPDATE about SET value = '1'",
    "CREATE TABLE more (n integer)", "CREATE FUNCTION hold_log() RETURNS void LANGUAGE sql AS ''",
    "SET session_replication_role = replica", "SELECT FROM log FOR UPDATE", "DROP FUNCTION refuse_change CASCADE",
    ("INSERT INTO entries (idx, stream, seq, type, leaf, digest, recorded_at, command_id, n, inserted_at) "
    "VALUES (1, 's', 1, 't', '', 'd', 'r', 'c', 1, 'i') ON CONFLICT (idx) DO UPDATE SET digest = 'x'"),
]  # fmt: skip


@pytest.fixture(scope="module")
def database(server: Server) -> Database:
    """With three entries and a text in it, and with a reader and a gateway besides the writer."""
    made = server.database()
    ledger = PostgresLedger(made.writer, {})
    ledger.append(CARPET, 0, facts(1, 3))
    ledger.put_text("sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", b"x")
    ledger.close()
    for kind in ("reader", "gateway"):
        name = f"{made.name}_{kind}"
        server.does(f"CREATE ROLE {name}1 LOGIN PASSWORD 'a-word' IN ROLE {name}")
    return made


def member(server: Server, database: Database, kind: str) -> str:
    return server.address(database.name, f"{database.name}_{kind}1", "a-word")


def kept(server: Server, database: Database) -> list[Any]:
    with psycopg.connect(server.address(database.name)) as connection:
        return connection.execute("SELECT idx, leaf, digest FROM entries ORDER BY idx").fetchall()


@pytest.mark.parametrize("statement", [*SEALED, *MIGHT])
def test_a_writer_can_neither_change_what_is_sealed_nor_what_guards_it(
    server: Server, database: Database, statement: str
) -> None:
    before = kept(server, database)
    with psycopg.connect(database.writer) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.encode())
    assert kept(server, database) == before != []


@pytest.mark.parametrize("statement", SEALED)
def test_triggers_stop_even_the_owner_and_the_superuser_in_a_replicas_session(
    server: Server, database: Database, statement: str
) -> None:
    before = kept(server, database)
    with psycopg.connect(database.owner) as owner, pytest.raises(errors.IntegrityConstraintViolation, match="sealed"):
        owner.execute(statement.encode())
    with psycopg.connect(server.address(database.name)) as superuser:
        superuser.execute("SET session_replication_role = replica")
        with pytest.raises(errors.IntegrityConstraintViolation, match="sealed"):
            superuser.execute(statement.encode())
    assert kept(server, database) == before != []


def test_the_database_gives_the_places_whatever_a_writer_asks_for(server: Server, database: Database) -> None:
    with psycopg.connect(database.writer) as connection:
        connection.execute(
            "INSERT INTO entries (idx, stream, seq, type, leaf, digest, recorded_at, command_id, n, inserted_at) "
            "VALUES (77, 'refusals', 1, 't', '', 'd', 'r', 'c', 1, 'i')"
        )
        assert connection.execute("SELECT max(idx) FROM entries").fetchone() == (4,)
        connection.rollback()


def test_a_reader_reads_and_writes_nothing(server: Server, database: Database) -> None:
    address = member(server, database, "reader")
    reader = PostgresReader(address)
    assert reader.head(CARPET).seq == 3
    assert reader.portfolio() == []
    reader.close()
    with pytest.raises(LedgerUnusable, match="ledger_role"):
        PostgresLedger(address, {})
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in (b"SELECT hold_log('agents')", b"DELETE FROM duties", b"INSERT INTO texts VALUES ('d', '')"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)


def test_a_gateway_appends_to_its_own_streams_only(server: Server, database: Database) -> None:
    ledger = PostgresLedger(member(server, database, "gateway"), {})
    assert ledger.append("accesses", 0, facts(1, 1)).seq == 1
    assert ledger.append("accesses", 1, facts(2, 2)).seq == 2
    for stream, after in ((CARPET, 3), ("cluster/new", 0), ("agents", 0)):
        with pytest.raises(LedgerUnusable, match="ledger_role"):
            ledger.append(stream, after, facts(after + 1, after + 1))
        assert ledger.head(stream).seq == after
    assert ledger.frozen(CARPET) is None
    ledger.close()


def test_the_steps_lead_to_the_tables_that_the_program_reads_and_writes(database: Database) -> None:
    engine = create_engine(make_url(database.owner).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours, "compare_type": differ})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def differ(*given: Any) -> bool:
    """Text sorts by bytes in one database anyway, in the other it says so: what counts is what values are in Python."""
    inspected, meant = given[-2:]
    return inspected.python_type is not meant.python_type


def is_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or name not in {"log", "alembic_version"}


def test_texts_sort_as_they_do_in_a_file(database: Database) -> None:
    with psycopg.connect(database.owner) as connection:
        sorts = connection.execute(
            "SELECT DISTINCT collation_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type = 'text'"
        ).fetchall()
    assert sorts == [("C",)]


def test_preparing_again_changes_nothing_but_a_new_password(server: Server) -> None:
    made = server.database()
    ledger = PostgresLedger(made.writer, {})
    head = ledger.append(CARPET, 0, facts(1, 3))
    ledger.close()
    prepare(made.owner, made.writer)
    changed = made.writer.replace("app-word", "another%3Aword")
    prepare(made.owner, changed)
    with pytest.raises(LedgerUnusable, match="password"):
        PostgresReader(made.writer)
    reader = PostgresReader(changed)
    assert reader.head(CARPET) == head
    reader.close()


def test_an_owner_is_no_writer_and_a_writer_no_owner(server: Server, database: Database) -> None:
    for owner, user, code in (
        (database.owner, database.owner, "ledger_role"),
        (database.writer, member(server, database, "reader"), "ledger_role"),
        (database.owner, server.address("postgres", "somebody", "x"), "ledger_address"),
        (database.owner, "ledger.sqlite", "ledger_address"),
    ):
        with pytest.raises(LedgerUnusable, match=code):
            prepare(owner, user)


def test_an_operator_prepares_the_database_that_settings_name(server: Server, tmp_path: Path) -> None:
    server.does("CREATE ROLE keeper LOGIN CREATEROLE PASSWORD 'k'", "CREATE DATABASE national OWNER keeper")
    (tmp_path / "khoosheh.toml").write_text(f'ledger = "{server.address("national", "worker", "w-word")}"\n')
    owner = {"LEDGER_OWNER": server.address("national", "keeper", "k"), "LC_ALL": "C"}
    for given, code, said in ((owner, 0, "ready"), (owner, 0, "ready"), ({"LC_ALL": "C"}, 2, "LEDGER_OWNER")):
        run = subprocess.run(
            [sys.executable, "deploy/ledger.py", str(tmp_path)], cwd=ROOT, check=False, capture_output=True, text=True,
            env={name: value for name, value in os.environ.items() if name != "LEDGER_OWNER"} | given,
        )  # fmt: skip
        assert (run.returncode, said in run.stdout + run.stderr) == (code, True), run.stderr
        assert "w-word" not in run.stdout + run.stderr
    PostgresLedger(server.address("national", "worker", "w-word"), {}).close()


def test_what_the_compose_file_makes_is_a_database_that_its_owner_prepares(server: Server) -> None:
    environment = {
        "PATH": f"{Path(program('psql')).parent}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1", "PGPORT": str(server.port),
        "PGUSER": "postgres", "PGPASSWORD": server.password,
    }  # fmt: skip
    for word in ("it's", "another"):
        subprocess.run(["deploy/postgres/ledger.sh"], cwd=ROOT, check=True, env=environment | {
            "LEDGER_OWNER_PASSWORD": word,
        })  # fmt: skip
        owner = server.address("khoosheh", "khoosheh_owner", quote(word))
        prepare(owner, server.address("khoosheh", "khoosheh", "app-word"))
    PostgresLedger(server.address("khoosheh", "khoosheh", "app-word"), {}).close()
