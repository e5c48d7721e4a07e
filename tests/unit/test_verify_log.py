"""verify.py finds what section 19 names about the log, its keys and epochs, and what somebody holds."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ledger import verify
from tests.page_bundles import (
    ORIGIN,
    SECOND,
    SEED,
    STRANGER,
    Office,
    Q,
    bundle,
    found,
    judged,
    line_of,
    note,
    office,
    root_at,
    text_of,
    verifier,
)


def test_a_checkpoint_that_is_none() -> None:
    leaves = office().leaves
    text = note(leaves, 9).partition(b"\n\n")[0].decode() + "\n"
    for wrong in (
        b"",
        b"x",
        b"\xff",
        text.encode(),
        note(leaves, 9)[:-1],
        note(leaves, 9) + b"x",
        note(leaves, 9).replace(b"\n9\n", b"\n09\n"),
    ):
        assert found(bundle(leaves, {9: wrong})) == [("bad_checkpoint", "", 9)], wrong
    assert found(bundle(leaves, {9: note(leaves, 8)})) == [("bad_checkpoint", "", 9)]
    other = found(bundle(leaves, {9: note(leaves, 9, origin="khoosheh.example/rey")}))
    assert sorted(other) == [("bad_checkpoint", "", 9), ("manifest_differs", "", 0)]
    four = text + "more\n"
    assert found(bundle(leaves, {9: (four + "\n" + line_of(four, SEED)).encode()})) == [("bad_checkpoint", "", 9)]
    assert found(bundle(leaves, {9: (text + "\n" + line_of(text, SEED) * 17).encode()})) == [("bad_checkpoint", "", 9)]
    long = (text + "\n" + line_of(text, SEED)).encode() + b"\xe2\x80\x94 a " + base64.b64encode(b"x" * 75_000) + b"\n"
    assert found(bundle(leaves, {9: long})) == [("bad_checkpoint", "", 9)]


def signed_by(leaves: list[bytes], *lines: str) -> bytes:
    """A bundle whose checkpoint has these signature lines."""
    return bundle(leaves, {len(leaves): (text_of(leaves) + "\n" + "".join(lines)).encode()})


def test_who_signs_a_checkpoint() -> None:
    leaves = office().leaves
    text = text_of(leaves)
    own, strange = line_of(text, SEED), line_of(text, STRANGER)
    other_name, other_text = line_of(text, SEED, "elsewhere"), line_of(text + "x", SEED)
    bad = [("bad_signature", "", 9)]
    assert found(signed_by(leaves, own)) == []
    assert found(signed_by(leaves, strange, own, other_name)) == []
    assert found(signed_by(leaves, strange)) == bad
    assert found(signed_by(leaves, other_name)) == bad
    assert found(signed_by(leaves, other_text)) == bad
    assert found(signed_by(leaves, own, own)) == bad
    assert found(signed_by(leaves, own, other_text)) == bad
    short = f"— {ORIGIN} " + base64.b64encode(base64.b64decode(own.split()[-1])[:40]).decode() + "\n"
    assert found(signed_by(leaves, short)) == bad
    assert found(signed_by(leaves, own.replace("=\n", "\n"))) == [("bad_checkpoint", "", 9)]


def test_a_bundle_nobody_signed_for() -> None:
    leaves = office().leaves
    assert sorted(found(bundle(leaves, {}))) == [("missing_member", "", 0), ("not_sealed", "", 9)]
    assert found(bundle(leaves, {8: note(leaves, 8)})) == [("not_sealed", "", 9)]
    one = Office(key=False)
    one.add(Q, "cluster.identified", {})
    assert found(bundle(one.leaves, keys=())) == [("bad_signature", "", 1)]


def test_a_log_that_is_shorter_than_its_checkpoint_was_cut() -> None:
    leaves = office().leaves
    cut = bundle(leaves[:7], {7: note(leaves, 7), 9: note(leaves, 9)})
    assert found(cut) == [("tail_cut", "", 9)]
    cut = bundle(leaves[:7], {9: note(leaves, 9)}, size=9, root=root_at(leaves, 9).hex())
    assert found(cut) == [("tail_cut", "", 9)]


def test_entries_that_were_not_signed() -> None:
    leaves = office().leaves
    wrong = [*leaves[:3], leaves[3].replace(b"p-agent", b"p-agenz"), *leaves[4:]]
    notes = {3: note(leaves, 3), 5: note(leaves, 5), 9: note(leaves, 9)}
    assert found(bundle(wrong, notes)) == [("chain_broken", Q, 3), ("root_differs", "", 5), ("root_differs", "", 9)]
    answer = judged(bundle(wrong, notes))
    assert (answer["size"], answer["entries"]) == (3, 9)


def changed_keys(*, replaces: str | None = None) -> Office:
    one = office()
    one.add(
        "directory",
        "log.key_added",
        {"key": verifier(SECOND), "origin": ORIGIN, "replaces": replaces or verifier()},
        "svc:sealing",
    )
    one.add(Q, "note.made", {})
    return one


def test_a_change_of_keys() -> None:
    leaves, keys = changed_keys().leaves, (verifier(), verifier(SECOND))
    both, new, old = note(leaves, 11, SEED, SECOND), note(leaves, 11, SECOND), note(leaves, 11, SEED)
    assert found(bundle(leaves, {11: both}, keys=keys)) == []
    assert found(bundle(leaves, {9: note(leaves, 9), 10: note(leaves, 10, SECOND, SEED), 11: new}, keys=keys)) == []
    assert found(bundle(leaves, {11: new}, keys=keys)) == [("bad_signature", "", 11)]
    assert found(bundle(leaves, {11: old}, keys=keys)) == [("bad_signature", "", 11)]
    assert found(bundle(leaves, {10: both.replace(b"11", b"10"), 11: new}, keys=keys)) == [("bad_signature", "", 10)]
    assert found(bundle(leaves, {9: note(leaves, 9, SECOND), 11: both}, keys=keys)) == [("bad_signature", "", 9)]


def test_an_entry_of_a_key_that_is_none() -> None:
    for data in (
        {"key": verifier(SECOND), "origin": ORIGIN},
        {"key": verifier(SECOND), "origin": ORIGIN, "replaces": verifier(SECOND)},
    ):
        one = office()
        one.add("directory", "log.key_added", data, "svc:sealing")
        both = note(one.leaves, 10, SEED, SECOND)
        assert found(bundle(one.leaves, {10: both}, keys=(verifier(), verifier(SECOND)))) == [("bad_signature", "", 10)]
    for text in (verifier(SECOND, "other.example"), "x", verifier()[:-1], verifier().replace("+4", "+5")):
        one = office()
        one.add("directory", "log.key_added", {"key": text, "origin": ORIGIN, "replaces": verifier()}, "svc:sealing")
        answer = found(bundle(one.leaves, {10: note(one.leaves, 10)}, keys=(verifier(), text)))
        assert answer == [("bad_signature", "", 10)] * 2


def test_keys_elsewhere_are_no_keys() -> None:
    one = office()
    for stream, kind in ((Q, "log.key_added"), ("licences", "log.key_added"), ("directory", "log.key_seen")):
        one.add(stream, kind, {"key": verifier(SECOND), "origin": ORIGIN}, "svc:sealing")
    one.add(
        "directory",
        "log.key_added",
        {"key": verifier(SECOND, "other.example"), "origin": "other.example"},
        "svc:sealing",
    )
    assert found(bundle(one.leaves)) == []


LATER = ORIGIN + "/2"


def second_epoch(*people: str, **data: Any) -> Office:
    one = office()
    previous = {"origin": ORIGIN, "root": "0" * 64, "size": 9}
    signers = list(people) or ["p-1", "p-2"]
    one.add("directory", "log.epoch_began", {"origin": LATER, "previous": previous, "signed_by": signers} | data)
    one.add("directory", "log.key_added", {"key": verifier(SEED, LATER), "origin": LATER}, "svc:sealing")
    return one


def test_a_later_epoch_is_founded_by_its_entry() -> None:
    leaves = second_epoch().leaves
    assert found(bundle(leaves, origin=LATER)) == []
    assert found(bundle(second_epoch("p-1", "p-1").leaves, origin=LATER)) == [("segregation", "directory", 2)]
    assert found(bundle(second_epoch("p-1").leaves, origin=LATER)) == [("segregation", "directory", 2)]
    assert found(bundle(second_epoch(previous={"origin": ORIGIN, "size": 9}).leaves, origin=LATER)) == [
        ("epoch_unfounded", "", 11)
    ]
    without = Office(LATER)
    assert found(bundle(without.leaves, origin=LATER, texts=())) == [("epoch_unfounded", "", 1)]
    first = second_epoch(origin=ORIGIN)
    assert found(bundle(first.leaves)) == [("epoch_unfounded", "", 11)]
    early = Office(LATER)
    early.add(Q, "cluster.identified", {})
    previous = {"origin": ORIGIN, "root": "0" * 64, "size": 9}
    early.add("directory", "log.epoch_began", {"origin": LATER, "previous": previous, "signed_by": ["p-1", "p-2"]})
    notes = {size: note(early.leaves, size, origin=LATER) for size in (2, 3)}
    assert found(bundle(early.leaves, notes, origin=LATER)) == [("epoch_unfounded", "", 2)]


@pytest.mark.parametrize(
    ("origin", "before"), [("abc", ""), ("a.b/c", ""), ("a.b/2", "a.b"), ("a.b/10", "a.b/9"), ("a.b/c/3", "a.b/c/2")]
)
def test_origins(origin: str, before: str) -> None:
    assert verify.epoch(origin) == before


@pytest.mark.parametrize(
    "origin",
    [
        "ab",
        "a.b/1",
        "a.b/0",
        "a.b/02",
        "a.b/2/3",
        "123",
        "A.b",
        "a//b",
        "/ab",
        "ab/",
        "a b",
        "-ab",
        "a" * 101,
        "a.b/2/2",
        "اصل",
    ],
)
def test_no_origins(origin: str) -> None:
    assert verify.epoch(origin) is None


# ---------------------------------------------------------------------------------------------------------------------
# What you hold.


def held(leaves: list[bytes], size: int, *seeds: bytes) -> Any:
    return verify.held_note("held", note(leaves, size, *seeds))


def on_paper(leaves: list[bytes], size: int) -> Any:
    return verify.held_groups("paper", verify.on_paper(verify.Checkpoint(ORIGIN, size, root_at(leaves, size))))


def test_what_you_hold_is_this_log_or_one_it_goes_on_from() -> None:
    leaves = office().leaves
    answer = judged(bundle(leaves), tuple(make(leaves, size) for make in (held, on_paper) for size in (9, 4)))
    assert answer["ok"]
    assert [one["result"] for one in answer["held"]] == ["same", "extends"] * 2


def test_what_you_hold_is_longer_or_another() -> None:
    leaves = office().leaves
    wrong = [*leaves[:8], leaves[8].replace(b"2026", b"2027", 1)]
    for make in (held, on_paper):
        assert found(bundle(leaves[:7]), make(leaves, 9)) == [("tail_cut", "", 9)]
        assert found(bundle(leaves), make(wrong, 9)) == [("forked", "", 9)]
    assert found(bundle(leaves), held(leaves, 9, STRANGER)) == [("bad_signature", "", 9)]
    assert found(bundle(leaves), held(wrong, 9, STRANGER)) == [("forked", "", 9), ("bad_signature", "", 9)]
    other = verify.held_note("held", note(leaves, 9, origin="khoosheh.example/rey"))
    assert found(bundle(leaves), other) == [("bad_checkpoint", "", 9)]
    none = verify.held_note("held", ("a note\n\n" + line_of("a note\n", SEED)).encode())
    assert found(bundle(leaves), none) == [("bad_checkpoint", "", 0)]


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"hello", b"x" * 200_000, b"00000 04NCW JVJD5 0W04P WPZ7V E9C6T ZS82S RBGPM"]
)
def test_what_is_no_checkpoint_cannot_be_judged(content: bytes) -> None:
    with pytest.raises(verify.CannotJudge):
        verify.held_note("held", content)


def test_a_key_you_hold_must_be_one_of_the_log() -> None:
    leaves = office().leaves
    assert found(bundle(leaves), keys=(verifier(),)) == []
    assert found(bundle(leaves), keys=(verifier(SECOND),)) == [("bad_signature", "", 0)]
    assert found(bundle(leaves), keys=("",)) == [("bad_signature", "", 0)]
