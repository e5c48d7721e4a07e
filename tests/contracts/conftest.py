"""Small offices for the tests of what they forget, put on record and keep."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.ledger_sqlite import SqliteLedger
from ledger.projections import PROJECTIONS
from tests.commanded import Line, founded
from tests.forgetful import LATER, NAME, ZAHRA, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    data = tmp_path / "data"
    data.mkdir()
    with closing(SqliteLedger(data / "ledger.sqlite", PROJECTIONS)) as ledger:
        yield Office(data, ledger)


@pytest.fixture
def retired(office: Office) -> Office:
    """Zahra, known under two names in turn, whose appointment has ended."""
    office.take(ZAHRA.format(name="زهرا"))
    office.take(ZAHRA.format(name=NAME))
    office.at = LATER
    return office


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return founded(tmp_path / "office", tmp_path / "people.csv")


@pytest.fixture
def kept(line, tmp_path):
    """A backup of the office, which has everything an office has."""
    for name in ("keys/office", "archive/tile/0/000", "sent/a.json", "logs/worker.log", "signer/last.json", "run.json",
                 "up.lock", "documents/ab/.half.written"):  # fmt: skip
        place = line.data / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(f"the {name}".encode())
    with sqlite3.connect(line.data / "engine.sqlite") as engine:
        engine.execute("CREATE TABLE executions (id)")
    engine.close()
    line("backup", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def restored(tmp_path):
    """The command line on a folder that is not there yet."""
    return Line(tmp_path / "restored")
