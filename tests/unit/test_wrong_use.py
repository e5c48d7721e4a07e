"""A command line that cannot be carried out: what people and programs are told, and the exit code."""

import json

import pytest
from typer.testing import CliRunner

import starter
from adapters.ledger_sqlite import SqliteLedger
from domain.commands import TYPES
from ledger.projections import PROJECTIONS


def told(*words, lang="en", code=2):
    """What people read, and the error that programs read."""
    found = CliRunner().invoke(starter.app, [*words, "--lang", lang])
    assert found.exit_code == code, (found.stdout, found.stderr, found.exception)
    program = CliRunner().invoke(starter.app, [*words, "--json"])
    assert program.exit_code == code
    return found.stderr, json.loads(program.stdout)["error"]


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_an_unknown_command_is_answered_by_the_nearest_and_by_what_lists_all(lang):
    people, program = told("do", "qom-carpet", "decide-gats", lang=lang)
    assert "DecideGate" in people
    assert "khoosheh vocabulary" in people
    assert sum(name in people for name in TYPES) <= 3
    assert (program["code"], program["field"], program["allowed"]) == ("unknown", "command", sorted(TYPES))


def test_a_word_like_no_command_is_answered_by_a_few_all_the_same():
    people, program = told("do", "qom-carpet", "nonsense")
    assert 1 <= sum(name in people for name in TYPES) <= 3
    assert program["allowed"] == sorted(TYPES)


def test_where_nothing_lists_them_and_none_is_near_all_are_said():
    people, program = told("board", "--stage", "xyz")
    assert all(stage in people for stage in program["allowed"])
    people, _ = told("board", "--stage", "handovers")
    assert "handover" in people
    assert "feasibility" not in people


@pytest.mark.parametrize(
    ("words", "code", "field", "allowed"),
    [
        (["boad"], "unknown", "command", "board"),
        (["directory", "imprt"], "unknown", "command", "import"),
        (["board", "--provinces", "qom"], "unknown", "option", "--province"),
        (["do", "qom-carpet"], "missing_value", "command", None),
        (["rehearse"], "missing_value", "file", None),
        (["rehearse", "x.csv", "--months", "0"], "bad_value", "--months", "1–68"),
        (["rehearse", "x.csv", "--months", "1000"], "bad_value", "--months", "1–68"),
        (["rehearse", "x.csv", "--sample", "0"], "bad_value", "--sample", "1, 2, 3 …"),
        (["rehearse", "x.csv", "--seed", "x"], "bad_value", "--seed", "0, 1, 2 …"),
        (["rehearse", "x.csv", "--people", "lazy"], "unknown", "--people", "late"),
        (["board", "qom", "yazd"], "usage", None, None),
        (["duties", "--person", "Sara"], "person", "--person", None),
    ],
)
@pytest.mark.parametrize("lang", ["fa", "en"])
def test_arguments_that_cannot_be_read_are_told_to_people_and_programs(words, code, field, allowed, lang):
    people, program = told(*words, lang=lang)
    assert (program["code"], program.get("field")) == (code, field)
    assert allowed is None or allowed in program["allowed"]
    assert people.strip()
    assert "Traceback" not in people


def test_a_language_we_do_not_speak_is_answered_in_one_that_we_do():
    found = CliRunner().invoke(starter.app, ["show", "qom-carpet", "--lang", "de", "--json"])
    error = json.loads(found.stdout)["error"]
    assert (found.exit_code, error["field"], error["allowed"]) == (2, "--lang", ["en", "fa"])


def test_persian_is_answered_in_persian():
    people, _ = told("rehearse", "x.csv", "--months", "0", lang="fa")
    assert "پذیرفته" in people
    assert "Invalid" not in people


def test_help_and_nothing_at_all_show_the_commands():
    assert "rehearse" in CliRunner().invoke(starter.app, ["--help"]).stdout
    nothing = CliRunner().invoke(starter.app, [])
    assert (nothing.exit_code, "rehearse" in nothing.stderr) == (2, True)


SHEET = "name_fa,province_en,product,status\nخوشه,Nowhere,tile,flourishing\n"
PEOPLE = "person,role,scope\np-1,auditor,nation\np-1,auditor,nation\np-2,king,nation\n"


