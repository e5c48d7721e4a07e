"""Opening a ledger file in SQLite so that what is committed stays: or refusing to, with the reason.

Sources: sqlite.org/wal.html (the WAL-reset bug), sqlite.org/howtocorrupt.html (network file systems).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool, StaticPool

from adapters import view_tables  # noqa: F401 — its tables join the metadata
from adapters.schema import SEALED, VERSION, about, metadata
from ledger.store import LedgerUnusable

OURS = 0x4B485348
"""`KHSH` in the file's header (application_id): whose file it is."""

BUSY_SECONDS = 30.0

NETWORKED = frozenset(
    {
        *("9p", "afs", "ceph", "cifs", "drvfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2"),
        *("smb3", "smbfs", "vboxsf"),
        *("fuse.ceph", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"),
    }
)
"""File systems whose locks SQLite cannot rely on."""


def writing(path: Path, *, rehearsal: bool) -> Engine:
    """An engine with one connection whose transactions begin by taking the write lock.

    The file exists, is ours, sound, of our schema version, and its commits survive a power cut (unless it
    is a rehearsal). Raises LedgerUnusable.
    """
    refuse_network(path)
    engine = _engine(f"file:{_uri(path)}?mode=rwc", poolclass=StaticPool)

    @event.listens_for(engine, "begin")
    def _lock_first(connection: Connection) -> None:
        # A transaction that starts by reading cannot become a writer once another has written.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.begin() as connection:
            _claim(connection, path, rehearsal=rehearsal)
        _make_durable(engine, rehearsal=rehearsal)
    except DatabaseError as fault:
        engine.dispose()
        raise LedgerUnusable("foreign_file", f"{path}: {fault.orig}") from None
    except LedgerUnusable:
        engine.dispose()
        raise
    return engine


def reading(path: Path) -> Engine:
    """An engine that can only read, each statement for itself: it sees whole committed batches."""
    engine = _engine(f"file:{_uri(path)}?mode=ro", poolclass=QueuePool)
    try:
        with engine.connect() as connection:
            _refuse_foreign(connection, path)
            _refuse_newer(connection, path)
    except DatabaseError as fault:
        engine.dispose()
        raise LedgerUnusable("unreadable", f"{path}: {fault.orig}") from None
    return engine


def is_wal_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug: 3.7.0 to 3.51.2, mended in 3.44.6 and 3.50.7 too."""
    line = version[:2]
    return version >= (3, 51, 3) or (line == (3, 50) and version >= (3, 50, 7)) or (
        line == (3, 44) and version >= (3, 44, 6)
    )  # fmt: skip


def refuse_network(path: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """Nothing, unless `path` lies on a network file system; without a list of mounts we cannot tell."""
    if not mounts.exists():
        return
    folder = path.resolve().parent
    longest, kind = -1, ""
    for line in mounts.read_text(errors="replace").splitlines():
        point, kind_here = line.split(" ")[1:3]
        point = point.encode("latin-1", "replace").decode("unicode_escape")
        if folder.is_relative_to(point) and len(point) >= longest:
            longest, kind = len(point), kind_here
    if kind in NETWORKED:
        raise LedgerUnusable("network_file_system", f"{path} lies on {kind}")


def _uri(path: Path) -> str:
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _engine(uri: str, **options: Any) -> Engine:
    def _connect() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None)

    engine = create_engine(
        "sqlite://",
        creator=_connect,
        json_serializer=lambda value: orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode(),
        **options,
    )

    @event.listens_for(engine, "connect")
    def _trust_nothing(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.execute("PRAGMA trusted_schema=OFF")

    return engine


def _claim(connection: Connection, path: Path, *, rehearsal: bool) -> None:
    """The file is ours: it was, or it was empty and is made so."""
    if connection.exec_driver_sql("PRAGMA application_id").scalar() == 0 and not inspect(connection).get_table_names():
        connection.exec_driver_sql(f"PRAGMA application_id={OURS}")
        metadata.create_all(connection)
        seal_tables(connection)
        what = {"schema": str(VERSION), "rehearsal": str(rehearsal).lower()}
        connection.execute(insert(about), [{"name": name, "value": value} for name, value in what.items()])
    _refuse_foreign(connection, path)
    _refuse_newer(connection, path)
    if _about(connection, "rehearsal") != str(rehearsal).lower():
        raise LedgerUnusable("rehearsal", f"{path} is {'not ' if rehearsal else ''}a rehearsal")
    flaws = connection.exec_driver_sql("PRAGMA quick_check").scalars().all()
    if flaws != ["ok"]:
        raise LedgerUnusable("damaged", f"{path}: {flaws[0]}")


def seal_tables(connection: Connection) -> None:
    """No row of the sealed tables can be changed or deleted."""
    for name, table, verb in _seals():
        connection.execute(text(
            f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} are sealed'); END"
        ))  # fmt: skip


def unseal_tables(connection: Connection) -> None:
    """The sealed tables can be put right, until they are sealed again: in one transaction, or never."""
    for name, _, _ in _seals():
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")


def _seals() -> Iterator[tuple[str, str, str]]:
    for table in SEALED:
        for verb in ("UPDATE", "DELETE"):
            yield f"{table.name}_no_{verb.lower()}", table.name, verb


def _make_durable(engine: Engine, *, rehearsal: bool) -> None:
    if rehearsal:
        journal, synchronous = "memory", "OFF"
    elif is_wal_safe(sqlite3.sqlite_version_info):
        journal, synchronous = "wal", "FULL"
    else:
        journal, synchronous = "delete", "EXTRA"
    # Neither may be changed inside a transaction, so this goes by the driver's own connection.
    driver = engine.raw_connection()
    try:
        cursor = driver.cursor()
        cursor.execute(f"PRAGMA journal_mode={journal}")
        if (got := cursor.fetchone()) != (journal,):
            raise LedgerUnusable("journal", f"journal mode {journal} refused: {got}")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.close()
    finally:
        driver.close()


def _refuse_foreign(connection: Connection, path: Path) -> None:
    if connection.exec_driver_sql("PRAGMA application_id").scalar() != OURS:
        raise LedgerUnusable("foreign_file", f"{path} is a database of somebody else")


def _refuse_newer(connection: Connection, path: Path) -> None:
    have = int(_about(connection, "schema"))
    if have != VERSION:
        raise LedgerUnusable("schema", f"{path} has schema {have}, this program knows {VERSION}")


def _about(connection: Connection, name: str) -> str:
    return str(connection.scalar(select(about.c.value).where(about.c.name == name)))
