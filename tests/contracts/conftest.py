"""Small offices for the tests of what they forget, put on record and keep."""

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
