"""`directory forget` and `documents forget` on a data folder, and what `show`, `list` and `doctor` then say."""

from contextlib import closing

import pytest

from adapters.ledger_sqlite import SqliteReader
from ledger.entry import fact_of
from tests.forgetful import NAME, PHONE, WORDS

WHY = ("--reason", "request")
SIGN = ("--as", "p-0001", "--second", "p-0004")


def seal_of_the_finding(data):
    with closing(SqliteReader(data / "ledger.sqlite")) as ledger:
        facts = [fact_of(leaf) for leaf in ledger.entries("cluster/qom-carpet")]
    return next((fact.seq, fact.data["text"]) for fact in facts if fact.type == "finding.opened")


def kept(data):
    return b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())


def test_a_person_is_forgotten_and_the_list_says_under_which_entry(line):
    done = line("directory", "forget", "p-0007", "--reason", "request", *SIGN)
    assert done["erased"]["stream"] == "directory"
    assert (done["values"], done["already"]) == (2, False)
    assert NAME.encode() not in kept(line.data)
    assert PHONE.encode() not in kept(line.data)
    listed = {one["id"]: one.get("erased") for one in line("directory", "list")["people"]}
    assert listed.pop("p-0007") == done["erased"]
    assert set(listed.values()) == {None}
    assert f"#{done['erased']['seq']}" in line("directory", "list", lang="en")
    assert line("directory", "forget", "p-0007", "--reason", "mistake", *SIGN)["already"]


def test_a_forgotten_text_is_shown_as_erased_and_not_as_damaged(line):
    seq, seal = seal_of_the_finding(line.data)
    told = line("documents", "forget", seal, "--reason", "request", *SIGN, code=1)["refused"]
    assert (told["code"], told["allowed"]) == ("kept_by_law", ["--reason court_order"])
    done = line("documents", "forget", seal, "--reason", "court_order", *SIGN)
    assert WORDS.encode() not in kept(line.data)
    erased = {"entry": seq, "path": "text", "commitment": seal, "under": {"stream": "documents", "seq": 1}}
    assert line("show", "qom-carpet")["erased"] == [erased]
    for lang, said in (("en", "Erased under entry #1"), ("fa", "پاک شده")):
        assert said in line("show", "qom-carpet", lang=lang)
    assert done["erased"] == {"stream": "documents", "seq": 1}


def test_what_a_kill_left_is_completed_by_the_doctor(line):
    _, seal = seal_of_the_finding(line.data)
    file = next(file for file in (line.data / "documents").rglob(seal.partition(":")[2]))
    value = file.read_bytes()
    line("documents", "forget", seal, "--reason", "court_order", *SIGN)
    file.write_bytes(value)
    checks = {one["name"]: one for one in line("doctor")["checks"]}
    assert checks["erasure"]["state"] == "ok"
    assert not file.exists()


@pytest.mark.parametrize(
    ("words", "code", "exits"),
    [
        (("directory", "forget", "p-0007", *WHY, "--as", "p-0001", "--second", "p-0001"), "own_work", 1),
        (("directory", "forget", "p-0007", *WHY, "--as", "p-0004", "--second", "p-0001"), "role_may_not", 1),
        (("directory", "forget", "p-0001", *WHY, *SIGN), "own_work", 1),
        (("directory", "forget", "p-9999", *WHY, *SIGN), "unknown_person", 1),
        (("documents", "forget", "hmac-sha256:" + "0" * 64, *WHY, *SIGN), "unknown_document", 1),
        (("documents", "forget", "plan.pdf", *WHY, *SIGN), "digest", 2),
        (("directory", "forget", "Zahra", *WHY, *SIGN), "person", 2),
        (("directory", "forget", "p-0007", "--reason", "because", *SIGN), "unknown", 2),
        (("directory", "forget", "p-0007", *WHY), "missing_value", 2),
    ],
)  # fmt: skip
def test_what_may_not_be_is_refused_whole(line, words, code, exits):
    before = kept(line.data / "documents")
    told = line(*words, code=exits)
    assert (told.get("refused") or told["error"])["code"] == code
    assert kept(line.data / "documents") == before
