"""Taking a record out of an office's folder by the command line, and what is recorded of it."""

import json

from typer.testing import CliRunner

import starter
from adapters.ledger_sqlite import SqliteReader
from ledger.entry import entry_in


def recorded(folder):
    ledger = SqliteReader(folder / "ledger.sqlite")
    try:
        return [entry_in(leaf.raw) for leaf in ledger.entries("exports")]
    finally:
        ledger.close()


def exported(folder, *words, code=0):
    given = ["audit", "export", *map(str, words), "--data", str(folder), "--json"]
    found = CliRunner().invoke(starter.app, given)
    assert found.exit_code == code, (found.stdout, found.stderr, found.exception)
    return json.loads(found.stdout)
