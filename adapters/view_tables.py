"""The tables that pages are read from: written with the entries they follow from, rebuilt from them alone.

Days are `YYYY-MM-DD`, moments as in the ledger, both as text, so that they sort and compare as they read.
`seq` is the entry of its stream a row stands on.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table

from adapters.schema import metadata

portfolio = Table(
    "portfolio",
    metadata,
    Column("stream", String, primary_key=True),
    Column("cluster_id", String),
    Column("name_fa", String),
    Column("name_en", String),
    Column("province", String),
    Column("county", String),
    Column("product", String),
    Column("stage", String),
    Column("state", String),
    Column("agent", String),
    Column("waits_for_role", String),
    Column("waits_for_person", String),
    Column("waiting_since", String),
    Column("next_due", String),
    Column("overdue_from", String),
    Column("handed_over_on", String),
    Column("licence_until", String),
    Column("rehearsal", Boolean),
    Column("seq", Integer),
    Column("detail", JSON),
    Index("portfolio_by_province", "province", "stage"),
    Index("portfolio_by_agent", "agent"),
)

duties = Table(
    "duties",
    metadata,
    Column("stream", String, primary_key=True),
    Column("duty_id", String, primary_key=True),
    Column("kind", String),
    Column("ref", String),
    Column("owner_role", String),
    Column("owner_person", String),
    Column("waits_for_role", String),
    Column("waits_for_person", String),
    Column("opened_on", String),
    Column("due_on", String),
    Column("reason", String),
    Column("provisional", Boolean),
    Column("rungs", JSON),
    Column("next_rung", String),
    Column("next_rung_at", String),
    Column("seq", Integer),
    Index("duties_by_due", "due_on"),
)

notices = Table(
    "notices",
    metadata,
    Column("stream", String, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("recipient_role", String),
    Column("recipient_person", String),
    Column("scope", String),
    Column("rung", String),
    Column("level", String),
    Column("subject", String),
    Column("words_key", String),
    Column("created_at", String),
    Index("notices_by_time", "created_at"),
)

people = Table(
    "people",
    metadata,
    Column("person", String, primary_key=True),
    Column("role", String, primary_key=True),
    Column("scope", String, primary_key=True),
    Column("from_on", String, primary_key=True),
    Column("until_on", String),
    Column("seq", Integer),
)

bodies = Table(
    "bodies",
    metadata,
    Column("body", String, primary_key=True),
    Column("scope", String, primary_key=True),
    Column("member", String, primary_key=True),
    Column("from_on", String, primary_key=True),
    Column("until_on", String),
    Column("seat", String),
    Column("seq", Integer),
)

agents = Table(
    "agents",
    metadata,
    Column("agent", String, primary_key=True),
    Column("capacity", Integer),
    Column("province", String),
    Column("products", JSON),
    Column("languages", JSON),
    Column("certificate_until", String),
    Column("conflicts", JSON),
    Column("load", JSON),
    Column("seq", Integer),
)

assignments = Table(
    "assignments",
    metadata,
    Column("effect", String, primary_key=True),
    Column("cluster_id", String),
    Column("agent", String),
    Column("state", String),
    Column("seq", Integer),
    Column("detail", JSON),
    Index("assignments_by_agent", "agent"),
)

refusals = Table(
    "refusals",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String),
    Column("person", String),
    Column("role", String),
    Column("cluster_id", String),
    Column("command_id", String),
    Column("command_type", String),
    Column("code", String),
    Column("detail", JSON),
    Index("refusals_by_cluster", "cluster_id"),
)

VIEWS = {table.name: table for table in (portfolio, duties, notices, people, bodies, agents, assignments, refusals)}

OWNER = {
    "people": "directory", "bodies": "directory", "agents": "agents", "assignments": "agents", "refusals": "refusals",
}  # fmt: skip
"""The office's stream whose facts a whole view follows from. The other views have a column that names the cluster's."""
