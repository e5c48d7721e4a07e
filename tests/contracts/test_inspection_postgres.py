"""On a server too, what somebody changed is seen through; only the owner of the tables can put sealed rows back."""

from collections.abc import Iterator

import psycopg
import pytest

from adapters.ledger_postgres import PostgresLedger
from domain.rulebook import content_of
from ledger.projections import PROJECTIONS
from ledger.store import LedgerUnusable
from tests.contracts.test_inspection import NINE, STREAM, asks
from tests.postgres import Database, serving
from tests.pure_engine import PureEngine
from tests.replay.people import READ
from tests.workflow.office import IDENTITY, RULEBOOK


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with serving() as server:
        yield server.database()


@pytest.fixture
async def ledger(database: Database):
    opened = PostgresLedger(database.writer, PROJECTIONS)
    if not opened.head(STREAM).seq:
        opened.put_text(READ.digest, content_of(RULEBOOK))
        engine = PureEngine(opened, READ)
        await engine.open(asks("IdentifyCluster", 0, **IDENTITY))
        for n in range(1, 5):
            await engine.submit(asks("RemindNow", n, duty="cluster_profile"))
        await engine.advance(NINE.replace(year=2027))
    yield opened
    opened.close()


def changed(database: Database, *statements: str) -> None:
    """The owner of the tables was here."""
    with psycopg.connect(database.owner, autocommit=True) as raw:
        raw.execute("ALTER TABLE entries DISABLE TRIGGER USER")
        for statement in statements:
            raw.execute(statement.encode())
        raw.execute("ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_take_place")
        raw.execute("ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_sealed")


def rows(database: Database) -> list[tuple[object, ...]]:
    with psycopg.connect(database.owner) as raw:
        return raw.execute("SELECT idx, stream, seq, leaf, digest, command_id, n FROM entries ORDER BY idx").fetchall()


def test_what_was_written_has_no_flaw(ledger, database):
    found = ledger.inspected(STREAM)
    assert (found.flaws, found.head) == ((), ledger.head(STREAM))
    assert found.state == ledger.snapshot(STREAM).state_digest


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE entries SET leaf = overlay(leaf PLACING 'x' FROM 40) WHERE seq = 2", "entry"),
        ("DELETE FROM entries WHERE seq IN (2, 4)", "entry"),
        ("UPDATE entries SET seq = 900 WHERE seq = 3", "columns"),
        ("DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)", "head"),
    ],
)  # fmt: skip
def test_sealed_rows_are_put_back_by_the_owner_and_by_nobody_else(ledger, database, statement, kind):
    sound, before = ledger.inspected(STREAM), rows(database)
    changed(database, statement)
    tampered = rows(database)
    assert kind in {flaw.kind for flaw in ledger.inspected(STREAM).flaws}
    with pytest.raises(LedgerUnusable) as unusable:
        ledger.put_back(STREAM, sound.leaves)
    assert unusable.value.code == "owner_needed"
    assert rows(database) == tampered
    ledger.owner = database.owner
    ledger.put_back(STREAM, sound.leaves)
    assert rows(database) == before
    assert ledger.inspected(STREAM) == sound
    with psycopg.connect(database.owner) as raw, pytest.raises(psycopg.errors.IntegrityError, match="sealed"):
        raw.execute("DELETE FROM entries")


def test_whoever_appends_can_have_views_made_anew(ledger, database):
    sound = ledger.inspected(STREAM)
    changed(database, "DELETE FROM duties", "UPDATE portfolio SET stage = 'handover'", "UPDATE snapshots SET seq = 1")
    assert {flaw.kind for flaw in ledger.inspected(STREAM).flaws} == {"view", "state"}
    assert ledger.rebuild(STREAM) is True
    assert ledger.inspected(STREAM) == sound