def refused(*words):
    people = CliRunner().invoke(starter.app, [*words, "--lang", "en"])
    program = CliRunner().invoke(starter.app, [*words, "--json"])
    assert (people.exit_code, program.exit_code) == (1, 1), (people.exception, program.exception)
    return people.stderr, json.loads(program.stdout)


def test_a_word_a_sheet_may_not_use_is_told_with_those_it_may(tmp_path):
    (tmp_path / "a.csv").write_text(SHEET, encoding="utf-8")
    people, program = refused("open", str(tmp_path / "a.csv"))
    assert {row["code"] for row in program["refused"]} == {"unknown_province", "unknown_status"}
    assert "qom" in program["allowed"]["unknown_province"]
    assert all(word in people for word in program["allowed"]["unknown_status"])


def test_why_a_file_cannot_be_read_is_said_beside_its_words_and_is_no_column(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"x")
    people, program = refused("open", str(tmp_path / "a.xlsx"))
    assert "zip" in people
    assert (program["refused"][0]["field"], program["refused"][0]["code"]) == ("", "unreadable")
    assert "zip" in program["refused"][0]["detail"]


@pytest.mark.parametrize("name", ["a.json", "a.xlsx"])
def test_a_form_that_cannot_be_read_is_no_sheet_of_clusters(tmp_path, name):
    (tmp_path / name).write_text("{")
    _, program = told("do", "qom-carpet", "submit-deliverable", "--file", str(tmp_path / name))
    assert (program["code"], program["field"]) == ("form_unread", "--file")


@pytest.fixture
def office(tmp_path, monkeypatch):
    monkeypatch.setenv("KHOOSHEH_DATA", str(tmp_path / "office"))
    (tmp_path / "office").mkdir()
    SqliteLedger(tmp_path / "office" / "ledger.sqlite", PROJECTIONS).close()
    return tmp_path


def test_a_sheet_of_people_is_told_its_faults_in_its_own_words(office):
    (office / "a.csv").write_text(PEOPLE, encoding="utf-8")
    people, program = refused("directory", "import", str(office / "a.csv"))
    assert [(row["row"], row["field"], row["code"]) for row in program["refused"]] == [
        (3, "person", "twice"), (4, "role", "unknown_role"),
    ]  # fmt: skip
    assert "same person, role and scope" in people
    assert "auditor" in program["allowed"]["unknown_role"]
    (office / "b.csv").write_text("person;role;scope\n", encoding="utf-8")
    assert "Known: person, role" in refused("directory", "import", str(office / "b.csv"))[0]


@pytest.fixture
def sheet(tmp_path, monkeypatch):
    place = tmp_path / "clusters.csv"
    place.write_text("name_fa,province_en,product\nخوشه,Qom,carpet\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return place


@pytest.mark.parametrize("lang", ["fa", "en"])
@pytest.mark.parametrize(
    ("words", "code", "field"),
    [
        (["--script", "none.jsonl"], "no_file", "--script"),
        (["--script", "folder"], "no_file", "--script"),
        (["--script", "odd.jsonl"], "script", "--script"),
        (["--script", "bytes.jsonl"], "script", "--script"),
        (["--keep", "clusters.csv"], "not_empty", "--keep"),
        (["--keep", "."], "not_empty", "--keep"),
    ],
)
def test_what_a_rehearsal_cannot_use_is_told_before_anything_starts(sheet, words, code, field, lang):
    (sheet.parent / "folder").mkdir()
    (sheet.parent / "odd.jsonl").write_text('{"at": 1}\n')
    (sheet.parent / "bytes.jsonl").write_bytes(b"\xff\xfe\x00")
    _, program = told("rehearse", "clusters.csv", *words, lang=lang)
    assert (program["code"], program["field"]) == (code, field)


@pytest.mark.parametrize("words", [["up"], ["directory", "export", "--out", "FILE"]])
def test_a_file_where_a_folder_is_needed_is_told_by_its_name(office, words):
    file = str(office / "file")
    (office / "file").touch()
    data = ["--data", file] if words == ["up"] else ["--data", str(office / "office")]
    people, program = told(*[word.replace("FILE", file) for word in words], *data)
    assert (program["code"], program["field"]) == ("file_unusable", file)
    assert file in people
