"""A check of the ledger where it is kept rests on the leaves alone: nothing beside them can hide a change."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from client.verifying import judged, verify
from domain.recording import Actor, MethodologyRef
from ledger.checkpoint import Checkpoint
from ledger.entry import digest_of, seal
from ledger.entry_form import form_fault
from ledger.witness import Held
from tests.forged_log import altered, key_told, rechained
from tests.ledger_facts import fact
from tests.sealed_log import ORIGIN, SealedLog, sealed_log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SealedLog]:
    with sealed_log(tmp_path) as made:
        made.ledger.put_text(TEXT, b"{}")
        one = fact(1).model_copy(update={"methodology": MethodologyRef(id="m", version="1", digest=TEXT)})
        made.ledger.append("named", 0, [one])
        made.seal()
        yield made


TEXT = digest_of(b"{}")


def done(folder: Path, *statements: str, rows: list[tuple[object, ...]] | None = None) -> None:
    """As somebody does who has the database file and takes its triggers away; `rows`: leaves written anew."""
    with sqlite3.connect(folder / "ledger.sqlite") as ledger:
        for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            ledger.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            ledger.execute(statement)
        for row in rows or ():
            ledger.execute(
                "INSERT INTO entries (idx, stream, seq, type, leaf, digest, recorded_at, command_id, n, inserted_at) "
                "VALUES (?, ?, ?, ?, ?, ?, '', ?, 1, '')", row
            )  # fmt: skip
    ledger.close()


def rewritten(folder: Path, leaves: list[bytes]) -> None:
    """The whole ledger written anew, every chain right again."""
    rows: list[tuple[object, ...]] = []
    for place, leaf in enumerate(rechained(leaves), 1):
        said = json.loads(leaf)
        rows.append((place, said["stream"], said["seq"], said["type"], leaf, digest_of(leaf), f"c{place}"))
    done(folder, "DELETE FROM entries", rows=rows)


def kinds(log: SealedLog, *held: Held) -> set[str]:
    return {flaw.kind for flaw in verify(log.ledger, log.objects, held).flaws}


def leaves(log: SealedLog) -> list[bytes]:
    return [placed.leaf.raw for placed in log.ledger.log()]


def is_key(leaf: bytes) -> bool:
    return bool(json.loads(leaf)["type"] == "log.key_added")


def test_an_honest_ledger_is_clean(log: SealedLog) -> None:
    found = verify(log.ledger, log.objects)
    assert (found.flaws, found.unsealed) == ((), 0)


def test_the_name_of_the_log_is_read_from_its_entries_and_not_from_what_is_kept_beside_them(log, tmp_path):
    named = [leaf for leaf in leaves(log) if not is_key(leaf)]
    changed = [altered(named[0], build="forged"), *[leaf for leaf in leaves(log) if is_key(leaf)]]
    rewritten(tmp_path, changed)
    done(tmp_path, "DELETE FROM snapshots", "DELETE FROM streams")
    assert kinds(log) == {"root_differs", "tile_differs"}


def test_a_log_that_lost_its_key_does_not_lose_its_seals(log, tmp_path):
    rewritten(tmp_path, [leaf for leaf in leaves(log) if not is_key(leaf)])
    assert kinds(log) == {"not_sealed"}


def test_an_epoch_begun_by_hand_does_not_lose_the_seals_of_the_one_before(log, tmp_path):
    key = json.loads(next(leaf for leaf in leaves(log) if is_key(leaf)))
    held = Checkpoint(ORIGIN, 1, bytes(32))
    rewritten(tmp_path, [altered(json.dumps(key).encode(), data={**key["data"], "origin": f"{ORIGIN}/2"})])
    assert {"not_sealed"} <= kinds(log)
    assert "bad_checkpoint" in kinds(log, held)


def test_what_is_held_of_another_office_says_nothing_here_and_is_not_counted(log):
    found = verify(log.ledger, log.objects, [Checkpoint("elsewhere.example/x", 1, bytes(32))])
    assert (found.flaws, found.compared) == ((), 0)
    assert [judgement for _, judgement in judged(log.ledger, [Checkpoint(ORIGIN, 1, bytes(32))])] == ["forked"]


def test_another_text_under_the_digest_of_the_rules_is_found(log, tmp_path):
    done(tmp_path, "UPDATE texts SET text = '[]'")
    assert kinds(log) == {"digest_differs"}


def test_rules_that_two_readers_read_otherwise_are_no_rules(log):
    for n, text in enumerate((b"[]", b"x", b'{"methodology":{},"methodology":{}}')):
        log.ledger.put_text(digest_of(text), text)
        named = MethodologyRef(id="m", version="1", digest=digest_of(text))
        log.ledger.append("named", n + 1, [fact(n + 2).model_copy(update={"methodology": named})])
    assert [flaw.kind for flaw in verify(log.ledger, log.objects).flaws] == ["text_missing"] * 3


@pytest.mark.parametrize("value", ["CAST(leaf AS TEXT) || ' '", "'x'", "5", "2.5"])
def test_what_is_no_row_of_bytes_is_found_and_stops_nothing(log, tmp_path, value):
    done(tmp_path, "UPDATE entries SET leaf = LEAF WHERE idx = 1".replace("LEAF", value))
    assert {"digest_differs", "root_differs"} <= kinds(log)


def test_what_lies_among_the_checkpoints_and_is_none_stops_nothing(log, tmp_path):
    for name in ("abc", "0", "007", "٣", "1.bak"):
        (tmp_path / "archive/checkpoint" / name).write_bytes(b"x")
    assert kinds(log) == set()
    (tmp_path / "archive/checkpoint/5").mkdir()
    (tmp_path / "archive/checkpoint/99999999999").write_bytes(b"")
    assert kinds(log) == {"bad_checkpoint"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"stream": ["x"]}, {"stream": "a/\n"}, {"type": []}, {"actor": {}}, {"actor": None}, {"data": []},
        {"actor": {"id": "x", "role": "r", "scope": "nation"}}, {"actor": {"id": "p-1", "role": "r", "scope": "all"}},
        {"cause": {"kind": "whim", "ref": "x"}}, {"command": {"id": "c", "n": 2, "of": 1}}, {"prev": "x"},
        {"authenticated_by": "god"}, {"build": ""}, {"recorded_at": "2026-13-01T00:00:00.000000Z"},
        {"methodology": {"id": "m", "version": "1", "digest": "x"}},
    ],
)  # fmt: skip
def test_a_leaf_that_has_not_the_form_of_an_entry_is_named_and_stops_nothing(log, tmp_path, wrong):
    leaf = altered(leaves(log)[0], **wrong)
    done(tmp_path, "DELETE FROM entries WHERE idx = 1", rows=[(1, "x", 1, "t", leaf, digest_of(leaf), "c")])
    assert {"not_an_entry", "root_differs"} <= kinds(log)


def test_every_form_the_ledger_writes_passes():
    delegate = fact(1).model_copy(
        update={"actor": Actor(person="p-1", role="cda", scope="cluster/x-y", on_behalf_of="p-2")}
    )
    for one in (fact(1), delegate, key_told()):
        assert form_fault(json.loads(seal("directory", "", one).raw)) == ""
