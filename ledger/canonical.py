"""One value, one spelling: RFC 8785, narrowed so that no two readers can disagree (docs: ledger format).

Narrowed means: keys in ASCII, no floats, integers within ±(2^53−1), text in NFC without lone
surrogates, no key twice, at most 8 containers inside each other, at most 65,535 bytes. On such values
RFC 8785 is "no spaces, sorted keys, shortest escapes", which orjson writes; a property test holds it
equal to the reference implementation.
"""

from __future__ import annotations

import json
from typing import Any
from unicodedata import is_normalized

import orjson

MAX_DEPTH = 8
MAX_BYTES = 65_535
"""What two bytes can count: an entry bundle gives the length of each entry so (C2SP tlog-tiles)."""
MAX_INTEGER = 2**53 - 1


class NotCanonical(ValueError):
    """A value or text outside the narrowed form.

    `code` is one of: type, float, integer_range, key_not_text, key_not_ascii, not_nfc, surrogate,
    too_deep, too_large, duplicate_key, not_json, not_own_form. `path` names the place: `data/items/0`.
    """

    def __init__(self, code: str, path: str = "") -> None:
        super().__init__(code, path)
        self.code = code
        self.path = path

    def under(self, step: object) -> NotCanonical:
        """The same fault, seen from the container around it."""
        name = str(step).encode("ascii", "backslashreplace").decode()
        return NotCanonical(self.code, f"{name}/{self.path}".rstrip("/"))


def canonical(value: Any) -> bytes:
    """The one spelling of `value`, in UTF-8; raises NotCanonical naming the first fault."""
    _check(value, MAX_DEPTH)
    raw = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if len(raw) > MAX_BYTES:
        raise NotCanonical("too_large")
    return raw


def parse(raw: bytes) -> Any:
    """The value spelled by `raw`; NotCanonical if `raw` is not exactly what `canonical` would write."""
    if len(raw) > MAX_BYTES:
        raise NotCanonical("too_large")
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise _fault_in(raw) from None
    try:
        _check(value, MAX_DEPTH)
    except NotCanonical:
        raise _fault_in(raw) from None
    if orjson.dumps(value, option=orjson.OPT_SORT_KEYS) != raw:
        raise _fault_in(raw)
    return value


def _check(value: Any, room: int) -> None:
    """Nothing, if `value` with `room` more levels below it is of the narrowed form."""
    kind = type(value)
    if kind is str:
        check_text(value)
    elif kind is dict:
        _check_object(value, room)
    elif kind is list:
        _check_array(value, room)
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise NotCanonical("integer_range")
    elif value is not None and kind is not bool:
        raise NotCanonical("float" if kind is float else "type")


def _check_object(value: dict[Any, Any], room: int) -> None:
    if not room:
        raise NotCanonical("too_deep")
    key: Any = ""
    try:
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                raise NotCanonical("key_not_ascii" if type(key) is str else "key_not_text")
            # Most of an entry is ASCII text: told here, it is spared the call, and a verifier half its time.
            if type(item) is not str or not item.isascii():
                _check(item, room - 1)
    except NotCanonical as fault:
        raise fault.under(key) from None


def _check_array(value: list[Any], room: int) -> None:
    if not room:
        raise NotCanonical("too_deep")
    checked = 0
    try:
        for item in value:
            _check(item, room - 1)
            checked += 1
    except NotCanonical as fault:
        raise fault.under(checked) from None


def check_text(value: str) -> None:
    """Nothing, if `value` is text the ledger accepts: NFC, no lone surrogates."""
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError:
        raise NotCanonical("surrogate") from None
    if not is_normalized("NFC", value):
        raise NotCanonical("not_nfc")


def _fault_in(raw: bytes) -> NotCanonical:
    """Why `raw`, already known to be refused, is refused: read again by a slower reader that can tell."""
    try:
        _check(json.loads(raw.decode(), object_pairs_hook=_object, parse_int=_integer), MAX_DEPTH)
    except NotCanonical as fault:
        return fault
    except RecursionError:
        return NotCanonical("too_deep")
    except ValueError:
        return NotCanonical("not_json")
    return NotCanonical("not_own_form")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise NotCanonical("duplicate_key").under(next(key for key in found if keys.count(key) > 1))
    return found


def _integer(digits: str) -> int:
    # Python itself refuses to read 4,300 digits, with an error of its own.
    if len(digits) > 17:
        raise NotCanonical("integer_range")
    return int(digits)
