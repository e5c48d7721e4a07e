"""A copy of an SQLite database that others go on writing to, by its online backup (sqlite.org/backup.html)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ledger.store import LedgerUnusable

BUSY_SECONDS = 30.0


def copy_database(database: Path, to: Path) -> None:
    """`to` is one file with all that was committed at one moment; what was there before is gone. LedgerUnusable."""
    to.unlink(missing_ok=True)
    with _told(database), closing(_opened(database, "ro")) as source, closing(sqlite3.connect(to)) as copy:
        # In one step: in several, every write of somebody else would begin it anew.
        source.backup(copy)
        # The copy is to be one file, whatever journal the original keeps beside it.
        copy.execute("PRAGMA journal_mode=delete")
    to.chmod(0o600)


@contextmanager
def no_writer(database: Path) -> Iterator[None]:
    """Meanwhile nothing is committed to the database; everybody may read. Writers wait, at most their own patience.

    Raises LedgerUnusable.
    """
    with closing(_opened(database, "rw")) as holder:
        with _told(database):
            holder.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            holder.execute("ROLLBACK")


def _opened(database: Path, mode: str) -> sqlite3.Connection:
    uri = f"{database.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


@contextmanager
def _told(database: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        raise LedgerUnusable("unreadable", f"{database}: {fault}") from None
