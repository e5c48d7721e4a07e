"""Who looked, and who was told "no", is on record; a look that is refused shows nothing."""

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapters.ledger_sqlite import SqliteReader
from cli.on_record import asked_by
from client.refusals import record_refusal
from domain.refusals import RETRYABLE, Refusal
from ledger.entry import fact_of
from tests.commanded import founded
from tests.office import NINE

ROOT = Path(__file__).parents[2]
LIKE_ANYBODY = ("setpriv", "--inh-caps=-all", "--bounding-set=-all") if os.geteuid() == 0 else ()
"""Root may write what nobody may: it is started without that privilege."""

FORGET = ("directory", "forget")
NATION = ("--as", "p-0001", "--second", "p-0004")


def facts(data, stream):
    with closing(SqliteReader(data / "ledger.sqlite")) as ledger:
        return [fact_of(leaf) for leaf in ledger.entries(stream)]


# ---------------------------------------------------------------- looking


@pytest.mark.parametrize(
    ("words", "looked"),
    [
        (("show", "qom-carpet"), {"what": "show", "clusters": ["qom-carpet"], "purpose": "audit"}),
        (("board", "--province", "قم", "--purpose", "court"),
         {"what": "board", "scope": "province/qom", "purpose": "court"}),
        (("duties",), {"what": "duties", "purpose": "audit"}),
        (("directory", "list"), {"what": "directory_list", "purpose": "audit"}),
        (("audit", "sample", "--seed", "x"), {"what": "audit_sample", "purpose": "audit"}),
    ],
)  # fmt: skip
def test_what_an_auditor_looks_at_is_on_record(line, words, looked):
    line(*words, "--as", "p-0009")
    (fact,) = facts(line.data, "accesses")
    assert (fact.type, fact.actor.person, fact.actor.role) == ("record.accessed", "p-0009", "auditor")
    assert fact.data == looked


def test_the_auditors_tools_are_on_record_whoever_uses_them(line):
    line("audit", "sample", "--seed", "x")
    line("audit", "sample", "--seed", "x", "--as", "p-0004", "--purpose", "complaint")
    assert [(fact.actor.person, fact.data["purpose"]) for fact in facts(line.data, "accesses")] == [
        ("p-owner", "audit"), ("p-0004", "complaint"),
    ]  # fmt: skip


def test_whoever_takes_names_or_all_of_it_out_is_on_record(line, tmp_path):
    line("directory", "export", "--out", str(tmp_path / "sheets"))
    line("backup", str(tmp_path / "kept"), "--as", "p-0001")
    assert [(fact.actor.person, fact.data["what"]) for fact in facts(line.data, "accesses")] == [
        ("p-owner", "directory_export"), ("p-0001", "backup"),
    ]  # fmt: skip
    assert facts(tmp_path / "kept", "accesses") == facts(line.data, "accesses")


def test_who_works_in_the_programme_is_not_watched(line):
    line("show", "qom-carpet")
    line("show", "qom-carpet", "--as", "p-0030")
    line("duties", "--mine", "--as", "p-0030")
    assert facts(line.data, "accesses") == []


def test_the_look_is_on_record_before_anything_is_shown(line, monkeypatch):
    monkeypatch.setattr("cli.output.Screen.result", lambda *_: 1 / 0)
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        line("show", "qom-carpet", "--as", "p-0009")
    assert len(facts(line.data, "accesses")) == 1


@pytest.mark.parametrize(
    ("person", "code"), [("p-0030", "out_of_scope"), ("p-0007", "role_may_not"), ("p-9999", "role_may_not")]
)
def test_who_has_no_role_that_reaches_it_is_shown_nothing(line, person, code):
    told = line("audit", "sample", "--seed", "x", "--as", person, code=1)
    assert told.keys() == {"refused"}
    assert told["refused"]["code"] == code
    assert facts(line.data, "accesses") == []
    (fact,) = facts(line.data, "refusals")
    assert (fact.actor.person, fact.data["type"], fact.data["code"]) == (person, "ReadRecord", code)


def test_a_purpose_that_is_none_is_wrong_use(line):
    assert line("show", "qom-carpet", "--as", "p-0009", "--purpose", "gossip", code=2)["error"]["field"] == "--purpose"
    assert facts(line.data, "accesses") == []


