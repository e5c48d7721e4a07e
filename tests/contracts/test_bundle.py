"""The bundle has exactly the bytes that docs/ledger-format.md, section 18, says: read here field by field."""

import hashlib
import io
import json
import resource
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters import bundle
from adapters.bundle import Bundle, BundleImpossible, Enclosed
from domain.recording import MethodologyRef
from ledger.archive import HistoryArchived
from ledger.entry import digest_of
from ledger.newest import newest
from ledger.notes import NoteRefused
from ledger.tree import Frontier, leaf_hash
from tests.ledger_facts import NINE, fact
from tests.sealed_log import ORIGIN, SealedLog, sealed_log

ENCLOSED = Enclosed(b"# read me\n", b"print('checked')\n")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SealedLog]:
    with sealed_log(tmp_path) as made:
        yield made


def bundled(log, *, most=2**40, histories=True):
    file = io.BytesIO()
    found = newest(log.ledger, log.objects, most)
    assert found
    Bundle(file, log.ledger, log.objects, found, lambda _: None).write(ENCLOSED, histories=histories)
    return file.getvalue()


def members(raw):
    """Name → content, in order, every field looked at; nothing may lie between or before."""
    assert raw[-71:-64] == b"sha256:"
    assert raw[-64:].decode() == hashlib.sha256(raw[:-71]).hexdigest()
    end = struct.unpack("<4s4H2LH", raw[-93:-71])
    assert end[:3] == (b"PK\x05\x06", 0, 0)
    assert (end[3], end[7]) == (end[4], 71)
    at, headers, contents = 0, [], {}
    for _ in range(end[3]):
        local = struct.unpack("<4s5H3L2H", raw[at : at + 30])
        signature, needed, flags, method, time, date, crc, packed, size, name_length, extra = local
        assert (signature, needed, flags, time, date, extra) == (b"PK\x03\x04", 20, 0, 0, 0x0021, 0)
        name = raw[at + 30 : at + 30 + name_length]
        start = at + 30 + name_length
        stored = raw[start : start + packed]
        content = stored
        if method == 8:
            stream = zlib.decompressobj(-15)
            content = stream.decompress(stored) + stream.flush()
            assert stream.eof
            assert stream.unused_data == b""
        else:
            assert method == 0
        assert (len(content), zlib.crc32(content)) == (size, crc)
        contents[name.decode("ascii")] = content
        headers.append((at, method, crc, packed, size, name))
        at = start + packed
    assert at == end[6], "something lies between the last member and the directory"
    for place, method, crc, packed, size, name in headers:
        found = struct.unpack("<4s6H3L5H2L", raw[at : at + 46])
        assert found == (b"PK\x01\x02", 0x0314, 20, 0, method, 0, 0x0021, crc, packed, size, len(name), 0, 0, 0, 0,
                         0x01A40000, place)  # fmt: skip
        assert raw[at + 46 : at + 46 + len(name)] == name
        at += 46 + len(name)
    assert at == len(raw) - 93
    assert end[5] == at - end[6]
    assert len(contents) == end[3], "a name stands twice"
    return contents


def archived(log, content, *, kept=True, run="r1", kind="whole", last_event=9):
    """A history in the archive, and the fact about it."""
    if kept:
        log.objects.put("history/" + digest_of(content).removeprefix("sha256:"), content)
    after = log.ledger.head("archive").seq
    told = HistoryArchived(
        cluster="carpet", number=1, workflow="cluster/carpet", run=run, first_run="r1", kind=kind, first_event=1,
        last_event=last_event, events=last_event, first_at=NINE, last_at=NINE, build="b1", digest=digest_of(content),
        size=len(content), verdict="same",
    )  # fmt: skip
    one = fact(after + 1).model_copy(
        update={"type": "history.archived", "data": told.model_dump(mode="json", exclude_none=True)}
    )
    log.ledger.append("archive", after, [one])
    return after + 1


def test_the_whole_log_up_to_its_checkpoint_is_in_it_line_by_line_with_its_root(log):
    log.grow(700)
    head = log.seal()
    log.grow(5)
    found = members(bundled(log))
    lines = found["entries.jsonl"].split(b"\n")
    assert lines.pop() == b""
    assert lines == [placed.leaf.raw for placed in log.ledger.log(limit=head.size)]
    frontier = Frontier()
    for line in lines:
        frontier.add(leaf_hash(line))
    assert frontier.root() == head.root
    assert json.loads(found["manifest.json"]) == {
        "kind": "khoosheh-bundle", "v": 1, "origin": ORIGIN, "size": head.size, "root": head.root.hex(),
        "files": {
            name: "sha256:" + hashlib.sha256(content).hexdigest()
            for name, content in found.items() if name != "manifest.json"
        },
    }  # fmt: skip
    assert found[f"checkpoints/{head.size}.txt"] == log.published.checkpoint(head.size)
    assert found["keys.txt"].decode() == f"{log.keys[0].text}\n"


def test_the_members_stand_in_the_order_that_is_written_down(log):
    log.grow(9)
    archived(log, b"history two")
    archived(log, b"history one", run="r2")
    log.seal()
    names = list(members(bundled(log)))
    size = log.ledger.extent().size
    histories = sorted(hashlib.sha256(content).hexdigest() for content in (b"history one", b"history two"))
    assert names == ["README.md", "verify.py", "keys.txt", "entries.jsonl", f"checkpoints/{size}.txt",
                     "histories/index.json", *(f"histories/{one}.pb.zst" for one in histories),
                     "manifest.json"]  # fmt: skip


