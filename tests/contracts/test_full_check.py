"""Whatever is done to a log behind its signer's back is found and named as what it is; an honest log is not blamed."""

from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.entry import Leaf
from ledger.full_check import FullCheck
from ledger.log_chains import Flaw, LogChains
from ledger.paper import paper_of
from ledger.store import Placed
from tests.forged_log import KEY, ORIGIN, PRIVATE, STREAMS, altered, honest, kept_as_it_says, rechained

HONEST = honest()
STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)
SIZE = len(HONEST.leaves)
PLACES = range(1, SIZE)
"""Every entry but the one of the key."""


def entry(index: int) -> Any:
    return orjson.loads(HONEST.leaves[index])


def last_of_its_stream(index: int) -> bool:
    return all(entry(later)["stream"] != entry(index)["stream"] for later in range(index + 1, SIZE))


def test_an_honest_log_is_clean_and_its_newest_checkpoint_is_named():
    check = HONEST.check(HONEST.head(7), paper_of(HONEST.head(SIZE)))
    assert check.flaws == []
    assert (check.entries, check.streams, check.newest) == (SIZE, 4, HONEST.head(SIZE))
    assert check.root() == HONEST.root(SIZE)


@pytest.mark.parametrize("index", PLACES)
def test_every_deletion_is_found(index):
    log = HONEST.copy()
    taken = entry(index)
    del log.leaves[index]
    flaws = log.flaws()
    # A stream's last entry leaves no gap in its chain: there the tree tells, which is shorter and another.
    gap = [] if last_of_its_stream(index) else [(taken["stream"], taken["seq"], "gap")]
    assert [flaw[:3] for flaw in flaws if flaw.kind == "gap"] == gap
    assert {"tail_cut"} <= log.kinds() <= {"gap", "tail_cut", "root_differs"}


@pytest.mark.parametrize("index", PLACES)
def test_every_entry_that_stands_twice_is_found(index):
    log = HONEST.copy()
    place = (index * 7) % SIZE + 1
    log.leaves.insert(place, log.leaves[index])
    assert log.kinds() & {"copied", "swapped"}
    assert ("root_differs" in log.kinds()) == (place < SIZE)  # behind the last checkpoint nothing is signed yet


@pytest.mark.parametrize("index", PLACES)
def test_every_forged_entry_put_in_is_found(index):
    log = HONEST.copy()
    log.leaves.insert(index, altered(log.leaves[index], data={"forged": True}))
    kinds = log.kinds()
    # The one that was there comes second now, and the next one follows another digest.
    assert "forked" in kinds
    assert "root_differs" in kinds


@pytest.mark.parametrize("index", range(1, SIZE - 1))
def test_every_exchange_of_neighbours_is_found(index):
    log = HONEST.copy()
    log.leaves[index : index + 2] = log.leaves[index + 1], log.leaves[index]
    same = entry(index)["stream"] == entry(index + 1)["stream"]
    moved = [flaw[:3] for flaw in log.flaws() if flaw.kind == "swapped"]
    assert moved == ([(entry(index)["stream"], entry(index)["seq"], "swapped")] if same else [])
    splits_a_checkpoint = index + 1 in HONEST.notes
    assert ("root_differs" in log.kinds()) == (index + 1 < SIZE or splits_a_checkpoint)


@pytest.mark.parametrize("index", PLACES)
def test_every_entry_copied_over_one_of_another_cluster_is_found(index):
    log = HONEST.copy()
    source = next(n for n in PLACES if entry(n)["stream"] != entry(index)["stream"] and n != index)
    log.leaves[index] = log.leaves[source]
    assert log.kinds() & {"copied", "swapped", "forked"}
    assert "root_differs" in log.kinds()


@pytest.mark.parametrize("index", PLACES)
def test_every_entry_taken_into_another_cluster_is_found(index):
    log = HONEST.copy()
    stream = next(name for name in STREAMS if name != entry(index)["stream"])
    log.leaves[index] = altered(log.leaves[index], stream=stream)
    assert log.kinds() & {"chain_broken", "forked", "gap"}
    assert "root_differs" in log.kinds()


@pytest.mark.parametrize("index", PLACES)
def test_every_rewritten_entry_is_found_where_the_next_one_names_another(index):
    log = HONEST.copy()
    log.leaves[index] = altered(log.leaves[index], data={"deliverable": "another"})
    broken = [flaw.seq for flaw in log.flaws() if flaw.kind == "chain_broken"]
    assert broken == ([] if last_of_its_stream(index) else [entry(index)["seq"] + 1])
    assert "root_differs" in log.kinds()


@pytest.mark.parametrize("cut", range(1, SIZE))
def test_every_cut_tail_is_found_against_a_held_checkpoint_also_when_the_store_forgot_its_own(cut):
    log = HONEST.copy()
    del log.leaves[SIZE - cut :]
    log.notes = {size: note for size, note in log.notes.items() if size <= SIZE - cut}
    held = HONEST.head(SIZE)
    assert log.flaws() == []
    for form in (held, paper_of(held)):
        assert [flaw[:3] for flaw in log.flaws(form)] == [("", SIZE, "tail_cut")]


@pytest.mark.parametrize("index", PLACES)
def test_every_fork_chained_and_signed_anew_with_the_stolen_key_is_found_against_a_held_checkpoint(index):
    log = HONEST.copy()
    log.leaves[index] = altered(log.leaves[index], data={"deliverable": "another"})
    log.leaves = rechained(log.leaves)
    log.seal(*log.notes)
    assert log.flaws() == []
    assert [flaw[:3] for flaw in log.flaws(HONEST.head(SIZE))] == [("", SIZE, "forked")]
    assert [flaw[:3] for flaw in log.flaws(paper_of(HONEST.head(SIZE)))] == [("", SIZE, "forked")]
    assert log.flaws(HONEST.head(index)) == []


