"""verify.py finds what section 19 names about the file."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from ledger import verify
from tests.page_bundles import (
    SECOND,
    Q,
    bundle,
    digest,
    end_of,
    found,
    judged,
    kinds,
    members_of,
    note,
    office,
    resealed,
    right,
    sealed,
    spelled,
    verifier,
    with_history,
    zipped,
)


def patched(content: bytes, at: int, new: bytes) -> bytes:
    return resealed(content[:at] + new + content[at + len(new) :])


CENTRAL_FIELDS = [
    (4, 2),
    (6, 2),
    (8, 2),
    (12, 2),
    (14, 2),
    (16, 4),
    (20, 4),
    (24, 4),
    (30, 2),
    (32, 2),
    (34, 2),
    (36, 2),
    (38, 4),
    (42, 4),
]


@pytest.mark.parametrize(("at", "width"), CENTRAL_FIELDS)
def test_a_field_of_the_central_directory_with_another_value_is_damage(at: int, width: int) -> None:
    content = bundle(office().leaves)
    place = content.index(b"PK\x01\x02") + at
    other = bytes([content[place] ^ 1]) + content[place + 1 : place + width]
    try:
        assert "damaged" in kinds(patched(content, place, other))
    except verify.CannotJudge:
        assert at in (30, 32)


@pytest.mark.parametrize(
    ("at", "width"), [(4, 2), (6, 2), (8, 2), (10, 2), (12, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)]
)
def test_a_field_of_a_local_header_with_another_value_is_damage(at: int, width: int) -> None:
    content = bundle(office().leaves)
    assert "damaged" in kinds(patched(content, at, bytes([content[at] ^ 1]) + content[at + 1 : at + width]))


def test_something_between_or_before_is_damage() -> None:
    content = bundle(office().leaves)
    directory = content.index(b"PK\x01\x02")
    body, central, end = content[:directory], content[directory:-93], content[-93:-71]
    count, size, offset = struct.unpack_from("<HII", end, 10)
    hidden = body + b"hidden" + central + end_of(count, size, offset + 6)
    assert kinds(sealed(hidden)) == {"damaged"}
    behind = body + central + b"hidden" + end_of(count, size, offset)
    assert kinds(sealed(behind)) == {"damaged"}
    behind = body + central + b"hidden" + end_of(count, size + 6, offset)
    assert kinds(sealed(behind)) == {"damaged"}
    for disk in (4, 6, 8):
        wrong = bytearray(content)
        wrong[len(content) - 93 + disk] ^= 1
        assert kinds(resealed(bytes(wrong))) == {"damaged"}


def test_a_deflate_stream_that_goes_on_is_damage() -> None:
    content = [(name, b"x" * 9) for name in ("README.md",)] + right()[1:]
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflate.compress(b"x" * 9) + deflate.flush()
    whole = bytearray(zipped(content, stored=()))
    assert whole[39 : 39 + len(packed)] == packed
    # One byte more behind the stream, and every offset and size after it made to fit.
    longer = b"".join([whole[: 39 + len(packed)], b"\0", whole[39 + len(packed) : -71]])
    moved = bytearray(longer)
    struct.pack_into("<I", moved, 18, len(packed) + 1)
    place = moved.index(b"PK\x01\x02")
    struct.pack_into("<I", moved, place + 20, len(packed) + 1)
    while moved[place : place + 4] == b"PK\x01\x02":
        offset, length = struct.unpack_from("<I", moved, place + 42)[0], struct.unpack_from("<H", moved, place + 28)[0]
        struct.pack_into("<I", moved, place + 42, offset + (offset > 0))
        place += 46 + length
    struct.pack_into("<I", moved, len(moved) - 6, struct.unpack_from("<I", moved, len(moved) - 6)[0] + 1)
    manifest = judged(sealed(bytes(moved)))
    assert {f["detail"] for f in manifest["findings"] if f["kind"] == "damaged"} == {
        "README.md: bytes behind the end of the packed ones"
    }


def test_a_member_of_more_than_a_thousand_times_its_packed_size_is_refused() -> None:
    members = right()
    members[0] = ("README.md", b"\0" * 3_000_000)
    assert "damaged" in kinds(zipped(members, stored=()))
    members = right()
    members[3] = ("entries.jsonl", b"\n" * 3_000_000)
    with pytest.raises(verify.CannotJudge):
        judged(zipped(members))


@pytest.mark.parametrize(
    "name", ["extra.txt", "checkpoints/09.txt", "texts/x.json", "../etc", "entries.jsonl/", "Manifest.json"]
)
def test_a_strange_name_is_an_unknown_member(name: str) -> None:
    members = right()
    answer = judged(zipped([*members[:3], (name, b""), *members[3:]]))
    assert [f["kind"] for f in answer["findings"]] == ["unknown_member"]
    assert answer["findings"][0]["detail"].startswith(name)


def test_twice_out_of_order_and_unlisted_are_unknown_members() -> None:
    members = right()
    assert kinds(zipped([*members[:3], members[0], *members[3:]])) == {"unknown_member"}
    assert kinds(zipped([members[1], members[0], *members[2:]])) == {"unknown_member"}
    assert kinds(zipped([members[-1], *members[:-1]])) == {"unknown_member"}
    unlisted = (f"texts/{digest(b'{}')[7:]}.json", b"{}")
    assert kinds(zipped(sorted([*members[:-1], unlisted], key=order) + members[-1:])) == {"unknown_member"}


def order(member: tuple[str, bytes]) -> Any:
    return verify.rank(member[0])


@pytest.mark.parametrize("at", [0, 1, 2, 6])
def test_a_member_that_is_gone_is_missed(at: int) -> None:
    members = right()
    assert found(zipped(members[:at] + members[at + 1 :])) == [("missing_member", "", 0)]


def test_a_bundle_without_manifest_or_entries_cannot_be_judged() -> None:
    members = right()
    for at in (3, -1):
        with pytest.raises(verify.CannotJudge):
            judged(zipped([member for member in members if member is not members[at]]))
    for wrong in (
        b"",
        b"{",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"v":' + b"9" * 100_000 + b"}",
        b"\xff",
        spelled({"kind": "khoosheh-bundle", "v": True}),
    ):
        with pytest.raises(verify.CannotJudge):
            judged(zipped([*members[:-1], ("manifest.json", wrong)]))


def test_a_manifest_that_is_not_canonical_is_damage() -> None:
    members = right()
    for wrong in (b" " + members[-1][1], members[-1][1][:-1] + b',"v":1}', members[-1][1].replace(b'"v":1', b'"v": 1')):
        assert "damaged" in kinds(zipped([*members[:-1], ("manifest.json", wrong)]))


def test_another_digest_than_the_manifest_says() -> None:
    members = right()
    members[0] = ("README.md", b"something else")
    assert found(zipped(members)) == [("digest_differs", "", 0)]


def test_a_text_of_another_name_is_another_text() -> None:
    one = office()
    members = members_of(one.leaves)
    at = next(at for at, (name, _) in enumerate(members) if name.startswith("texts/"))
    members[at] = (members[at][0], b"{}")
    manifest = json.loads(members[-1][1])
    manifest["files"][members[at][0]] = digest(b"{}")
    assert found(zipped([*members[:-1], ("manifest.json", spelled(manifest))])) == [("digest_differs", "", 0)]


def test_a_methodology_without_its_text_is_told_once() -> None:
    assert found(bundle(office().leaves, texts=())) == [("text_missing", Q, 1)]


def test_a_history_is_sealed_by_its_entry() -> None:
    assert found(bundle(with_history().leaves, histories={b"run": 1})) == []
    assert found(bundle(with_history().leaves, histories={b"run": 2})) == [("history_unsealed", "", 0)]
    assert found(bundle(with_history(told=b"other").leaves, histories={b"run": 1})) == [("history_unsealed", "", 0)]
    one = office()
    one.add("archive", "history.lost", {"digest": digest(b"run")}, "svc:archive")
    assert found(bundle(one.leaves, histories={b"run": 1})) == [("history_unsealed", "", 0)]


def test_a_history_and_its_line_belong_together() -> None:
    one = with_history()
    members = members_of(one.leaves, histories={b"run": 1})
    gone = [member for member in members if not member[0].endswith(".zst")]
    assert found(zipped(gone)) == [("missing_member", "", 0)]
    manifest = json.loads(members[-1][1])
    at = next(at for at, (name, _) in enumerate(members) if name == "histories/index.json")
    for wrong, expected in (
        (b"{}", {"missing_member"}),
        (b"[]", {"missing_member", "damaged"}),
        (b"{ }", {"missing_member", "damaged"}),
    ):
        members[at] = ("histories/index.json", wrong)
        manifest["files"]["histories/index.json"] = digest(wrong)
        assert kinds(zipped([*members[:-1], ("manifest.json", spelled(manifest))])) == expected


def test_a_manifest_that_tells_otherwise() -> None:
    leaves = office().leaves
    notes = {5: note(leaves, 5), 9: note(leaves, 9)}
    assert found(bundle(leaves, notes, size=5)) == [("manifest_differs", "", 0)] * 2
    assert found(bundle(leaves, root="0" * 64)) == [("manifest_differs", "", 0)]
    assert found(bundle(leaves, keys=(verifier(SECOND),))) == [("manifest_differs", "", 0)]
    assert found(bundle(leaves, keys=())) == [("manifest_differs", "", 0)]
    assert ("manifest_differs", "", 0) in found(bundle(leaves, root=5, size="9"))


def test_packed_bytes_that_unpack_to_nothing_are_no_place_to_hide_something() -> None:
    assert found(zipped(right(), blocks=1)) == []
    assert {kind for kind, _, _ in found(zipped(right(), blocks=200))} == {"damaged"}


def test_a_program_in_the_file_that_is_another_is_told_and_no_finding(tmp_path: Any, capsys: Any) -> None:
    own = Path(verify.__file__).read_bytes()
    for program, told in ((b"print('nothing to blame')", True), (own, False)):
        members = [(name, program if name == "verify.py" else content) for name, content in right()]
        manifest = json.loads(members.pop()[1])
        manifest["files"]["verify.py"] = digest(program)
        (tmp_path / "b.zip").write_bytes(zipped([*members, ("manifest.json", spelled(manifest))]))
        assert verify.main([str(tmp_path / "b.zip"), "--lang", "en"]) == 0
        assert ("another program" in capsys.readouterr().out) == told