def test_equal_content_makes_equal_bytes(log):
    log.grow(50)
    archived(log, b"history")
    log.seal()
    assert bundled(log) == bundled(log)


def test_a_bundle_of_an_earlier_checkpoint_ends_with_it(log):
    log.grow(10)
    first = log.seal()
    log.grow(10)
    log.seal()
    found = members(bundled(log, most=first.size))
    assert found["entries.jsonl"].count(b"\n") == first.size
    assert [name for name in found if name.startswith("checkpoints/")] == [f"checkpoints/{first.size}.txt"]


def test_a_checkpoint_that_first_covers_a_new_key_is_given_along_whatever_else_is_chosen(log, monkeypatch):
    monkeypatch.setattr(bundle, "OTHER_CHECKPOINTS", 1)
    log.grow(10)
    first = log.seal()
    log.signer.rotate()
    log.grow(10)
    changed = log.seal()
    for _ in range(4):
        log.grow(3)
        log.seal()
    log.grow(3)
    last = log.seal()
    found = members(bundled(log))
    given = {int(name[12:-4]) for name in found if name.startswith("checkpoints/")}
    assert given == {first.size, changed.size, last.size}
    assert found["keys.txt"].decode().splitlines() == [key.text for key in log.keys]


def test_methodologies_that_entries_name_are_given_along_under_their_digest(log):
    text = b'{"calendar":{},"methodology":{}}'
    log.ledger.put_text(digest_of(text), text)
    log.grow(3)
    ours = MethodologyRef(id="unido", version="1405.1", digest=digest_of(text))
    named = fact(1).model_copy(update={"methodology": ours})
    log.ledger.append("four", 0, [named])
    log.seal()
    found = members(bundled(log))
    assert {name: content for name, content in found.items() if name.startswith("texts/")} == {
        f"texts/{digest_of(text).removeprefix('sha256:')}.json": text
    }


def test_of_each_run_the_best_history_is_given_along_with_the_entry_that_seals_it(log):
    log.grow(3)
    archived(log, b"prefix", kind="prefix", last_event=4)
    seq = archived(log, b"whole")
    archived(log, b"lost object", kept=False, run="r2")
    log.seal()
    found = members(bundled(log))
    hexadecimal = hashlib.sha256(b"whole").hexdigest()
    assert json.loads(found["histories/index.json"]) == {hexadecimal: seq}
    assert {name for name in found if name.endswith(".zst")} == {f"histories/{hexadecimal}.pb.zst"}


def test_a_history_archived_after_the_checkpoint_is_not_in_it(log):
    log.grow(3)
    log.seal()
    archived(log, b"later")
    assert json.loads(members(bundled(log))["histories/index.json"]) == {}


def test_without_histories_the_index_is_empty(log):
    archived(log, b"history")
    log.seal()
    found = members(bundled(log, histories=False))
    assert found["histories/index.json"] == b"{}"
    assert not any(name.endswith(".zst") for name in found)


def behind_our_back(folder, *statements):
    with sqlite3.connect(folder / "ledger.sqlite") as ledger:
        for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            ledger.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            ledger.execute(statement)


@pytest.mark.parametrize(
    "done",
    [
        "UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), 'xxx', 'yyy') AS BLOB) WHERE idx = 20",
        "DELETE FROM entries WHERE idx = 20",
        "DELETE FROM entries WHERE idx BETWEEN 2 AND 30",
        "UPDATE entries SET leaf = (SELECT leaf FROM entries WHERE idx = 21) WHERE idx = 20",
    ],
)
def test_of_a_ledger_that_is_not_what_was_signed_no_bundle_is_made(log, tmp_path, done):
    log.grow(30)
    log.seal()
    log.grow(5)
    behind_our_back(tmp_path, done)
    with pytest.raises(BundleImpossible) as fault:
        bundled(log)
    assert fault.value.code == "bundle_root_differs"


def test_a_checkpoint_whose_key_no_entry_tells_is_nothing_to_stand_on(log, tmp_path):
    log.grow(30)
    log.seal()
    behind_our_back(tmp_path, "DELETE FROM entries WHERE idx > 20")
    with pytest.raises(NoteRefused):
        bundled(log)


@pytest.mark.parametrize("limit", ["MOST_MEMBERS", "MOST_BYTES"])
def test_what_one_file_cannot_hold_is_not_made(log, monkeypatch, limit):
    log.grow(3)
    log.seal()
    monkeypatch.setattr(bundle, limit, 5)
    with pytest.raises(BundleImpossible) as fault:
        bundled(log)
    assert fault.value.code == "bundle_too_large"


def test_a_log_without_a_checkpoint_has_nothing_newest(log):
    log.grow(3)
    assert newest(log.ledger, log.objects, 2**40) is None
    head = log.seal()
    assert newest(log.ledger, log.objects, head.size - 1) is None


def test_it_is_written_in_a_constant_amount_of_memory(log, tmp_path):
    """Ten times the entries take no more than a few parts more."""
    log.grow(400)
    log.seal()
    bundled_to(log, tmp_path / "small.zip")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    log.grow(20_000)
    log.seal()
    after_sealing = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bundled_to(log, tmp_path / "large.zip")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - max(before, after_sealing)
    assert grown < 8 * 1024, f"{grown} kB more, for 12 MB of entries"


def bundled_to(log, path):
    with path.open("x+b") as file:
        found = newest(log.ledger, log.objects, 2**40)
        assert found
        Bundle(file, log.ledger, log.objects, found, lambda _: None).write(ENCLOSED)
