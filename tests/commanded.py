"""The command line on a small office without an engine: a cluster with a finding, and people of four roles."""

import asyncio
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from typer.testing import CliRunner

import starter
from adapters.documents import DocumentFolder
from adapters.ledger_sqlite import SqliteLedger
from client.ids import command_id
from domain.recording import Actor, Envelope
from domain.rulebook import content_of, unpack
from ledger.projections import PROJECTIONS
from tests.forgetful import NAME, PHONE, WORDS
from tests.pure_engine import PureEngine
from tests.workflow.office import COORDINATOR, IDENTITY, RULEBOOK

SUPERVISOR = Actor(person="p-0004", role="senior_supervisor", scope="nation")
SHEET = f"""\
person,role,scope,until,name_fa,name_en,contact
p-0001,national_office,nation,,,Leila,
p-0004,senior_supervisor,nation,,,Elham,
p-0009,auditor,nation,,,Amir,
p-0030,provincial_coordinator,province/yazd,,,Omid,
p-0007,provincial_ceo,province/qom,2020-01-01,{NAME},,{PHONE}
"""


class Line:
    """Commands given to the office in `data`: what programs read, or what people read in a language."""

    def __init__(self, data):
        self.data = data

    def __call__(self, *words, code=0, lang=None, silent=False):
        told = ("--lang", lang) if lang else ("--json",)
        found = CliRunner().invoke(starter.app, [*words, "--data", str(self.data), *told])
        assert found.exit_code == code, (found.stdout, found.stderr, found.exception)
        return found.stdout if lang or silent else json.loads(found.stdout)


def founded(data: Path, people: Path, *, rehearsal: bool = False) -> Line:
    """The office in `data`, its people taken over from a sheet written to `people`."""
    data.mkdir()
    if rehearsal:
        (data / "khoosheh.toml").write_text("rehearsal = true\n", encoding="utf-8")
    with closing(SqliteLedger(data / "ledger.sqlite", PROJECTIONS, rehearsal=rehearsal)) as ledger:
        ledger.put_text(unpack(RULEBOOK).digest, content_of(RULEBOOK))
        asyncio.run(opened_cluster(ledger, DocumentFolder(data / "documents").put(WORDS)))
    people.write_text(SHEET, encoding="utf-8")
    line = Line(data)
    line("directory", "import", str(people))
    return line


async def opened_cluster(ledger, text):
    """A cluster, and a finding in it with this text."""
    engine, at = PureEngine(ledger, unpack(RULEBOOK)), datetime.now(UTC) - timedelta(hours=1)

    def _asked(type, actor, data):
        return Envelope(id=command_id(at), cluster="qom-carpet", type=type, occurred_at=at, actor=actor, data=data)

    await engine.open(_asked("IdentifyCluster", COORDINATOR, IDENTITY))
    await engine.submit(_asked("OpenFinding", SUPERVISOR, {"level": "note", "text": text}))
