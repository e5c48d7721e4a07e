"""Who must sign a checkpoint follows from the entries of the log alone."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.log_keys import LogKeys
from ledger.notes import verifier_of

ORIGIN = "khoosheh.example/office"
FIRST, SECOND, THIRD = (verifier_of(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in range(3))


def added(key, replaces=None, origin=ORIGIN, stream="directory"):
    data = {"origin": origin, "key": key if isinstance(key, str) else key.text}
    data |= {"replaces": replaces.text} if replaces else {}
    return {"stream": stream, "type": "log.key_added", "data": data}


def keys_of(*told):
    keys = LogKeys(ORIGIN)
    assert [keys.take(index, entry) for index, entry in told] == [""] * len(told)
    return keys


def test_before_its_first_key_nobody_can_sign():
    assert keys_of().needed(9) == ()
    assert keys_of((3, added(FIRST))).needed(3) == ()


def test_the_last_key_below_the_size_signs():
    keys = keys_of((3, added(FIRST)), (7, added(SECOND, FIRST)))
    assert [keys.needed(size, size) for size in (4, 7, 8, 100)] == [(FIRST,), (FIRST,), (SECOND,), (SECOND,)]
    assert keys.known == (FIRST, SECOND)


def test_the_checkpoint_that_first_covers_a_change_is_signed_by_the_replaced_key_too():
    keys = keys_of((3, added(FIRST)), (7, added(SECOND, FIRST)), (8, added(THIRD, SECOND)))
    assert keys.needed(8, 7) == (SECOND, FIRST)
    assert keys.needed(9, 8) == (THIRD, SECOND)
    assert keys.needed(9, 7) == (THIRD, FIRST, SECOND)
    assert keys.needed(10, 9) == (THIRD,)


@pytest.mark.parametrize(
    "entry",
    [
        added(SECOND), added(SECOND, THIRD), added(FIRST, FIRST), added("no key", FIRST),
        added(verifier_of("other.example", Ed25519PrivateKey.generate()), FIRST),
        {"stream": "directory", "type": "log.key_added", "data": {"origin": ORIGIN}},
        {"stream": "directory", "type": "log.key_added", "data": {"origin": ORIGIN, "key": 1}},
    ],
    ids=["no successor", "after another", "itself", "no text", "another name", "nothing", "a number"],
)  # fmt: skip
def test_a_key_that_does_not_follow_the_last_is_a_fault_and_signs_nothing(entry):
    keys = keys_of((3, added(FIRST)))
    assert keys.take(5, entry)
    assert keys.needed(9, 9) == (FIRST,)


@pytest.mark.parametrize(
    "entry",
    [
        added(SECOND, FIRST, stream="cluster/abc"), added(SECOND, FIRST, origin="other.example"),
        {"stream": "directory", "type": "person.enrolled", "data": {"origin": ORIGIN}},
        {"stream": "directory", "type": "log.key_added", "data": []},
    ],
    ids=["another stream", "another log", "another type", "no object"],
)  # fmt: skip
def test_what_is_told_elsewhere_is_no_key_of_this_log(entry):
    assert keys_of((3, added(FIRST)), (5, entry)).known == (FIRST,)


def test_a_later_epoch_stands_on_the_entry_that_began_it():
    began = {"stream": "directory", "type": "log.epoch_began", "data": {"origin": f"{ORIGIN}/2"}}
    assert LogKeys(ORIGIN).is_founded(1)
    later = LogKeys(f"{ORIGIN}/2")
    assert not later.is_founded(9)
    later.take(5, began)
    assert [later.is_founded(size) for size in (5, 6)] == [False, True]
