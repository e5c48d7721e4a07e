"""A released build's folder replays its histories by itself: no network, no server, no other code of ours."""

import json
import shutil
import subprocess
import sys
import tomllib
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from adapters.ledger_sqlite import SqliteLedger
from client.build import PARTS, record_build
from client.history import batches_in, chapter_of, packed, unpacked
from ledger.archive import STREAM
from ledger.entry import fact_of, seal
from ledger.projections import PROJECTIONS
from tests.ledger_facts import NINE
from tests.replay.stored import committed

ROOT = Path(__file__).parents[2]
ALONE = ["env", "--ignore-environment", "PATH=/usr/bin:/bin"]
EMPTY_NETWORK = ["unshare", "--net"]
SHOW_NETWORK = ["sh", "-c", 'cut -d: -f1 /proc/net/dev | tail -n +3 >&2; exec "$@"', "sh"]


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    folder = tmp_path_factory.mktemp("released") / "0.1.0"
    subprocess.run([sys.executable, "deploy/release.py", str(folder)], cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def histories(tmp_path_factory):
    """A life as an archive keeps it."""
    folder = tmp_path_factory.mktemp("archive") / "history"
    folder.mkdir()
    for golden in committed():
        if golden.path.name.startswith("life-") and golden.path.parent.name == "0.1.0":
            content = packed(golden.history)
            (folder / sha256(content).hexdigest()).write_bytes(content)
    return folder


def replay(folder, *words, before=()):
    command = [*before, *ALONE, sys.executable, str(folder / "replay.py"), *map(str, words)]
    ran = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert ran.stdout, ran.stderr
    return ran.returncode, json.loads(ran.stdout), ran.stderr


def leaves_of(life):
    """The record of a life, as the ledger would seal what its chapters handed on."""
    digest, leaves = "", []
    for events in sorted(life, key=lambda events: chapter_of(events).number):
        for batch in batches_in(events):
            for fact in batch.facts:
                leaf = seal(chapter_of(events).stream, digest, fact)
                digest = leaf.digest
                leaves.append(leaf.raw)
    return leaves


def sums(folder):
    return [line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines()]


def test_the_folder_holds_what_is_installed_and_its_digest_is_what_a_worker_records(released, tmp_path):
    for digest, name in sums(released):
        assert sha256((released / name).read_bytes()).hexdigest() == digest, name
    build = json.loads((released / "build.json").read_text())
    assert build["digest"] == "sha256:" + sha256((released / "SHA256SUMS").read_bytes()).hexdigest()
    with closing(SqliteLedger(tmp_path / "ledger.sqlite", PROJECTIONS)) as ledger:
        for _ in range(2):
            assert record_build(ledger, build["build"], NINE).model_dump() == build
        (leaf,) = ledger.entries(STREAM)
    assert (fact_of(leaf).type, fact_of(leaf).data) == ("build.released", build)
    installed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert list(PARTS) == installed["only-include"]


def test_a_life_is_told_again_from_the_folder_in_an_empty_network(released, histories):
    if subprocess.run([*EMPTY_NETWORK, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this user may not make a network namespace (unshare --net)")
    code, told, network = replay(released, histories, before=[*EMPTY_NETWORK, *SHOW_NETWORK])
    assert network.split() == ["lo"]
    (cluster,) = told["clusters"]
    assert (code, told["ok"], told["broken"]) == (0, True, [])
    assert [one["number"] for one in cluster["histories"]] == list(range(1, len(list(histories.iterdir())) + 1))
    assert {one["verdict"] for one in cluster["histories"]} == {"same"}
    assert not list(released.rglob("__pycache__"))  # it stays as it was released


def test_each_fact_is_held_against_the_entries_of_a_bundle(released, histories, tmp_path):
    life = [unpacked(file.read_bytes()).events for file in histories.iterdir()]
    entries = tmp_path / "entries.jsonl"
    entries.write_bytes(b"".join(leaf + b"\n" for leaf in leaves_of(life)))
    assert replay(released, histories, "--entries", entries)[:2][0] == 0
    entries.write_bytes(entries.read_bytes().replace(b'"stage":"feasibility"', b'"stage":"permit_issued"', 1))
    code, told, _ = replay(released, histories, "--entries", entries)
    (parted,) = told["clusters"][0]["findings"]
    assert (code, parted["kind"], parted["sealed"]) == (1, "parted", "permit_issued")


def test_a_history_that_is_not_what_its_name_says_is_refused(released, histories, tmp_path):
    place = shutil.copy(next(iter(histories.iterdir())), tmp_path)
    content = bytearray(Path(place).read_bytes())
    content[-1] ^= 1
    Path(place).write_bytes(content)
    code, told, _ = replay(released, place)
    assert (code, [one["fault"] for one in told["broken"]]) == (1, ["not what its name says"])


def test_source_that_was_changed_shows_in_the_sums_and_in_the_replay(released, histories, tmp_path):
    copy = shutil.copytree(released, tmp_path / "copy")
    changed = copy / "source/domain/settling.py"
    said = changed.read_text(encoding="utf-8")
    changed.write_text(said.replace("BODY_DAYS = 30", "BODY_DAYS = 37"), encoding="utf-8")
    wrong = [name for digest, name in sums(copy) if sha256((copy / name).read_bytes()).hexdigest() != digest]
    assert wrong == ["source/domain/settling.py"]
    code, told, _ = replay(copy, histories)
    assert (code, told["ok"]) == (1, False)
