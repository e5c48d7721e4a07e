"""A database made ready for a ledger by its owner: the schema of this version, and who may do what in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import URL, Connection, make_url, text

from adapters import postgres_server
from adapters.schema import entries, snapshots, streams, texts
from adapters.view_tables import VIEWS, bodies, people, refusals
from ledger.place import is_address, shown
from ledger.store import LedgerUnusable

MIGRATIONS = Path(__file__).parent / "migrations"

WRITER, GATEWAY, READER = "writer", "gateway", "reader"
"""Groups of the database, each named after it: `office_writer` in the database `office`."""

GATEWAY_STREAMS = ("accesses", "directory", "exports", "refusals")
"""What people's browsers and command lines may reach without a workflow (design, ledger §1)."""

GRANTS: dict[str, dict[str, tuple[str, ...]]] = {
    WRITER: {
        "INSERT": (entries.name, texts.name),
        "INSERT, UPDATE": (streams.name, snapshots.name),
        "INSERT, UPDATE, DELETE": tuple(VIEWS),
    },
    GATEWAY: {
        "INSERT": (entries.name,),
        "INSERT, UPDATE": (streams.name, snapshots.name),
        "INSERT, UPDATE, DELETE": (bodies.name, people.name, refusals.name),
    },
    READER: {},
}
"""Beyond reading, which all may."""


def prepare(owner: str, user: str) -> None:
    """The database of the address `owner` has the schema of this version, and the user of `user` appends to it.

    That user is made when there is none, and has the password of the address. Again, nothing changes. Raises
    LedgerUnusable; then nothing has changed.
    """
    for address in (owner, user):
        if not is_address(address):
            raise LedgerUnusable("ledger_address", shown(address))
    engine = postgres_server.owning(owner)
    try:
        with engine.begin() as connection:
            _migrate(connection)
            _form_groups(connection, str(engine.url.database))
            _admit(connection, engine.url, user)
    finally:
        engine.dispose()


def _migrate(connection: Connection) -> None:
    steps = Config()
    steps.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    steps.attributes["connection"] = connection
    command.upgrade(steps, "head")


def _form_groups(connection: Connection, database: str) -> None:
    _do(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    _do(connection, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for kind, grants in GRANTS.items():
        group = f"{database}_{kind}"
        if not _exists(connection, group):
            _do(connection, "CREATE ROLE {} NOLOGIN", group)
        _do(connection, "GRANT CONNECT ON DATABASE {} TO {}", database, group)
        _do(connection, "GRANT USAGE ON SCHEMA public TO {}", group)
        _do(connection, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}", group)
        for verbs, tables in grants.items():
            for table in tables:
                _do(connection, f"GRANT {verbs} ON {{}} TO {{}}", table, group)
        if grants:
            _do(connection, "GRANT EXECUTE ON FUNCTION hold_log, hold_log_at TO {}", group)
    _hold_to_streams(connection, f"{database}_{GATEWAY}")


def _hold_to_streams(connection: Connection, group: str) -> None:
    """Members of the group write in their streams only."""
    within = ", ".join(f"'{stream}'" for stream in GATEWAY_STREAMS)
    for table in (entries, streams, snapshots):
        for verb in ("INSERT", "UPDATE"):
            policy = f"held_to_streams_{verb.lower()}"
            _do(connection, "DROP POLICY IF EXISTS {} ON {}", policy, table.name)
            _do(connection, f"CREATE POLICY {{}} ON {{}} AS RESTRICTIVE FOR {verb} TO {{}} "
                            f"WITH CHECK (stream IN ({within}))", policy, table.name, group)  # fmt: skip


def _admit(connection: Connection, owner: URL, user: str) -> None:
    given = make_url(user)
    name = given.username
    if not name or given.database != owner.database:
        raise LedgerUnusable("ledger_address", shown(user))
    if name == owner.username:
        raise LedgerUnusable("ledger_role", shown(user))
    if not _exists(connection, name):
        _do(connection, "CREATE ROLE {} LOGIN", name)
    if given.password is not None:
        # Made unreadable here, because statements end in the logs of the server.
        driver: Any = connection.connection.driver_connection
        secret = driver.pgconn.encrypt_password(str(given.password).encode(), name.encode(), b"scram-sha-256")
        _do(connection, "ALTER ROLE {} PASSWORD " + f"'{secret.decode()}'", name)
    _do(connection, "GRANT {} TO {}", f"{owner.database}_{WRITER}", name)


def _exists(connection: Connection, role: str) -> bool:
    return connection.scalar(text("SELECT true FROM pg_roles WHERE rolname = :role"), {"role": role}) is not None


def _do(connection: Connection, statement: str, *names: str) -> None:
    composed = sql.SQL(statement).format(*map(sql.Identifier, names))
    connection.exec_driver_sql(composed.as_string(None), execution_options={"no_parameters": True})