def test_a_rehearsal_that_was_kept_is_read_and_not_written_to(tmp_path):
    line = founded(tmp_path / "office", tmp_path / "people.csv", rehearsal=True)
    assert line("audit", "sample", "--seed", "x", "--as", "p-0009")["clusters"]
    assert line("audit", "sample", "--seed", "x", "--as", "p-0030", code=1)["refused"]["code"] == "out_of_scope"
    assert facts(line.data, "accesses") == facts(line.data, "refusals") == []


def test_a_copy_that_cannot_be_written_is_read_and_says_so(line):
    copy = line.data.parent / "copy"
    shutil.copytree(line.data, copy)
    for place in (*copy.rglob("*"), copy):
        place.chmod(0o555 if place.is_dir() else 0o444)
    words = [sys.executable, "starter.py", "show", "qom-carpet", "--as", "p-0009", "--data", str(copy), "--lang", "en"]
    found = subprocess.run([*LIKE_ANYBODY, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    for place in (copy, *copy.rglob("*")):
        place.chmod(0o755)
    assert found.returncode == 0, found.stderr
    assert "not on record" in found.stderr
    assert "qom-carpet" in found.stdout
    assert facts(copy, "accesses") == []


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("do", "no-such-one", "remind-now", "duty=x"),
         ("p-owner", "no-such-one", "RemindNow", "not_found", "cluster")),
        (("do", "../x", "remind-now", "duty=x"), ("p-owner", "?", "RemindNow", "not_found", "cluster")),
        (("do", "qom-carpet", "remind-now", "duty=x", "--as", "p-9999"),
         ("p-9999", "qom-carpet", "RemindNow", "role_may_not", "actor.person")),
        (("do", "qom-carpet", "remind-now", "duty=x", "--as", "p-0030"),
         ("p-0030", "qom-carpet", "RemindNow", "out_of_scope", "actor.scope")),
        ((*FORGET, "p-0007", "--reason", "request", "--as", "p-0001", "--second", "p-0001"),
         ("p-0001", "", "ForgetPerson", "own_work", "second")),
        ((*FORGET, "p-0030", "--reason", "request", *NATION),
         ("p-0001", "", "ForgetPerson", "kept_by_law", "person")),
        (("documents", "forget", "hmac-sha256:" + "0" * 64, "--reason", "mistake", *NATION),
         ("p-0001", "", "ForgetDocument", "unknown_document", "digest")),
    ],
)  # fmt: skip
def test_every_no_is_on_record_with_its_code_and_field(line, words, told):
    line(*words, code=1)
    (fact,) = facts(line.data, "refusals")
    assert (fact.actor.person, *(fact.data[key] for key in ("cluster", "type", "code", "field"))) == told


def test_the_same_command_refused_again_is_on_record_once(line):
    words = ("do", "no-such-one", "remind-now", "duty=x", "--command-id", "00000000-0000-7000-8000-000000000001")
    for _ in range(2):
        line(*words, code=1)
    assert len(facts(line.data, "refusals")) == 1


@pytest.mark.parametrize("code", RETRYABLE)
def test_ask_again_is_no_refusal(office, code):
    record_refusal(office.ledger, asked_by("p-1", "RemindNow", "qom-carpet"), Refusal(code=code), lambda: NINE)
    assert office.ledger.head("refusals").seq == 0


# ---------------------------------------------------------------- reading what is on record


def test_the_streams_are_listed_newest_first_and_by_person(line):
    for n in range(3):
        line("do", f"no-such-{n}", "remind-now", "duty=x", *(("--as", "p-0009") if n == 1 else ()), code=1)
    listed = line("audit", "log", "refusals")
    assert (listed["stream"], listed["of"]) == ("refusals", 3)
    assert [one["data"]["cluster"] for one in listed["entries"]] == ["no-such-2", "no-such-1", "no-such-0"]
    assert [one["seq"] for one in line("audit", "log", "refusals", "--n", "1")["entries"]] == [3]
    (by_one,) = line("audit", "log", "refusals", "--person", "p-0009")["entries"]
    assert by_one["data"]["cluster"] == "no-such-1"
    assert line("audit", "log", "exports")["entries"] == []
    # Whoever reads the accesses has looked, too.
    assert line("audit", "log", "accesses")["of"] == 5
    assert line("audit", "log", "acceses", code=2)["error"]["allowed"]


@pytest.mark.parametrize(("lang", "said"), [("fa", "درخواستی رد شد"), ("en", "Something was refused")])
def test_the_streams_are_told_in_both_languages(line, lang, said):
    line("do", "no-such-one", "remind-now", "duty=x", code=1)
    assert said in line("audit", "log", "refusals", lang=lang)
    assert len(line("audit", "log", "exports", lang=lang)) > 10
