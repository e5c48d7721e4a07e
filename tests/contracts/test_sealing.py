"""What sealing leaves in the archive store is the log, provable and signed; what it cannot prove it does not sign."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sealing import SealingStopped, alone
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.entry import entry_in
from ledger.log_keys import LogKeys
from ledger.notes import verifier_key
from ledger.objects import ObjectDiffers
from ledger.succession import NotSigned
from ledger.tiles import bundles, tiles
from ledger.tree import Frontier, check_consistency, check_inclusion, consistency, inclusion, leaf_hash
from tests.ledger_facts import NINE
from tests.sealed_log import ORIGIN, SealedLog, sealed_log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SealedLog]:
    with sealed_log(tmp_path) as made:
        yield made


def root_of(log: SealedLog, size: int) -> bytes:
    frontier = Frontier()
    for placed in log.ledger.log(limit=size):
        frontier.add(leaf_hash(placed.leaf.raw))
    return frontier.root()


@pytest.mark.parametrize("steps", [(1,), (300,), (254, 1, 1, 1), (10, 500, 3), (255, 256, 257)])
def test_after_each_round_tiles_bundles_and_checkpoint_are_those_of_the_log(log, steps):
    sealed = []
    for step in steps:
        log.grow(step)
        sealed.append(log.seal())
        size = log.ledger.extent().size
        assert sealed[-1] == Checkpoint(ORIGIN, size, root_of(log, size))
        assert open_checkpoint(log.published.checkpoint(size), log.keys) == (sealed[-1], log.keys)
    head, leaves = sealed[-1], [placed.leaf.raw for placed in log.ledger.log()]
    nodes = log.published.nodes(head.size)
    for index in range(0, head.size, 1 + head.size // 20):
        check_inclusion(leaf_hash(leaves[index]), index, head.size, inclusion(index, head.size, nodes), head.root)
    for each in sealed:
        check_consistency(each.size, head.size, each.root, head.root, consistency(each.size, head.size, nodes))
        kept = [leaf for bundle in bundles(each.size) for leaf in log.published.leaves(bundle)]
        assert kept == leaves[: each.size]
        assert all(log.published.tile(tile) for tile in tiles(each.size))
    assert log.published.sizes() == [each.size for each in sealed]


def test_the_key_is_in_the_log_before_anything_is_signed_with_it(log):
    log.grow(5)
    head = log.seal()
    keys = LogKeys(ORIGIN)
    faults = [keys.take(placed.place - 1, entry_in(placed.leaf.raw)) for placed in log.ledger.log()]
    assert set(faults) == {""}
    assert keys.needed(head.size) == log.keys
    assert keys.needed(5) == ()


def test_without_news_nothing_is_signed_and_what_stands_can_be_signed_again(log):
    log.grow(3)
    head = log.seal()
    before = sorted(log.objects.names())
    assert log.sealing().round() is None
    assert log.sealing().round(again=True) == head
    assert sorted(log.objects.names()) == before


def test_a_changed_key_is_signed_for_by_both_once_and_by_the_new_one_after(log):
    log.grow(3)
    log.seal()
    (old,) = log.keys
    new = verifier_key(log.signer.rotate().keys[-1])
    both, alone_now = log.seal(), (log.grow(1), log.seal())[1]
    assert open_checkpoint(log.published.checkpoint(both.size), [old, new])[1] == (new, old)
    assert open_checkpoint(log.published.checkpoint(alone_now.size), [old, new])[1] == (new,)
    told = [entry_in(leaf.raw)["data"] for leaf in log.ledger.entries("directory")]
    assert told == [{"origin": ORIGIN, "key": old.text}, {"origin": ORIGIN, "key": new.text, "replaces": old.text}]


def test_what_was_signed_before_a_crash_is_published_after_it(log):
    log.grow(3)
    published = log.objects.put
    log.objects.put = lambda name, content: None if name.startswith("checkpoint/") else published(name, content)
    head = log.seal()
    del log.objects.put
    assert not log.published.has_checkpoint(head.size)
    log.grow(2)
    again = log.seal()
    assert log.published.sizes() == [head.size, again.size]


FORGE = "UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), 'xxx', 'yyy') AS BLOB) WHERE idx = 5"
COPY = """INSERT INTO entries SELECT ?, 'new', seq, type, leaf, digest, recorded_at, command_id, n, inserted_at
          FROM entries WHERE stream = 'one' AND seq = ?"""


class Broken(Exception):
    pass


@pytest.mark.parametrize("fails_at", range(1, 9))
def test_a_store_that_fails_at_any_write_leaves_a_log_that_the_next_round_seals(log, fails_at):
    log.grow(200)
    log.seal()
    log.grow(400)
    put, writes = log.objects.put, []

    def _failing(name: str, content: bytes) -> None:
        writes.append(name)
        if len(writes) == fails_at:
            raise Broken
        put(name, content)

    log.objects.put = _failing
    with pytest.raises(Broken):
        log.seal()
    del log.objects.put
    assert not any(name.startswith("checkpoint/") for name in writes[:-1])
    log.grow(1)
    head = log.seal()
    assert head.root == root_of(log, head.size)


def test_an_entry_rewritten_behind_our_back_is_not_sealed(log, tmp_path):
    log.grow(10)
    log.seal()
    log.grow(10)
    rewrite(tmp_path, FORGE)
    with pytest.raises(SealingStopped, match="seal_ledger_differs"):
        log.seal()


def test_an_entry_rewritten_in_a_full_tile_is_not_noticed_here_but_changes_no_root(log, tmp_path):
    log.grow(300)
    log.seal()
    log.grow(10)
    rewrite(tmp_path, FORGE)
    head = log.seal()
    assert head == log.published.head(head.size)
    assert head.root != root_of(log, head.size)  # `audit verify` names the entry


def test_yesterdays_database_is_not_signed(log, tmp_path):
    log.grow(10)
    head = log.seal()
    rewrite(tmp_path, "DELETE FROM entries WHERE idx > 8")
    with pytest.raises(NotSigned, match="sign_shrunk") as refused:
        log.seal()
    assert refused.value.last == head


def test_yesterdays_database_that_has_grown_again_is_not_signed(log, tmp_path):
    log.grow(300)
    log.seal()
    rewrite(tmp_path, "DELETE FROM entries WHERE idx > 290")
    for n in range(20):
        rewrite(tmp_path, COPY, (n + 291, n + 1))
    with pytest.raises((SealingStopped, NotSigned, ObjectDiffers)):
        log.seal()


def test_a_place_that_is_missing_stops_the_sealing(log, tmp_path):
    log.grow(10)
    rewrite(tmp_path, "DELETE FROM entries WHERE idx = 7")
    with pytest.raises(SealingStopped, match="seal_place_missing") as stopped:
        log.seal()
    assert stopped.value.detail == "7"


def test_tiles_that_were_exchanged_stop_the_sealing(log, tmp_path):
    log.grow(10)
    head = log.seal()
    (tile,) = tiles(head.size)
    place = tmp_path / "archive" / tile.name
    place.write_bytes(bytes(place.stat().st_size))
    log.grow(1)
    with pytest.raises(SealingStopped, match="seal_tiles_differ"):
        log.seal()


def test_a_lost_store_is_filled_again_from_the_ledger_and_goes_on_under_the_same_root(log, tmp_path):
    log.grow(300)
    log.seal()
    shutil.rmtree(tmp_path / "archive")
    log.grow(5)
    head = log.seal()
    assert head.root == root_of(log, head.size)
    assert log.published.head(head.size) == head


def test_a_lost_store_does_not_let_another_past_in(log, tmp_path):
    log.grow(300)
    log.seal()
    shutil.rmtree(tmp_path / "archive")
    rewrite(tmp_path, FORGE)
    log.grow(5)
    with pytest.raises(NotSigned):
        log.seal()


def test_a_log_that_cannot_go_on_begins_a_new_epoch_when_its_first_entry_says_so(log):
    log.grow(5)
    head = log.seal()
    log.signer.begin_epoch(f"{ORIGIN}/2")
    with pytest.raises(SealingStopped, match="seal_epoch_missing"):
        log.seal()
    from adapters.directory import DirectoryStream
    from adapters.office_stream import Stamp
    from adapters.sealing import SEALING
    from domain.recording import Cause
    from ledger.directory import LogEpochBegan, LogHead

    previous = LogHead(origin=head.origin, size=head.size, root=head.root.hex())
    began = LogEpochBegan(origin=f"{ORIGIN}/2", previous=previous, signed_by=("p-1", "p-2"))
    stamp = Stamp(SEALING, Cause(kind="engine", ref="seal"), NINE, "engine")
    DirectoryStream(log.ledger, "test").change(lambda _: [began], stamp)
    new = log.seal()
    assert new.origin == f"{ORIGIN}/2"
    assert log.published.sizes() == [new.size]
    assert f"2/checkpoint/{new.size}" in set(log.objects.names("2/"))


def test_only_one_seals_at_a_time(tmp_path):
    with alone(tmp_path / "lock"), pytest.raises(SealingStopped, match="seal_held"), alone(tmp_path / "lock"):
        pass


def rewrite(folder: Path, statement: str, values: tuple[int, ...] = ()) -> None:
    """As somebody does who has the database file and takes its triggers away."""
    with sqlite3.connect(folder / "ledger.sqlite") as connection:
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER IF EXISTS entries_no_{verb}")
        connection.execute(statement, values)
    connection.close()
