"""`directory forget` and `documents forget` on a data folder, and what `show`, `list` and `doctor` then say."""

import asyncio
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

import starter
from adapters.documents import DocumentFolder
from adapters.ledger_sqlite import SqliteLedger, SqliteReader
from client.ids import command_id
from domain.recording import Actor, Envelope
from domain.rulebook import content_of, unpack
from ledger.entry import fact_of
from ledger.projections import PROJECTIONS
from tests.forgetful import NAME, PHONE, WORDS
from tests.pure_engine import PureEngine
from tests.workflow.office import COORDINATOR, IDENTITY, RULEBOOK

SUPERVISOR = Actor(person="p-0004", role="senior_supervisor", scope="nation")
SHEET = f"""\
person,role,scope,until,name_fa,name_en,contact
p-0001,national_office,nation,,,Leila,
p-0004,senior_supervisor,nation,,,Elham,
p-0007,provincial_ceo,province/qom,2020-01-01,{NAME},,{PHONE}
"""
WHY = ("--reason", "request")
SIGN = ("--as", "p-0001", "--second", "p-0004")


class Line:
    """Commands given to the office in `data`: what programs read, or what people read in a language."""

    def __init__(self, data):
        self.data = data

    def __call__(self, *words, code=0, lang=None):
        told = ("--lang", lang) if lang else ("--json",)
        found = CliRunner().invoke(starter.app, [*words, "--data", str(self.data), *told])
        assert found.exit_code == code, (found.stdout, found.stderr, found.exception)
        return found.stdout if lang else json.loads(found.stdout)


@pytest.fixture
def line(tmp_path):
    data = tmp_path / "office"
    data.mkdir()
    with closing(SqliteLedger(data / "ledger.sqlite", PROJECTIONS)) as ledger:
        ledger.put_text(unpack(RULEBOOK).digest, content_of(RULEBOOK))
        asyncio.run(_opened(ledger, DocumentFolder(data / "documents").put(WORDS)))

    line = Line(data)
    (tmp_path / "people.csv").write_text(SHEET, encoding="utf-8")
    line("directory", "import", str(tmp_path / "people.csv"))
    return line


async def _opened(ledger, text):
    engine, at = PureEngine(ledger, unpack(RULEBOOK)), datetime.now(UTC) - timedelta(hours=1)

    def _asked(type, actor, data):
        return Envelope(id=command_id(at), cluster="qom-carpet", type=type, occurred_at=at, actor=actor, data=data)

    await engine.open(_asked("IdentifyCluster", COORDINATOR, IDENTITY))
    await engine.submit(_asked("OpenFinding", SUPERVISOR, {"level": "note", "text": text}))


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
    assert listed == {"p-0001": None, "p-0004": None, "p-0007": done["erased"]}
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
