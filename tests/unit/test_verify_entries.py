"""verify.py finds what section 19 names about the entries, line by line."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ledger import verify
from tests.page_bundles import RULES, Q, bundle, digest, found, judged, members_of, note, office, spelled, zipped


def chained(leaves: list[bytes]) -> list[tuple[str, str, int]]:
    """The findings about the entries alone, in a bundle signed anew as a forger with the key would."""
    told = found(bundle(leaves))
    return [one for one in told if one[0] not in ("bad_signature", "manifest_differs", "missing_member", "segregation")]


def test_a_changed_entry_breaks_the_chain_after_it() -> None:
    leaves = office().leaves
    leaves[3] = leaves[3].replace(b"p-agent", b"p-agenz")
    assert chained(leaves) == [("chain_broken", Q, 3)]


def test_an_entry_taken_out_leaves_a_gap() -> None:
    leaves = office().leaves
    assert chained(leaves[:3] + leaves[4:]) == [("gap", Q, 2)]
    assert chained(leaves[:1] + leaves[2:]) == [("gap", Q, 1)]
    assert chained(leaves[:3] + leaves[5:]) == [("gap", Q, 2)]
    assert chained(leaves[:-1]) == []


def test_an_entry_put_in_twice_is_copied_and_another_with_its_number_forked() -> None:
    leaves = office().leaves
    assert chained([*leaves, leaves[3]]) == [("copied", Q, 2)]
    assert chained([*leaves, leaves[3].replace(b"p-agent", b"p-agenz")]) == [("forked", Q, 2)]


def test_exchanged_entries() -> None:
    leaves = office().leaves
    within = [*leaves[:3], leaves[4], leaves[3], *leaves[5:]]
    # 1, 3, 2, 4: the third comes before the second.
    assert chained(within) == [("swapped", Q, 2)]
    across = [*leaves[:1], leaves[2], leaves[1], *leaves[3:]]
    assert chained(across) == []
    assert ("root_differs", "", 9) in found(bundle(across, {9: note(leaves, 9)}))


def test_after_a_gap_the_chain_goes_on() -> None:
    leaves = office().leaves
    late = [*leaves[:3], *leaves[4:], leaves[3]]
    assert chained(late) == [("swapped", Q, 2)]
    assert chained([*late, leaves[3]]) == [("swapped", Q, 2), ("copied", Q, 2)]
    assert chained([*late, leaves[3].replace(b"p-agent", b"p-agenz")]) == [("swapped", Q, 2), ("forked", Q, 2)]


def test_a_first_entry_tells_of_none_before() -> None:
    one = office()
    one.add("licences", "licence.given", {}, prev="sha256:" + "0" * 64)
    assert chained(one.leaves) == [("chain_broken", "licences", 1)]


NO_LEAVES = [
    b"",
    b" ",
    b"{",
    b"\xff",
    b"\xef\xbb\xbf{}",
    b'{"a":1,"a":1}',
    b'{"b":1,"a":1}',
    b'{"a": 1}',
    b'{"a":1}\r',
    b"1.0",
    b"1e3",
    b"-0",
    b"01",
    b"+1",
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"9007199254740992",
    b"-9007199254740992",
    b"9" * 20_000,
    b'"\\ud800"',
    b'"\\u0041"',
    b'"\\/"',
    b'"\\u001F"',
    b'"\\u000a"',
    '"e\u0301"'.encode(),
    '{"\u00e9":1}'.encode(),
    b'"\x01"',
    b"[" * 9 + b"]" * 9,
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b"[" * 900 + b"]" * 900,
    b'"' + b"x" * 65_534 + b'"',
    b"nul",
    b"{}{}",
    b"'a'",
    b"\x00",
]
LEAVES = [
    b"{}",
    b"[]",
    b"0",
    b"-1",
    b"9007199254740991",
    b"-9007199254740991",
    b"null",
    b"true",
    b'"\\n\\u001f\\"\\\\"',
    '"é\u200c\U0001f600\x7f"'.encode(),
    '"\\n\u0301"'.encode(),
    b"[" * 8 + b"]" * 8,
    b'"' + b"x" * 65_533 + b'"',
    b'["[","{","[[[[[[[["]',
]


@pytest.mark.parametrize("leaf", NO_LEAVES, ids=lambda leaf: repr(leaf[:12]) + str(len(leaf)))
def test_a_line_that_is_not_canonical(leaf: bytes) -> None:
    assert found(bundle([*office().leaves, leaf])) == [("not_canonical", "", 10)]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: repr(leaf[:12]) + str(len(leaf)))
def test_a_canonical_line_that_is_no_entry(leaf: bytes) -> None:
    assert found(bundle([*office().leaves, leaf])) == [("not_an_entry", "", 10)]


def test_a_line_longer_than_any_buffer_is_a_leaf_all_the_same() -> None:
    leaves = [*office().leaves, b"x" * 70_000, random.Random(1).randbytes(3_000_000).replace(b"\n", b""), b"y"]
    assert found(bundle(leaves)) == [("not_canonical", "", 10), ("not_canonical", "", 11), ("not_canonical", "", 12)]


def test_a_last_line_without_line_feed() -> None:
    one = office()
    members = members_of(one.leaves)
    members[3] = ("entries.jsonl", members[3][1][:-1])
    manifest = json.loads(members[-1][1])
    manifest["files"]["entries.jsonl"] = digest(members[3][1])
    assert found(zipped([*members[:-1], ("manifest.json", spelled(manifest))])) == [("not_canonical", "", 9)]


WRONG = [
    {"v": 2},
    {"v": True},
    {"v": "1"},
    {"seq": 0},
    {"seq": -1},
    {"seq": True},
    {"seq": "1"},
    {"stream": "Cluster/abc"},
    {"stream": "cluster/ab"},
    {"stream": "cluster/-abc"},
    {"stream": "other/abc"},
    {"stream": "a" * 21},
    {"stream": ""},
    {"stream": 5},
    {"prev": "x"},
    {"prev": None},
    {"occurred_at": "2026-11-24T05:30:00Z"},
    {"recorded_at": "2026-13-24T05:30:00.000000Z"},
    {"recorded_at": "2026-11-24T24:30:00.000000Z"},
    {"occurred_at": "2026-11-24T05:30:00.000000Z\n"},
    {"data": []},
    {"data": "x"},
    {"type": ""},
    {"type": 1},
    {"build": None},
    {"more": 1},
    {"command": {"id": "c", "n": 2, "of": 1}},
    {"command": {"id": "c", "n": 0, "of": 1}},
    {"command": {"id": "c", "n": True, "of": 1}},
    {"command": {"id": "c", "n": 1}},
    {"command": []},
    {"actor": {"id": "p-1", "role": "r"}},
    {"actor": {"id": "x", "role": "r", "scope": "nation"}},
    {"actor": {"id": "p-1", "role": "r", "scope": "world"}},
    {"actor": {"id": "p-1", "role": "r", "scope": "nation", "on_behalf_of": ""}},
    {"actor": "p-1"},
    {"cause": {"kind": "whim", "ref": "x"}},
    {"cause": {"kind": "command"}},
    {"authenticated_by": "trust"},
    {"authenticated_by": ["none"]},
    {"methodology": {"id": "m", "version": "1"}},
    {"methodology": {"id": "m", "version": "1", "digest": "x"}},
    {"cause": {"kind": ["command"], "ref": "x"}},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_value_that_section_3_does_not_have(wrong: dict[str, Any]) -> None:
    one = office()
    leaf = spelled(one.make("licences", "licence.given", {}) | wrong)
    assert found(bundle([*one.leaves, leaf])) == [("not_an_entry", "", 10)]


@pytest.mark.parametrize("key", ["v", "stream", "type", "data", "prev", "build"])
def test_an_entry_without_one_of_its_keys_is_none(key: str) -> None:
    one = office()
    entry = one.make("licences", "licence.given", {})
    del entry[key]
    assert found(bundle([*one.leaves, spelled(entry)])) == [("not_an_entry", "", 10)]


@pytest.mark.parametrize("scope", ["nation", "province/qom", "cluster/qom-footwear"])
def test_what_section_3_has_is_an_entry(scope: str) -> None:
    one = office()
    actor = {"id": "svc:x", "role": "r", "scope": scope, "on_behalf_of": "p-2"}
    for more in (
        {"cause": {"kind": "rung", "ref": "r"}},
        {"authenticated_by": "none"},
        {"methodology": {"id": "m", "version": "1", "digest": digest(RULES)}},
    ):
        one.add("refusals", "command.refused", {}, **more)
    assert found(bundle(one.leaves)) == []
    assert verify.is_actor(actor)


def test_more_than_a_hundred_findings_are_counted() -> None:
    answer = judged(bundle([*office().leaves, *[b"x"] * 150]))
    assert len(answer["findings"]) == 100
    assert answer["more"] == 50
