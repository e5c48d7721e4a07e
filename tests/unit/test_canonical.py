from typing import Any

import pytest

from ledger.canonical import MAX_BYTES, MAX_DEPTH, MAX_INTEGER, NotCanonical, canonical, parse


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def refused(value: Any) -> tuple[str, str]:
    with pytest.raises(NotCanonical) as fault:
        canonical(value)
    return fault.value.code, fault.value.path


def refused_text(raw: bytes) -> tuple[str, str]:
    with pytest.raises(NotCanonical) as fault:
        parse(raw)
    return fault.value.code, fault.value.path


def test_keys_are_sorted_and_nothing_is_spelled_longer_than_needed() -> None:
    value = {"b": [True, None, -7], "a": {"name": "خوشهٔ فرش", "": '\x00\n"\\/\x7f'}}
    assert canonical(value) == ('{"a":{"":"\\u0000\\n\\"\\\\/\x7f","name":"خوشهٔ فرش"},"b":[true,null,-7]}'.encode())


@pytest.mark.parametrize(
    ("value", "code", "path"),
    [
        ({"a": [1, {"b": 1.5}]}, "float", "a/1/b"),
        ({"a": float("nan")}, "float", "a"),
        ([MAX_INTEGER + 1], "integer_range", "0"),
        ([0, -MAX_INTEGER - 1], "integer_range", "1"),
        ({"نام": 1}, "key_not_ascii", "\\u0646\\u0627\\u0645"),
        ({"a": {1: "x"}}, "key_not_text", "a/1"),
        ({"name": "e\u0301"}, "not_nfc", "name"),
        ({"name": "\ud800"}, "surrogate", "name"),
        ({"a": (1, 2)}, "type", "a"),
        ({"a": b"x"}, "type", "a"),
        (nested(MAX_DEPTH + 1), "too_deep", "0/0/0/0/0/0/0/0"),
        ({"a": "x" * MAX_BYTES}, "too_large", ""),
    ],
)
def test_a_value_outside_the_narrowed_form_is_refused_with_its_place(value: Any, code: str, path: str) -> None:
    assert refused(value) == (code, path)


@pytest.mark.parametrize(
    "value",
    [MAX_INTEGER, -MAX_INTEGER, nested(MAX_DEPTH), "x" * (MAX_BYTES - 2), {}, [], "", None, True, False, 0],
)
def test_the_limits_themselves_are_allowed_and_read_back(value: Any) -> None:
    assert parse(canonical(value)) == value


@pytest.mark.parametrize(
    ("raw", "code", "path"),
    [
        (b'{"b":1,"a":2}', "not_own_form", ""),
        (b'{"a": 1}', "not_own_form", ""),
        (b"[1]\n", "not_own_form", ""),
        (b'["\\u0041"]', "not_own_form", ""),
        (b'["\\/"]', "not_own_form", ""),
        (b"[-0]", "not_own_form", ""),
        (b'{"x":{"a":1,"a":1}}', "duplicate_key", "a"),
        (b'{"a":1.0}', "float", "a"),
        (b'{"a":1e3}', "float", "a"),
        (b"[NaN]", "float", "0"),
        (b"[9007199254740992]", "integer_range", "0"),
        (b"[" + b"9" * 30 + b"]", "integer_range", ""),
        (b"[" + b"9" * 5000 + b"]", "integer_range", ""),
        (b'["\\ud800"]', "surrogate", "0"),
        ('["e\u0301"]'.encode(), "not_nfc", "0"),
        ('{"نام":1}'.encode(), "key_not_ascii", "\\u0646\\u0627\\u0645"),
        (b"[" * 9 + b"]" * 9, "too_deep", "0/0/0/0/0/0/0/0"),
        (b"[" * 30_000 + b"]" * 30_000, "too_deep", ""),
        (b'["' + b"x" * MAX_BYTES + b'"]', "too_large", ""),
        (b'["\xff"]', "not_json", ""),
        (b"\xef\xbb\xbf[]", "not_json", ""),
        (b"[1", "not_json", ""),
        (b"", "not_json", ""),
    ],
)
def test_bytes_that_are_not_their_own_canonical_form_are_refused(raw: bytes, code: str, path: str) -> None:
    assert refused_text(raw) == (code, path)
