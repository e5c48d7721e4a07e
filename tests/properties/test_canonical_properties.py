"""The fast encoder against the reference implementation of RFC 8785."""

import json
from contextlib import suppress
from typing import Any
from unicodedata import normalize

import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.canonical import MAX_INTEGER, NotCanonical, canonical, parse

TEXT = st.text(st.characters(codec="utf-8")).map(lambda text: normalize("NFC", text))
KEYS = st.text(st.characters(codec="ascii"), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
ANYTHING = st.recursive(
    SCALARS | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def is_accepted(value: Any) -> bool:
    try:
        canonical(value)
    except NotCanonical:
        return False
    return True


NARROW = VALUES.filter(is_accepted)


@given(NARROW)
@example("".join(map(chr, range(0x20))) + "\x7f\u2028\u2029\ufeff\U0010ffff")
@example({chr(code): code for code in range(0x80)})
def test_the_form_is_the_one_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(NARROW)
def test_what_is_written_is_read_back_and_written_the_same(value: Any) -> None:
    assert parse(canonical(value)) == value
    assert canonical(parse(canonical(value))) == canonical(value)


@given(NARROW, st.randoms(use_true_random=False))
def test_the_order_in_which_keys_came_leaves_no_trace(value: Any, random: Any) -> None:
    def shuffled(part: Any) -> Any:
        if isinstance(part, dict):
            items = [(key, shuffled(item)) for key, item in part.items()]
            random.shuffle(items)
            return dict(items)
        return [shuffled(item) for item in part] if isinstance(part, list) else part

    assert canonical(shuffled(value)) == canonical(value)


@given(ANYTHING)
def test_the_reader_accepts_exactly_what_the_writer_writes(value: Any) -> None:
    raw = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")
    try:
        read = parse(raw)
    except NotCanonical:
        assert not is_accepted(value) or canonical(value) != raw
    else:
        assert canonical(read) == raw


@given(st.binary(max_size=60) | st.text(st.sampled_from('[]{}",:0123456789.eE-\\u tfnalsru\u0301ش')).map(str.encode))
def test_whatever_bytes_come_the_answer_is_a_value_or_a_named_fault(raw: bytes) -> None:
    with suppress(NotCanonical):
        assert canonical(parse(raw)) == raw


@given(NARROW, st.data())
def test_no_flipped_bit_is_read_as_the_same_value(value: Any, data: st.DataObject) -> None:
    raw = bytearray(canonical(value))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with suppress(NotCanonical):
        assert parse(bytes(raw)) != value
