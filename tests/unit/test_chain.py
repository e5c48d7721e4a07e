from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from hashlib import sha256

import orjson
import pytest

from domain.recording import Actor, Head
from ledger.canonical import NotCanonical, canonical
from ledger.chain import START, verify_chain
from ledger.entry import Leaf, NotAnEntry, digest_of, fact_of, moment_text, seal, times_in
from tests.ledger_facts import NINE, chained, fact, facts

STREAM = "cluster/carpet-qom"
LEAVES = chained(STREAM, facts(1, 6))


def kinds(leaves: list[Leaf]) -> list[tuple[int, str]]:
    found = verify_chain(STREAM, leaves)
    assert isinstance(found, list)
    assert all(finding.stream == STREAM and finding.detail for finding in found)
    return [(finding.seq, finding.kind) for finding in found]


def rewritten(leaf: Leaf, **changed: object) -> Leaf:
    """The same entry with other values, sealed as a forger would: its digest fits."""
    entry = orjson.loads(leaf.raw) | changed
    raw = canonical({name: value for name, value in entry.items() if value is not ...})
    return Leaf(raw, digest_of(raw))


def test_a_leaf_is_the_same_bytes_each_time_and_named_by_their_digest() -> None:
    first = LEAVES[0]
    assert seal(STREAM, "", fact(1)) == first
    assert first.digest == "sha256:" + sha256(first.raw).hexdigest()
    assert orjson.loads(first.raw) == {
        "v": 1,
        "stream": STREAM,
        "seq": 1,
        "type": "deliverable.approved",
        "occurred_at": "2026-11-24T05:30:00.000000Z",
        "recorded_at": "2026-11-24T05:30:01.000000Z",
        "command": {"id": fact(1).command.id, "n": 1, "of": 1},
        "actor": {"id": "p-91", "role": "provincial_coordinator", "scope": "province/07"},
        "cause": {"kind": "command", "ref": fact(1).command.id},
        "methodology": {"id": "unido", "version": "1405.1", "digest": "sha256:" + "0" * 64},
        "authenticated_by": "session",
        "build": "b1",
        "data": {"deliverable": "action_plan", "version": 1},
        "prev": "",
    }


@pytest.mark.parametrize("without", [{}, {"methodology": None}])
@pytest.mark.parametrize("behalf", [None, "p-12"])
def test_a_fact_comes_back_from_its_leaf_unchanged(without: dict[str, None], behalf: str | None) -> None:
    actor = Actor(person="p-91", role="cda", scope="cluster/carpet-qom", on_behalf_of=behalf)
    sealed = fact(1, name="خوشهٔ فرش", nothing=None).model_copy(update={"actor": actor, **without})
    leaf = seal(STREAM, "", sealed)
    assert fact_of(leaf) == sealed
    assert seal(STREAM, "", fact_of(leaf)) == leaf


def test_a_moment_is_written_in_utc_with_six_decimals_in_every_year() -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    assert moment_text(NINE.astimezone(tehran)) == "2026-11-24T05:30:00.000000Z"
    assert moment_text(datetime(800, 1, 2, 3, 4, 5, 6, tehran)) == "0800-01-01T23:34:05.000006Z"


@pytest.mark.parametrize(
    "data",
    [
        {}, {"note": ',"occurred_at":"1999-01-01T00:00:00.000000Z"'}, {"values": {"a": 1, "occurred_at": "never"}},
        {"recorded_at": "1999-01-01T00:00:00.000000Z", "values": [{"a": "", "recorded_at": "x" * 27}]},
    ],
)  # fmt: skip
def test_the_times_of_an_entry_are_read_without_parsing_it_whatever_its_data_say(data: dict[str, object]) -> None:
    told = fact(3, **data)
    assert times_in(seal(STREAM, "", told).raw) == (moment_text(told.occurred_at), moment_text(told.recorded_at))
    assert told.occurred_at != told.recorded_at


def test_data_outside_the_narrowed_form_is_never_sealed() -> None:
    with pytest.raises(NotCanonical) as fault:
        seal(STREAM, "", fact(1, share=0.5))
    assert (fault.value.code, fault.value.path) == ("float", "data/share")


@pytest.mark.parametrize("stream", ["", "cluster/", "Cluster/abc", "cluster/../x", "cluster/abc\n"])
def test_a_stream_has_a_plain_name(stream: str) -> None:
    with pytest.raises(NotAnEntry):
        seal(stream, "", fact(1))


