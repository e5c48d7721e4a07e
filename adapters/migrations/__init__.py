"""The schema of a ledger on PostgreSQL, step by step; alembic runs what a database lacks."""