@pytest.mark.parametrize("index", PLACES)
def test_a_log_rewritten_without_the_key_is_not_what_was_signed(index):
    log = HONEST.copy()
    log.leaves[index] = altered(log.leaves[index], data={"deliverable": "another"})
    log.leaves = rechained(log.leaves)
    touched = [size for size in log.notes if size > index]
    assert [flaw[:3] for flaw in log.flaws()] == [("", size, "root_differs") for size in touched]


def test_no_changed_bit_of_an_entry_gets_through():
    for index in (1, 30, SIZE - 1):
        for bit in range(0, len(HONEST.leaves[index]) * 8, 5):
            log = HONEST.copy()
            changed = bytearray(log.leaves[index])
            changed[bit // 8] ^= 1 << bit % 8
            log.leaves[index] = bytes(changed)
            assert "root_differs" in log.kinds()


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lambda log: log.notes.update({10: log.notes[10].replace(b"\n10\n", b"\n11\n")}), "bad_checkpoint"),
        (lambda log: log.notes.update({10: sign_checkpoint(log.head(10), [STRANGER])}), "bad_signature"),
        (lambda log: log.notes.update({10: b""}), "bad_checkpoint"),
        (lambda log: log.notes.update({11: log.notes[10]}), "bad_checkpoint"),
        (lambda log: log.notes.update({9: sign_checkpoint(Checkpoint("a.b", 9, bytes(32)), [PRIVATE])}),
         "bad_checkpoint"),
        (lambda log: log.notes.update({9: sign_checkpoint(log.head(9)._replace(root=bytes(32)), [PRIVATE])}),
         "root_differs"),
        (lambda log: log.notes.update({999: sign_checkpoint(log.head(9)._replace(size=999), [PRIVATE])}), "tail_cut"),
        (lambda log: log.leaves.__setitem__(3, log.leaves[3].replace(b'":', b'": ', 1)), "not_canonical"),
        (lambda log: log.leaves.__setitem__(3, b'{"v":1}'), "not_an_entry"),
    ],
    ids=["size", "another key", "no note", "another size", "another log", "another root", "a longer log", "a space",
         "no keys"],
)  # fmt: skip
def test_each_damage_has_its_name(damage, kind):
    log = HONEST.copy()
    damage(log)
    assert kind in log.kinds()


def test_a_log_that_never_told_its_key_is_not_rightly_signed():
    log = HONEST.copy()
    del log.leaves[0]
    log.notes = {}
    log.seal(40)
    assert [flaw[:3] for flaw in log.flaws()] == [("", 40, "bad_signature")]


def kept(place: int, raw: bytes, **beside: Any) -> Placed:
    return kept_as_it_says(place, raw)._replace(**beside)


def test_what_a_database_keeps_beside_its_leaves_is_compared():
    def _flaws(*placed: Placed) -> list[tuple[str, int, str]]:
        check = FullCheck(ORIGIN, (), lambda _: b"{}")
        for one in placed:
            check.take(one)
        return [flaw[:3] for flaw in check.finish()]

    first, second = HONEST.leaves[:2]
    stream, seq = entry(1)["stream"], entry(1)["seq"]
    assert _flaws(kept(1, first), kept(2, second)) == []
    assert _flaws(kept(1, first), kept(2, second, stream="cluster/x-x")) == [("cluster/x-x", seq, "cross_copied")]
    assert _flaws(kept(1, first), kept(2, second, seq=9)) == [(stream, 9, "cross_copied")]
    assert _flaws(kept(1, first), kept(3, second)) == [("", 2, "gap")]
    assert _flaws(kept(1, first), kept(2, second, leaf=Leaf(second, "sha256:" + "0" * 64))) == [
        (stream, seq, "digest_differs")
    ]


def test_a_methodology_that_is_not_at_hand_is_told_once():
    def _missing(_: str) -> bytes:
        raise LookupError

    check = FullCheck(ORIGIN, (), _missing)
    for place, leaf in enumerate(HONEST.leaves, 1):
        check.take(kept_as_it_says(place, leaf))
    assert [flaw.kind for flaw in check.finish()] == ["text_missing"]


def test_a_number_as_large_as_numbers_get_fills_no_memory():
    chains, flaws = LogChains(), list[Flaw]()
    leaf = altered(HONEST.leaves[1], seq=2**53 - 1)
    chains.take(kept_as_it_says(1, leaf), flaws)
    chains.take(kept_as_it_says(2, altered(leaf, seq=5)), flaws)
    assert [flaw[1:3] for flaw in [*flaws, *chains.gaps()]] == [(5, "swapped"), (1, "gap"), (6, "gap")]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_mixture_of_changes_leaves_a_sealed_log_clean(drawn):
    log = HONEST.copy()
    for _ in range(drawn.draw(st.integers(1, 4))):
        at, other = (drawn.draw(st.integers(1, len(log.leaves) - 1)) for _ in range(2))
        match drawn.draw(st.sampled_from(("delete", "copy", "swap", "alter"))):
            case "delete":
                del log.leaves[at]
            case "copy":
                log.leaves.insert(other, log.leaves[at])
            case "swap":
                log.leaves[at], log.leaves[other] = log.leaves[other], log.leaves[at]
            case "alter":
                log.leaves[at] = altered(log.leaves[at], data={"n": other})
    assert bool(log.flaws()) == (log.leaves != HONEST.leaves)


def test_the_key_that_signs_is_named_by_the_log():
    assert KEY.text in HONEST.leaves[0].decode()
