"""The sealed tables: entries and texts are only ever inserted, the others follow from them."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

VERSION = 1
"""Raised with every change to these tables or the view tables."""

metadata = MetaData()

about = Table(
    "about",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)
"""What this store is: its schema version, whether it is a rehearsal."""

entries = Table(
    "entries",
    metadata,
    Column("idx", Integer, primary_key=True, autoincrement=True),
    Column("stream", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", String, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("digest", String, nullable=False),
    Column("recorded_at", String, nullable=False),
    Column("command_id", String, nullable=False),
    Column("n", Integer, nullable=False),
    Column("inserted_at", String, nullable=False),
    UniqueConstraint("stream", "seq"),
    UniqueConstraint("stream", "command_id", "n"),
    Index("entries_by_command", "command_id"),
    sqlite_autoincrement=True,
)

streams = Table(
    "streams",
    metadata,
    Column("stream", String, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Column("frozen", Integer),
)
"""Each stream's head; `frozen` is the seq of the conflict that stopped it."""

snapshots = Table(
    "snapshots",
    metadata,
    Column("stream", String, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Column("state", LargeBinary, nullable=False),
)

texts = Table(
    "texts",
    metadata,
    Column("digest", String, primary_key=True),
    Column("text", LargeBinary, nullable=False),
)

SEALED = (entries, texts)
"""Tables no row of which may be changed or deleted."""
