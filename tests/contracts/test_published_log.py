"""A ledger that lacks what was published, or holds it otherwise, is refilled from the signed log, place by place."""

import shutil
import sqlite3

import pytest

from adapters.ledger_sqlite import SqliteLedger
from adapters.office_stream import Stamp
from client.published_log import PublishedLog
from client.refilling import refilled
from domain.recording import Actor, Cause
from ledger.inspection import Forked
from ledger.projections import PROJECTIONS
from tests.ledger_facts import NINE, fact
from tests.sealed_log import STREAMS, sealed_log

STAMP = Stamp(Actor(person="p-1", role="national_office", scope="nation"), Cause(kind="command", ref="refill"), NINE,
              "local_key")  # fmt: skip
FOLDED = {name: PROJECTIONS[name] for name in ("directory", "repairs")}


@pytest.fixture
def log(tmp_path):
    """300 entries, a copy of the ledger as it was then, 300 more; everything is sealed and published."""
    with sealed_log(tmp_path) as log:
        log.grow(300)
        log.seal()
        shutil.copy(tmp_path / "ledger.sqlite", tmp_path / "yesterday.sqlite")
        log.grow(300)
        log.seal()
        yield log


@pytest.fixture
def old(log, tmp_path):
    ledger = SqliteLedger(tmp_path / "yesterday.sqlite", FOLDED, rehearsal=True)
    yield ledger
    ledger.close()


def codes(ledger, log):
    return [(one.kind, one.code, one.repair) for one in published(ledger, log).check().findings]


def published(ledger, log):
    return PublishedLog(ledger, lambda: log.objects)


def size_of(log):
    return log.signer.standing().last.size


def pairs(ledger, size):
    return [(one.place, one.stream, one.seq, one.leaf) for one in ledger.log(0, size)]


def test_a_ledger_that_holds_what_was_published_has_no_finding(log):
    assert codes(log.ledger, log) == []
    log.grow(5)  # younger than the checkpoint
    assert codes(log.ledger, log) == []


def test_yesterdays_ledger_gets_every_entry_at_its_place_and_the_same_root(log, old):
    assert codes(old, log) == [("behind", "log_behind", "refill")]
    (done,) = refilled(old, published(old, log), STAMP, "test")
    assert done.rows == 300
    assert codes(old, log) == []
    size = size_of(log)
    assert pairs(old, size) == pairs(log.ledger, size)
    assert {stream: old.head(stream) for stream in STREAMS} == {stream: log.ledger.head(stream) for stream in STREAMS}
    assert [old.inspected(stream).flaws for stream, _ in old.streams()] == [()] * len(old.streams())
    assert refilled(old, published(old, log), STAMP, "test") == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE entries SET leaf=CAST(replace(CAST(leaf AS TEXT), 'p-91', 'p-92') AS BLOB) WHERE idx=7",
        "UPDATE entries SET leaf=replace(leaf, 'p-91', 'p-92') WHERE idx=7",
        "DELETE FROM entries WHERE idx IN (7, 8, 300)",
        "UPDATE entries SET idx=9999 WHERE idx=7",
        "UPDATE entries SET idx=-idx WHERE idx IN (7, 20)",
    ],
)  # fmt: skip
def test_what_somebody_changed_stands_as_it_was_published(log, tmp_path, tampering):
    before = pairs(log.ledger, size_of(log))
    raw = sqlite3.connect(tmp_path / "ledger.sqlite")
    for verb in ("update", "delete"):
        raw.execute(f"DROP TRIGGER entries_no_{verb}")
    raw.execute(tampering)
    raw.commit()
    raw.close()
    assert codes(log.ledger, log) == [("conflict", "log_differs", "refill")]
    ledger = SqliteLedger(tmp_path / "ledger.sqlite", FOLDED, rehearsal=True)
    refilled(ledger, published(ledger, log), STAMP, "test")
    assert pairs(ledger, size_of(log)) == before
    assert codes(ledger, log) == []
    ledger.close()


def test_what_was_sealed_on_an_older_ledger_since_is_never_overwritten(log, old):
    after = old.head(STREAMS[0]).seq
    old.append(STREAMS[0], after, [fact(after + 1, note="sealed on the older ledger")])
    before = pairs(old, 10_000)
    with pytest.raises(Forked):
        refilled(old, published(old, log), STAMP, "test")
    assert pairs(old, 10_000) == before
    assert codes(old, log)[0][1] == "log_differs"


def test_entries_that_came_back_in_another_order_are_moved_to_their_places(log, old):
    for stream in reversed(STREAMS):
        after = old.head(stream).seq
        facts = [fact(seq, note="x" * 80) for seq in range(after + 1, log.ledger.head(stream).seq + 1)]
        old.append(stream, after, facts)
    assert codes(old, log) == [("conflict", "log_differs", "refill")]
    refilled(old, published(old, log), STAMP, "test")
    assert pairs(old, size_of(log)) == pairs(log.ledger, size_of(log))


def test_what_is_not_signed_or_not_whole_is_not_believed(log, old, tmp_path):
    place = tmp_path / "archive" / "checkpoint" / str(size_of(log))
    place.write_bytes(place.read_bytes().replace(b"khoosheh.example/office\n", b"khoosheh.example/other0\n"))
    assert codes(old, log) == [("conflict", "checkpoint_unsigned", "restore")]
    place.write_bytes(b"")
    assert codes(old, log) == [("conflict", "checkpoint_unsigned", "restore")]
    place.unlink()
    assert codes(old, log) == []  # the one before is the newest now, and yesterday's ledger holds it


def test_a_bundle_that_is_lost_or_altered_refills_nothing(log, old, tmp_path):
    bundle = next((tmp_path / "archive" / "tile" / "entries").rglob("000"))
    kept = bundle.read_bytes()
    bundle.write_bytes(kept.replace(b"p-91", b"p-92", 1))
    assert codes(old, log) == [("conflict", "checkpoint_unsigned", "restore")]
    bundle.unlink()
    assert codes(old, log) == [("conflict", "tiles_missing", "wait")]
    assert refilled(old, published(old, log), STAMP, "test") == []
