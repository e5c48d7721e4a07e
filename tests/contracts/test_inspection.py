"""A store that somebody has changed is seen through, and put right from the leaves as they were sealed."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from adapters import mending
from adapters.ledger_sqlite import SqliteLedger
from client.ids import repeatable_id
from domain.recording import Envelope
from domain.rulebook import content_of
from ledger.inspection import NotWhole
from ledger.projections import PROJECTIONS
from tests.ledger_facts import chained
from tests.pure_engine import PureEngine
from tests.replay.people import READ
from tests.workflow.office import CLUSTER, COORDINATOR, IDENTITY, RULEBOOK

STREAM = f"cluster/{CLUSTER}"
NINE = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)


def asks(kind, n, **data):
    id, at = repeatable_id("inspection", n), NINE + timedelta(minutes=n)
    return Envelope(id=id, cluster=CLUSTER, type=kind, occurred_at=at, actor=COORDINATOR, data=data)


@pytest.fixture
async def ledger(tmp_path):
    opened = SqliteLedger(tmp_path / "ledger.sqlite", PROJECTIONS, rehearsal=True)
    opened.put_text(READ.digest, content_of(RULEBOOK))
    engine = PureEngine(opened, READ)
    await engine.open(asks("IdentifyCluster", 0, **IDENTITY))
    for n in range(1, 5):
        await engine.submit(asks("RemindNow", n, duty="cluster_profile"))
    await engine.advance(NINE + timedelta(days=60))
    yield opened
    opened.close()


def file_of(ledger):
    with ledger._writer.connect() as connection:
        return next(row.file for row in connection.exec_driver_sql("PRAGMA database_list"))


def changed(ledger, *statements):
    """Somebody with the `sqlite3` program was here."""
    raw = sqlite3.connect(file_of(ledger), isolation_level=None)
    for name in ("entries_no_update", "entries_no_delete"):
        raw.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        raw.execute(statement)
    raw.close()


def seals(ledger):
    raw = sqlite3.connect(file_of(ledger))
    found = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type='trigger'")}
    raw.close()
    return found


def everything(ledger):
    raw = sqlite3.connect(file_of(ledger))
    tables = ("entries", "streams", "snapshots", "portfolio", "duties", "notices")
    found = {table: raw.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables}  # noqa: S608 - ours
    raw.close()
    return found


def test_a_store_as_it_was_written_has_no_flaw(ledger):
    found = ledger.inspected(STREAM)
    assert found.flaws == ()
    assert (found.head, found.state) == (ledger.head(STREAM), ledger.snapshot(STREAM).state_digest)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE entries SET leaf=CAST(replace(CAST(leaf AS TEXT), 'p-coordinator', 'p-somebody') AS BLOB) WHERE seq=2",
         "entry"),
        ("UPDATE entries SET leaf=replace(leaf, 'p-coordinator', 'p-somebody') WHERE seq=2", "entry"),
        ("UPDATE entries SET leaf=CAST(leaf AS TEXT) WHERE seq=2", "entry"),
        ("UPDATE entries SET digest='sha256:0' WHERE seq=2", "entry"),
        ("UPDATE entries SET seq=1000-seq WHERE seq=3", "entry"),
        ("UPDATE entries SET stream='cluster/elsewhere' WHERE seq=3", "entry"),
        ("DELETE FROM entries WHERE seq=2", "entry"),
        ("UPDATE entries SET command_id='another' WHERE seq=2", "columns"),
        ("UPDATE entries SET recorded_at='1999' WHERE seq=2", "columns"),
        ("UPDATE streams SET seq=seq-1", "head"),
        ("UPDATE streams SET digest='sha256:0'", "head"),
        ("UPDATE snapshots SET state='{}'", "state"),
        ("DELETE FROM snapshots", "state"),
        ("UPDATE portfolio SET stage='handover'", "view"),
        ("UPDATE duties SET due_on='2030-01-01' WHERE rowid=(SELECT min(rowid) FROM duties)", "view"),
        ("DELETE FROM notices WHERE rowid=(SELECT min(rowid) FROM notices)", "view"),
        ("INSERT INTO notices (stream, seq, n, subject) SELECT stream, seq, 9, 'x' FROM notices LIMIT 1", "view"),
        ("DELETE FROM texts", "text"),
    ],
)  # fmt: skip
def test_what_somebody_changed_is_found_and_put_right(ledger, statement, kind):
    sound, before = ledger.inspected(STREAM), everything(ledger)
    text = ledger.text(READ.digest)
    changed(ledger, *(["DROP TRIGGER texts_no_delete"] if "texts" in statement else []), statement)
    assert {flaw.kind for flaw in ledger.inspected(STREAM).flaws} >= {kind}
    ledger.put_text(READ.digest, text)
    ledger.put_back(STREAM, sound.leaves)
    assert ledger.inspected(STREAM) == sound
    again = everything(ledger)
    assert without_time(again) == without_time(before)
    if kind == "entry":
        assert seals(ledger) >= {"entries_no_update", "entries_no_delete"}


def without_time(tables):
    """When a row was inserted is no part of the record."""
    return tables | {"entries": [row[:-1] for row in tables["entries"]]}


def test_views_made_anew_are_the_views_that_were_written(ledger):
    before = everything(ledger)
    assert ledger.rebuild(STREAM) is False
    changed(ledger, "DELETE FROM duties", "DELETE FROM portfolio", "DELETE FROM notices", "DELETE FROM snapshots")
    assert ledger.rebuild(STREAM) is True
    assert everything(ledger) == before


def test_a_chain_that_is_not_whole_is_not_folded(ledger):
    before = everything(ledger)
    changed(ledger, "DELETE FROM entries WHERE seq=2")
    with pytest.raises(NotWhole, match="are missing"):
        ledger.rebuild(STREAM)
    assert everything(ledger)["portfolio"] == before["portfolio"]


def test_rows_put_in_anew_stand_where_they_stood(ledger):
    before = everything(ledger)
    leaves = ledger.inspected(STREAM).leaves
    changed(ledger, "DELETE FROM entries WHERE seq IN (2, 3, 5)")
    assert ledger.put_back(STREAM, leaves) == 3
    assert without_time(everything(ledger)) == without_time(before)


def test_a_chain_of_what_are_no_facts_is_no_record(ledger):
    facts = list(ledger.inspected(STREAM).facts)
    forged = [*facts[:-1], facts[-1].model_copy(update={"type": "nobody.knows"})]
    sealed = chained(STREAM, forged)
    changed(ledger, "DELETE FROM snapshots")
    with ledger._writer.begin() as connection:
        mending.put_back(connection, STREAM, dict(enumerate(sealed, 1)), (), "now")
    assert {flaw.kind for flaw in ledger.inspected(STREAM).flaws} >= {"entry"}
    with pytest.raises(NotWhole):
        ledger.rebuild(STREAM)


def test_what_is_right_is_left_alone(ledger):
    leaves = ledger.inspected(STREAM).leaves
    assert ledger.put_back(STREAM, leaves) == 0
    assert seals(ledger) >= {"entries_no_update", "entries_no_delete"}
