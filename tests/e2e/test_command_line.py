"""The office's day over the command line: everything is started, clusters are opened and led, a "no" is told.

`up` runs as a process with a real engine; every test uses the same data folder, whatever their order.
"""

import json
import os
import signal
import stat
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import starter
from adapters.ledger_sqlite import SqliteReader
from tests.scripted import answered

pytestmark = pytest.mark.timeout(300)
SHEET = "name_fa,name_en,province_en,product,status\n"
SMALL = SHEET + "خوشه فرش قم,Qom carpet,Qom,carpet,identified\nخوشه سنگ,Stone,Markazi,stone,in_development\n"


class Line:
    """Commands given in this process to the office in `data`."""

    def __init__(self, data):
        self.data = data

    def __call__(self, *words, code=0):
        found = CliRunner().invoke(starter.app, [*map(str, words), "--data", str(self.data), "--json"])
        assert found.exit_code == code, (words, found.stdout, found.stderr, found.exception)
        self.beside = found.stderr
        return json.loads(found.stdout)


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    data = tmp_path_factory.mktemp("office")
    process = started(data)
    process.ready = json.loads(process.stdout.readline())
    process.data = data
    yield process
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    process.stdout.close()
    assert not (data / "run.json").exists()


def started(data):
    return subprocess.Popen(
        [sys.executable, "starter.py", "up", "--data", str(data), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def sheet(tmp_path_factory):
    place = tmp_path_factory.mktemp("sheets") / "small.csv"
    place.write_text(SMALL, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def line(up, sheet):
    line = Line(up.data)
    assert line("directory", "import", "reference/directory/demo.csv")["facts"] > 0
    first = line("open", sheet)
    assert (first["opened"], first["already"], first["clusters"]) == (2, 0, ["qom-carpet", "markazi-stone"])
    return line


def test_what_is_ready_is_said_in_one_line(up):
    assert up.ready.keys() == {"console", "temporal", "namespace", "task_queue", "ledger", "pids"}
    assert stat.S_IMODE((up.data / "keys" / "office").stat().st_mode) == 0o600
    assert json.loads((up.data / "run.json").read_text())["temporal"] == up.ready["temporal"]


def test_a_second_up_says_who_holds_the_folder(up, line):
    assert str(up.ready["pids"]["up"]) in line("up", code=2)["error"]["message"]


def test_the_directory_is_taken_over_once(line):
    assert line("directory", "import", "reference/directory/demo.csv")["facts"] == 0


def test_a_sheet_is_opened_once(line, sheet):
    second, third = line("open", sheet), line("open", sheet)
    assert (second["opened"], second["already"]) == (0, 2)
    assert third["job"] == second["job"]


def test_one_bad_row_at_the_end_of_ten_thousand_opens_none(line, tmp_path):
    sheet = tmp_path / "long.csv"
    rows = "".join(f"خوشه {n},,Yazd,tile {n},\n" for n in range(9_999))
    sheet.write_text(SHEET + rows + "خوشه,,Nowhere,tile,\n", encoding="utf-8")
    before = {cluster["id"] for cluster in line("board")["clusters"]}
    found = line("open", sheet, code=1)
    assert found["refused"][0] | {"message": ""} == {
        "row": 10_001, "field": "province_en", "code": "unknown_province", "message": "",
    }  # fmt: skip
    assert {cluster["id"] for cluster in line("board")["clusters"]} == before


def test_an_interrupted_opening_goes_on(up, line, tmp_path):
    sheet = tmp_path / "many.csv"
    sheet.write_text(SHEET + "".join(f"خوشه {n},,Yazd,tile {n},\n" for n in range(40)), encoding="utf-8")
    process = subprocess.Popen([sys.executable, "starter.py", "open", str(sheet), "--data", str(up.data), "--quiet"])
    while process.poll() is None and len(tiles(up)) < 5:
        os.sched_yield()
    process.kill()
    process.wait()
    again = line("open", sheet)
    assert again["opened"] + again["already"] == len(tiles(up)) == 40
    assert again["already"] >= 5


def tiles(up):
    ledger = SqliteReader(up.data / "ledger.sqlite")
    try:
        return ledger.portfolio(provinces=["yazd"])
    finally:
        ledger.close()


def test_a_cluster_is_led_through_its_first_gate_by_what_is_allowed(line):
    while (shown := line("show", "qom-carpet"))["stage"] == "identified":
        offer = next(one for one in shown["allowed"] if one["forward"] and one["by"]["persons"])
        members = committee(line) if offer["type"] == "SeatBody" else offer["by"]["persons"]
        data = answered(offer, members)
        person = members_who_may(offer)
        done = line("do", "qom-carpet", offer["type"], "--fields", json.dumps(data), "--as", person)
        assert done["events"]
        assert done["head"]["seq"] >= done["seq"]
    assert next(gate for gate in shown["gates"] if gate["stage"] == "identified")["state"] == "passed"


def committee(line):
    bodies = line("directory", "list")["bodies"]
    found = next(b for b in bodies if (b["body"], b["scope"]) == ("provincial_committee", "province/qom"))
    return [member["person"] for member in found["members"]]


def members_who_may(offer):
    barred = {person for field in offer["missing"] for person in field.get("not_by", ())}
    return next(person for person in offer["by"]["persons"] if person not in barred)


def test_a_refusal_is_told_and_on_record(up, line):
    told = line("do", "markazi-stone", "end-programme", "reason=چون", code=1)["refused"]
    assert told.keys() >= {"code", "field", "rule", "allowed", "message"}
    ledger = SqliteReader(up.data / "ledger.sqlite")
    assert ledger.refusals(cluster="markazi-stone")[0]["code"] == told["code"]
    ledger.close()


def test_the_same_command_id_is_done_once_and_says_the_same(line):
    assert line("open", "--id", "semnan-felt", "--name-fa", "خوشه نمد", "--province", "سمنان", "--product", "felt",
                "--status", "in_development")["opened"] == 1  # fmt: skip
    words = ("do", "semnan-felt", "confirm-start", "started_on=1403/02/01", "clock_started_on=1403/01/15")
    first = line(*words)
    id = first["command_id"]
    assert id in line.beside
    assert line(*words, "--command-id", id)["seq"] == first["seq"]
    other = line(*words[:3], "started_on=1403/03/01", "--command-id", id, code=1)
    assert other["refused"]["code"] == "id_reused"


def test_what_is_not_there_looks_like_what_is_not_yours(line):
    assert line("show", "no-such-one", code=1)["refused"]["code"] == "not_found"
    assert line("do", "../x", "remind-now", "duty=x", code=1)["refused"]["code"] == "not_found"


def test_a_wrong_word_is_told_with_the_nearest_one(line):
    assert "ConfirmStart" in line("do", "qom-carpet", "confirm-strat", code=2)["error"]["message"]


def test_the_worker_comes_back(up, line):
    os.kill(up.ready["pids"]["worker"], signal.SIGKILL)
    assert line("open", "--name-fa", "خوشه گز", "--province", "isfahan", "--product", "gaz")["opened"] == 1


def test_duties_are_those_of_the_person_and_the_role(line):
    coordinator = line("show", "markazi-stone")["allowed"][0]["by"]["persons"][0]
    mine = line("duties", "--mine", "--as", coordinator)["duties"]
    assert {duty["cluster"] for duty in mine} >= {"markazi-stone"}
    assert all(duty["cluster"] != "qom-carpet" for duty in mine)


def test_the_doctor_finds_nothing_broken(line):
    found = line("doctor")
    assert found["ok"]
    named = {check["name"] for check in found["checks"]}
    assert named >= {"versions", "engine", "database", "disk", "clock", "calendar", "key", "backlog"}


def test_record_and_engine_say_the_same_after_all_that(line):
    found = line("audit", "reconcile", "--all", code=1)
    # Those who led the cluster above named values that nobody ever put into the store.
    assert {(one["cluster"], one["code"]) for one in found["findings"]} == {("qom-carpet", "document_lost")}
    assert found["streams"] > 40


def test_without_an_office_nothing_is_sent(tmp_path):
    empty = Line(tmp_path / "nothing")
    assert empty("board", code=3)["error"]["code"] == "no_office"
    assert empty("do", "qom-carpet", "remind-now", "duty=x", code=3)["error"]["code"] == "no_office"


@pytest.mark.parametrize("lang", ["fa", "en"])
@pytest.mark.parametrize("words", [["board"], ["show", "qom-carpet"], ["duties"], ["vocabulary"], ["directory", "list"],
                                   ["doctor"], ["doctor", "--settings"]])  # fmt: skip
def test_each_screen_is_shown_in_both_languages(line, words, lang):
    found = CliRunner().invoke(starter.app, [*words, "--data", str(line.data), "--lang", lang])
    assert found.exit_code == 0, found.stderr
    assert len(found.stdout) > 100