def test_an_unbroken_chain_has_its_last_leaf_as_head() -> None:
    assert verify_chain(STREAM, LEAVES) == Head(seq=6, digest=LEAVES[-1].digest)
    assert verify_chain(STREAM, []) == START


def test_a_chain_can_be_verified_from_a_head_one_remembers() -> None:
    half = verify_chain(STREAM, LEAVES[:3])
    assert isinstance(half, Head)
    assert verify_chain(STREAM, LEAVES[3:], half) == verify_chain(STREAM, LEAVES)
    forged = Head(seq=3, digest="sha256:" + "f" * 64)
    found = verify_chain(STREAM, LEAVES[3:], forged)
    assert isinstance(found, list)
    assert [finding.kind for finding in found] == ["broken_prev"]


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (lambda all_: all_[:2] + all_[3:], [(4, "gap"), (4, "broken_prev")]),
        (lambda all_: all_[1:], [(2, "gap"), (2, "broken_prev")]),
        (lambda all_: [*all_[:2], all_[1], *all_[2:]], [(2, "out_of_order"), (2, "broken_prev")]),
        (
            lambda all_: [all_[0], all_[2], all_[1], *all_[3:]],
            [
                (3, "gap"),
                (3, "broken_prev"),
                (2, "out_of_order"),
                (2, "broken_prev"),
                (4, "gap"),
                (4, "broken_prev"),
            ],
        ),
        (
            lambda all_: [*all_[:2], Leaf(all_[2].raw.replace(b"p-91", b"p-92"), all_[2].digest), *all_[3:]],
            [(3, "wrong_digest"), (4, "broken_prev")],
        ),
        (
            lambda all_: [*all_[:2], rewritten(all_[2], build="b2"), *all_[3:]],
            [(4, "broken_prev")],
        ),
        (
            lambda all_: [*all_[:2], rewritten(all_[2], stream="cluster/other"), *all_[3:]],
            [(3, "wrong_stream"), (4, "broken_prev")],
        ),
        (
            lambda all_: [*all_[:2], Leaf(all_[2].raw + b" ", digest_of(all_[2].raw + b" ")), *all_[3:]],
            [(3, "not_canonical"), (4, "broken_prev")],
        ),
        (
            lambda all_: [*all_[:5], rewritten(all_[5], actor=...)],
            [(6, "not_an_entry")],
        ),
    ],
    ids=[
        "deleted",
        "head cut",
        "doubled",
        "swapped",
        "edited",
        "resealed",
        "moved",
        "respelled",
        "shapeless",
    ],
)
def test_every_tampering_is_named_with_its_place(
    tamper: Callable[[list[Leaf]], list[Leaf]], expected: list[tuple[int, str]]
) -> None:
    assert kinds(tamper(LEAVES)) == expected


def test_every_single_flipped_bit_is_found() -> None:
    before, victim = LEAVES[:1], LEAVES[1]
    for bit in range(len(victim.raw) * 8):
        raw = bytearray(victim.raw)
        raw[bit // 8] ^= 1 << bit % 8
        found = verify_chain(STREAM, [*before, Leaf(bytes(raw), victim.digest)])
        assert isinstance(found, list)
        assert found[-1].kind == "wrong_digest"


def test_a_leaf_of_another_cluster_does_not_fit_in() -> None:
    theirs = chained("cluster/carpet-yazd", facts(1, 3))
    assert kinds([*LEAVES[:2], theirs[2], *LEAVES[3:]])[0] == (3, "wrong_stream")


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 2},
        {"v": True},
        {"seq": 0},
        {"seq": "1"},
        {"seq": True},
        {"more": 1},
        {"data": ...},
        {"occurred_at": "2026-11-24T05:30:00Z"},
        {"recorded_at": "۲۰۲۶-11-24T05:30:00.000000Z"},
    ],
    ids=str,
)
def test_an_entry_has_one_outline(changed: dict[str, object]) -> None:
    assert kinds([rewritten(LEAVES[0], **changed)]) == [(1, "not_an_entry")]


def test_canonical_bytes_that_are_no_entry_are_no_fact() -> None:
    for raw in (b"[]", b'"x"', b"{}", rewritten(LEAVES[0], actor={"id": "nobody"}).raw):
        with pytest.raises(NotAnEntry):
            fact_of(Leaf(raw, digest_of(raw)))
