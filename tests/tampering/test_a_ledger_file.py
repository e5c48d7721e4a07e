"""Five hundred changes of a ledger file under the archive store published from it: `audit verify` names each."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from adapters.ledger_sqlite import SqliteReader
from adapters.objects_folder import ObjectFolder
from client.verifying import verify
from ledger.entry import digest_of
from tests.sealed_log import SealedLog, sealed_log
from tests.tampering.altering import Told

COUNT, STREAMS = 500, ("one", "two", "three")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SealedLog]:
    with sealed_log(tmp_path / "honest") as made:
        for _ in range(4):
            made.grow(70, STREAMS)
            made.seal()
        yield made


HONEST = {"text_missing"}
"""The facts of these tests name rules that nobody ever put."""

CHANGES: dict[str, tuple[str, ...]] = {
    "deletion": ("DELETE FROM entries WHERE idx = :one",),
    "deletion, renumbered": (
        "DELETE FROM entries WHERE idx = :one",
        "UPDATE entries SET idx = -idx WHERE idx > :one",
        "UPDATE entries SET idx = -idx - 1 WHERE idx < 0",
    ),
    "tail cut": ("DELETE FROM entries WHERE idx > :one",),
    "swap": (
        "UPDATE entries SET idx = -1 WHERE idx = :one",
        "UPDATE entries SET idx = :one WHERE idx = :two",
        "UPDATE entries SET idx = :two WHERE idx = -1",
    ),
    "cross copy": (
        "UPDATE entries SET (leaf, digest) = (SELECT leaf, digest FROM entries WHERE idx = :two) WHERE idx = :one",
    ),
    "other stream": ("UPDATE entries SET stream = 'four' WHERE idx = :one",),
    "leaf": ("UPDATE entries SET leaf = forged(leaf) WHERE idx = :one",),
    "leaf and digest": ("UPDATE entries SET leaf = forged(leaf), digest = digest(forged(leaf)) WHERE idx = :one",),
    "insertion": (
        "UPDATE entries SET idx = -idx - 1 WHERE idx > :one",
        "UPDATE entries SET idx = -idx WHERE idx < 0",
        """INSERT INTO entries SELECT :one + 1, stream, 9000, type, leaf, digest, recorded_at, 'forged', 1, inserted_at
        FROM entries WHERE idx = :one""",
    ),
}
"""What is done, as SQL on rows :one and :two."""


@pytest.mark.timeout(3_600)
def test_every_change_of_a_ledger_file_is_found_and_named(log: SealedLog, tmp_path: Path) -> None:
    told, size = Told(), log.ledger.log_size()
    objects = ObjectFolder(tmp_path / "honest/archive")
    assert {flaw.kind for flaw in verify(log.ledger, objects).flaws} == HONEST
    with sqlite3.connect(tmp_path / "honest/ledger.sqlite") as whole:
        whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole.close()
    for seed in range(COUNT):
        place = tmp_path / "changed.sqlite"
        shutil.copyfile(tmp_path / "honest/ledger.sqlite", place)
        what = list(CHANGES)[seed % len(CHANGES)]
        one, two = Random(seed).sample(range(2, size), 2)
        rewrite(place, CHANGES[what], one=one, two=two)
        reader = SqliteReader(place)
        kinds = {flaw.kind for flaw in verify(reader, objects).flaws} - HONEST
        reader.close()
        told.add(what, kinds)
        assert kinds, (seed, what)
    print(f"\n{COUNT} changes of a ledger file of {size} entries\n{told}")


def rewrite(place: Path, done: tuple[str, ...], **rows: int) -> None:
    with sqlite3.connect(place) as ledger:
        ledger.create_function("digest", 1, digest_of)
        ledger.create_function("forged", 1, lambda leaf: leaf.replace(b'"p-', b'"p-9'))
        for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            ledger.execute(f"DROP TRIGGER {name}")
        for statement in done:
            ledger.execute(statement, rows)
    ledger.close()
