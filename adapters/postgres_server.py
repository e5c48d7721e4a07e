"""Opening a ledger on a PostgreSQL server so that what is committed stays: or refusing to, with the reason.

Sources: postgresql.org/docs/current, wal-async-commit, runtime-config-client and libpq-connect.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url, select, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.pool import NullPool

from adapters import view_tables  # noqa: F401 — its tables join the metadata
from adapters.schema import VERSION, about
from ledger.place import is_address, shown
from ledger.store import LedgerUnusable

logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of what it raises as well

FAULTS = {
    "42P01": "ledger_unprepared",  # there is no such table
    "42883": "ledger_unprepared",  # or no such function
    "42501": "ledger_role",
}
"""What to mend, by the SQLSTATE of PostgreSQL."""

SESSION = {
    "timezone": "UTC",
    "default_transaction_isolation": r"read\ committed",
    # Longer waits are an outage, which whoever asked is told; the next try begins anew.
    "lock_timeout": "10s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
}
WRITING = SESSION | {"synchronous_commit": "on"}
READING = SESSION | {"default_transaction_read_only": "on"}

NETWORK = {"connect_timeout": 4, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 15_000}
"""Seconds, and milliseconds of the last: so long a server may be silent before it counts as gone."""


def writing(address: str, *, rehearsal: bool = False) -> Engine:
    """An engine with one connection, of a user who may append and may not change what is sealed.

    The database is prepared, of our schema version, and its commits survive a power cut. Raises LedgerUnusable.
    """
    engine = _engine(address, WRITING, pool_size=1, max_overflow=0)
    try:
        with engine.connect() as connection:
            _check(connection, address)
            _refuse_other_kind(connection, address, rehearsal=rehearsal)
            _refuse_forgetful(connection, address)
            _refuse_mighty(connection, address)
    except BaseException:
        engine.dispose()
        raise
    return engine


def reading(address: str) -> Engine:
    """An engine that can only read, each statement for itself: it sees whole committed batches. LedgerUnusable."""
    engine = _engine(address, READING, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, pool_pre_ping=True)
    try:
        with engine.connect() as connection:
            _check(connection, address)
    except BaseException:
        engine.dispose()
        raise
    return engine


def owning(address: str) -> Engine:
    """An engine for whoever prepares the database. Raises LedgerUnusable, here and when it cannot be reached."""
    return _engine(address, {"timezone": "UTC", "lock_timeout": "30s"}, poolclass=NullPool)


@contextmanager
def told(connection: Connection, driver: psycopg.Connection[Any], address: str) -> Iterator[None]:
    """What goes wrong in the driver itself inside is told as what goes wrong in the engine is."""
    try:
        yield
    except psycopg.Error as fault:
        if driver.closed and not connection.invalidated:
            connection.invalidate(fault)
        _raise(fault, address, is_lost=driver.closed)
        raise


def _engine(address: str, session: dict[str, str], **options: Any) -> Engine:
    if not is_address(address):
        raise LedgerUnusable("ledger_address", shown(address))
    settings = " ".join(f"-c {name}={value}" for name, value in session.items())
    engine = create_engine(
        make_url(address).set(drivername="postgresql+psycopg"),
        connect_args={"options": settings, "application_name": "khoosheh", "prepare_threshold": 1} | NETWORK,
        json_serializer=lambda value: orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode(),
        hide_parameters=True,
        **options,
    )

    @event.listens_for(engine, "handle_error")
    def _say(context: ExceptionContext) -> None:
        # The pool asks whether a connection is still there; a "no" only makes it take another.
        if not context.is_pre_ping:
            _raise(context.original_exception, address, is_lost=context.is_disconnect)

    return engine


def _raise(fault: BaseException, address: str, *, is_lost: bool) -> None:
    """LedgerUnusable, when the fault is the server's or its keeper's and not ours."""
    code = FAULTS.get(getattr(fault, "sqlstate", None) or "")
    if code is None and (is_lost or isinstance(fault, psycopg.OperationalError)):
        code = "ledger_unreachable"
    if code is not None:
        raise LedgerUnusable(code, f"{shown(address)}: {str(fault).partition(chr(10))[0]}") from None


def _check(connection: Connection, address: str) -> None:
    have = int(_about(connection, "schema"))
    if have < VERSION:
        raise LedgerUnusable("ledger_unprepared", f"{shown(address)} has schema {have}, this program needs {VERSION}")
    if have > VERSION:
        raise LedgerUnusable("schema", f"{shown(address)} has schema {have}, this program knows {VERSION}")


def _refuse_other_kind(connection: Connection, address: str, *, rehearsal: bool) -> None:
    if _about(connection, "rehearsal") != str(rehearsal).lower():
        raise LedgerUnusable("rehearsal", f"{shown(address)} is {'not ' if rehearsal else ''}a rehearsal")


def _refuse_forgetful(connection: Connection, address: str) -> None:
    for setting in ("fsync", "full_page_writes"):
        if connection.scalar(text(f"SHOW {setting}")) != "on":
            raise LedgerUnusable("journal", f"{shown(address)} runs with {setting} off")


def _refuse_mighty(connection: Connection, address: str) -> None:
    """Nothing, unless this user could change what is sealed, or may not append."""
    mighty = "has_table_privilege('entries', 'UPDATE, DELETE, TRUNCATE, TRIGGER')"
    row = connection.execute(text(f"SELECT has_table_privilege('entries', 'INSERT') AS may, {mighty} AS more")).one()
    if row.more or not row.may:
        raise LedgerUnusable("ledger_role", shown(address))


def _about(connection: Connection, name: str) -> str:
    return str(connection.scalar(select(about.c.value).where(about.c.name == name)))
