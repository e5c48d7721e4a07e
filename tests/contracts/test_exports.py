"""No file leaves the office without a fact about its very bytes, wherever the process dies."""

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.exports import ExportStream
from adapters.ledger_sqlite import SqliteLedger
from adapters.office_stream import Stamp
from adapters.whole_file import Draft
from domain.recording import Cause
from ledger.entry import entry_in
from ledger.exports import STREAM, ExportMade, Exports
from ledger.projections import PROJECTIONS
from tests.office import NINE, OFFICE

STAMP = Stamp(OFFICE, Cause(kind="command", ref="audit.export"), NINE, "local_key")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    with closing(SqliteLedger(tmp_path / "ledger.sqlite", PROJECTIONS)) as ledger:
        yield ledger


def about(digest, size):
    return ExportMade(format="csv", digest=digest, size=size, scope=("nation",), read_until=7)


def hand_out(ledger, folder, **contents):
    drafts = []
    try:
        for name, content in contents.items():
            draft = Draft(folder / name)
            draft.file.write(content)
            drafts.append((draft, about))
        return ExportStream(ledger, "b1").hand_out(drafts, STAMP)
    finally:
        for draft, _ in drafts:
            draft.__exit__(None, None, None)


def entries(path):
    with closing(SqliteLedger(path / "ledger.sqlite", PROJECTIONS)) as ledger:
        return [entry_in(leaf.raw) for leaf in ledger.entries(STREAM)]


def test_the_fact_names_the_digest_and_the_size_of_the_bytes_that_are_there(ledger, tmp_path):
    hand_out(ledger, tmp_path / "out", a=b"one", b=b"")
    facts = entries(tmp_path)
    assert [(fact["data"]["digest"], fact["data"]["size"]) for fact in facts] == [
        ("sha256:" + hashlib.sha256(content).hexdigest(), len(content)) for content in (b"one", b"")
    ]
    assert [fact["actor"]["id"] for fact in facts] == ["p-0001", "p-0001"]
    assert (tmp_path / "out" / "a").read_bytes() == b"one"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "b"]
    assert ExportStream(ledger, "b1")._stream.state() == Exports(made=2)


def test_the_same_bytes_taken_out_twice_are_two_facts(ledger, tmp_path):
    hand_out(ledger, tmp_path / "one", a=b"same")
    hand_out(ledger, tmp_path / "two", a=b"same")
    assert len(entries(tmp_path)) == 2


def test_what_was_there_already_stays_as_it_was(ledger, tmp_path):
    hand_out(ledger, tmp_path / "out", a=b"first")
    with pytest.raises(FileExistsError):
        hand_out(ledger, tmp_path / "out", a=b"second")
    assert (tmp_path / "out" / "a").read_bytes() == b"first"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a"]


def test_a_fact_that_the_ledger_refuses_leaves_no_file(ledger, tmp_path, monkeypatch):
    monkeypatch.setattr(ledger, "extend", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        hand_out(ledger, tmp_path / "out", a=b"one")
    assert list((tmp_path / "out").iterdir()) == []


DYING = """
import os, signal, sys
from pathlib import Path
from contextlib import closing
from adapters import exports, whole_file
from adapters.ledger_sqlite import SqliteLedger
from ledger.projections import PROJECTIONS
from tests.contracts.test_exports import hand_out

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

place, name = sys.argv[1:]
owner, method = {"sealing": (exports.OfficeStream, "record"), "naming": (whole_file.Draft, "put"),
                 "settling": (whole_file.Draft, "settle")}[name]
setattr(owner, method, die)
with closing(SqliteLedger(Path(place) / "ledger.sqlite", PROJECTIONS)) as ledger:
    hand_out(ledger, Path(place) / "out", a=b"one", b=b"two")
"""


@pytest.mark.parametrize(("dies_before", "facts"), [("settling", 0), ("sealing", 0), ("naming", 2)])
def test_a_kill_leaves_no_finished_file_without_its_fact(ledger, tmp_path, dies_before, facts):
    died = subprocess.run([sys.executable, "-c", DYING, str(tmp_path), dies_before], check=False, cwd=Path.cwd())
    assert died.returncode == -signal.SIGKILL
    assert len(entries(tmp_path)) == facts
    assert [path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")] == []
    hand_out(ledger, tmp_path / "out", a=b"one", b=b"two")
    assert (tmp_path / "out" / "a").read_bytes() == b"one"


@pytest.mark.parametrize(
    "wrong", [{"scope": []}, {"scope": ["cluster/"]}, {"format": "doc"}, {"digest": "sha256:0"}, {"more": 1}]
)
def test_what_is_no_fact_of_an_export_is_refused(wrong):
    sound = json.loads(about("sha256:" + "0" * 64, 1).model_dump_json())
    with pytest.raises(ValidationError):
        ExportMade.model_validate(sound | wrong)
