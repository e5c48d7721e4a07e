"""`audit replay`: record, replay and living workflow of a rehearsal agree; whoever changes one of them is named."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapters.ledger_sqlite import SqliteReader
from client.replayers import ReplayerEnded, Replayers
from ledger.archive import STREAM, archived_in, name_of
from ledger.entry import entry_in
from tests.builds import build_with

ROOT = Path(__file__).parents[2]
SHEET = "id,name_fa,name_en,province,product,status\nqom-footwear,کفش قم,Qom footwear,قم,footwear,in_development\n"
MONTHS = "14"


def khoosheh(*words):
    return subprocess.run([sys.executable, "starter.py", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def replayed(data, *words):
    """The exit code and what a program reads."""
    ran = khoosheh("audit", "replay", "--data", str(data), "--json", *words)
    assert ran.stdout, ran.stderr
    return ran.returncode, json.loads(ran.stdout)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rehearsed")
    (folder / "sheet.csv").write_text(SHEET, encoding="utf-8")
    ran = khoosheh("rehearse", str(folder / "sheet.csv"), "--months", MONTHS, "--keep", str(folder / "data"), "--quiet")
    assert ran.returncode == 0, ran.stderr
    return folder / "data"


@pytest.fixture
def office(rehearsed, tmp_path):
    """A copy that a test may spoil."""
    return shutil.copytree(rehearsed, tmp_path / "data")


def histories(data):
    with closing(SqliteReader(data / "ledger.sqlite")) as ledger:
        (runs,) = archived_in(ledger.entries(STREAM)).values()
    return runs, [data / "archive" / name_of(run.digest) for run in runs]


def test_three_ways_of_a_rehearsal_lead_to_the_same_state(rehearsed):
    code, told = replayed(rehearsed)
    (cluster,) = told["clusters"]
    runs, _ = histories(rehearsed)
    assert (code, told["ok"], cluster["findings"], cluster["beyond"]) == (0, True, [], 0)
    assert cluster["ledger_digest"] == cluster["replay_digest"] == cluster["live_digest"]
    assert cluster["runs"] == len(runs) >= 2
    assert cluster["history_events"] == told["history_events"] == sum(run.events for run in runs)
    with closing(SqliteReader(rehearsed / "ledger.sqlite")) as ledger:
        snapshot = ledger.snapshot("cluster/qom-footwear")
    assert snapshot is not None
    assert (cluster["facts"], cluster["ledger_digest"]) == (snapshot.seq, snapshot.state_digest)


def test_people_read_the_same_in_their_language(rehearsed):
    ran = khoosheh("audit", "replay", "--data", str(rehearsed), "--lang", "fa")
    assert (ran.returncode, "۱ خوشه از هر راه یکسان است" in ran.stdout) == (0, True), ran.stderr


def test_a_build_that_decides_otherwise_is_caught_and_the_first_fact_is_named(rehearsed, tmp_path):
    build = build_with(tmp_path / "build", "domain/settling.py", "BODY_DAYS = 30", "BODY_DAYS = 37")
    code, told = replayed(rehearsed, "--code", str(build))
    (cluster,) = told["clusters"]
    (parted,) = [one for one in cluster["findings"] if one["kind"] == "parted"]
    assert (code, told["ok"]) == (1, False)
    assert (parted["type"], parted["field"]) == ("duty.opened", "data.due_on")
    with closing(SqliteReader(rehearsed / "ledger.sqlite")) as ledger:
        entries = [entry_in(leaf.raw) for leaf in ledger.entries("cluster/qom-footwear")]
    first = next(one for one in entries if one["type"] == "duty.opened" and one["data"]["kind"] == "body")
    assert (parted["seq"], parted["sealed"]) == (first["seq"], first["data"]["due_on"])
    assert parted["replayed"] > parted["sealed"]


def test_a_build_that_takes_another_course_is_caught(rehearsed, tmp_path):
    asks = "        self._unarchived.ask()\n"
    late = f"        await workflow.sleep(1)\n{asks}"
    build = build_with(tmp_path / "build", "workflows/cluster_development.py", asks, late)
    code, told = replayed(rehearsed, "--code", str(build))
    (cluster,) = told["clusters"]
    kinds = {one["kind"] for one in cluster["findings"]}
    assert (code, "course" in kinds, "parted" in kinds) == (1, True, True)
    assert next(one["seq"] for one in cluster["findings"] if one["kind"] == "parted") == 1


def test_a_row_edited_behind_our_back_is_named_with_its_field(office):
    with closing(sqlite3.connect(office / "ledger.sqlite")) as database:
        for (trigger,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f'drop trigger "{trigger}"')
        stream, seq, leaf = database.execute(
            "select stream, seq, leaf from entries where stream like 'cluster/%'"
            """ and cast(leaf as text) like '%"due_on":"20%' limit 1"""
        ).fetchone()
        place = leaf.index(b'"due_on":"20') + len(b'"due_on":"20')
        edited = leaf[:place] + b"99" + leaf[place + 2 :]
        database.execute("update entries set leaf = ? where stream = ? and seq = ?", (edited, stream, seq))
        database.commit()
    code, told = replayed(office)
    (cluster,) = told["clusters"]
    (parted,) = [one for one in cluster["findings"] if one["kind"] == "parted"]
    assert (code, parted["seq"], parted["field"]) == (1, seq, "data.due_on")
    assert parted["sealed"].startswith("2099")
    assert "chain" in {one["kind"] for one in cluster["findings"]}


def test_a_history_that_was_lost_exchanged_or_cut_is_named(office):
    _, places = histories(office)
    content = places[0].read_bytes()
    for spoil, kinds in (
        (places[0].unlink, {"object_missing", "missing_run"}),
        (lambda: places[0].write_bytes(places[1].read_bytes()), {"object_differs", "missing_run"}),
    ):
        places[0].chmod(0o600)
        spoil()
        code, told = replayed(office)
        assert (code, {one["kind"] for one in told["clusters"][0]["findings"]}) == (1, kinds)
        places[0].write_bytes(content)


def test_a_cluster_of_which_no_history_is_kept_is_a_finding(office):
    with closing(sqlite3.connect(office / "ledger.sqlite")) as database:
        for (trigger,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f'drop trigger "{trigger}"')
        database.execute("delete from entries where stream = 'archive'")
        database.commit()
    code, told = replayed(office)
    assert (code, [one["kind"] for one in told["clusters"][0]["findings"]]) == (1, ["no_history"])


def test_a_cluster_nobody_knows_and_a_folder_without_a_build_are_wrong_use(rehearsed, tmp_path):
    assert replayed(rehearsed, "nowhere")[1]["error"]["code"] == "unknown"
    code, told = replayed(rehearsed, "--code", str(tmp_path))
    assert (code, told["error"]["code"], told["error"]["field"]) == (2, "no_build", "--code")


def test_the_folder_of_a_released_build_replays_what_it_recorded(rehearsed, tmp_path):
    released = tmp_path / "released"
    subprocess.run([sys.executable, "deploy/release.py", str(released)], cwd=ROOT, check=True, capture_output=True)
    code, told = replayed(rehearsed, "--code", str(released))
    assert (code, told["ok"], told["clusters"][0]["runs"] > 1) == (0, True, True)


async def test_a_build_that_never_answers_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr("client.replayers.PATIENCE_SECONDS", 0.1)
    (tmp_path / "client").mkdir()
    (tmp_path / "client" / "replaying.py").write_text("import sys\nsys.stdin.read()\n")
    replayers = Replayers(code=tmp_path)
    with pytest.raises(ReplayerEnded, match=r"no answer within 0.1 s"):
        await replayers.replay([])
    await replayers.close()


async def test_a_build_that_breaks_is_told_with_its_last_words(tmp_path):
    (tmp_path / "client").mkdir()
    (tmp_path / "client" / "replaying.py").write_text("import no_such_package\n")
    replayers = Replayers(code=tmp_path)
    with pytest.raises(ReplayerEnded, match="no_such_package"):
        await replayers.replay([])
    await replayers.close()


def test_a_build_that_never_answers_ends_with_whoever_asked_it(tmp_path):
    """Killed outright, an audit must not leave a process behind that replays for ever."""
    (tmp_path / "client").mkdir()
    os.mkfifo(tmp_path / "alive")
    busy = "alive = open('alive', 'w')\nalive.write('.')\nalive.flush()\nwhile True: pass\n"
    (tmp_path / "client" / "replaying.py").write_text(busy)
    asks = (
        "import asyncio, pathlib, sys; from client.replayers import Replayers\n"
        "asyncio.run(Replayers(code=pathlib.Path(sys.argv[1])).replay([]))"
    )
    with (
        subprocess.Popen([sys.executable, "-c", asks, str(tmp_path)], cwd=ROOT) as asking,
        (tmp_path / "alive").open() as alive,
    ):
        assert alive.read(1) == "."
        asking.kill()
        assert alive.read() == ""
