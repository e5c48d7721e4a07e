"""Checks a bundle of a sealed ledger, from the page "The form of the ledger" alone.

    python3 verify.py BUNDLE.zip
    python3 verify.py BUNDLE.zip --held checkpoint.txt
    python3 verify.py BUNDLE.zip --groups "00000 04NCW JVJD5 0W04P WPZ7V E9C6T ZS82S RBGPN"
    python3 verify.py BUNDLE.zip --key "<verifier text that reached you another way>"
    python3 verify.py BUNDLE.zip --cluster qom-footwear

It needs Python 3.11 or newer and nothing else, asks no network, and writes nothing but its answer. The exit code is 0
when there is nothing to blame, 1 when there are findings, 2 when it cannot judge. Numbers of sections are those of the
page.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import locale
import re
import sys
import unicodedata
import warnings
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from struct import Struct
from typing import Any, BinaryIO

sha256 = hashlib.sha256

HEX = re.compile(r"[0-9a-f]{64}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class CannotJudge(Exception):
    """What was given is no bundle at all, or nothing a bundle can be held against."""


# ---------------------------------------------------------------------------------------------------------------------
# Ed25519 (RFC 8032): verification alone. S < L, canonical encodings, and [S]B = R + [k]A without the cofactor.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
BASE_POINT = bytes([0x58]) + bytes([0x66]) * 31

Point = tuple[int, int, int, int]
Row = list[tuple[int, int, int]]


def point_from(encoded: bytes) -> Point | None:
    """The point these 32 bytes spell in the one allowed way, or None."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if len(encoded) != 32 or y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (v * x * x - u) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def added(p: Point, q: Point) -> Point:
    """The sum of two points (RFC 8032, section 5.1.4)."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def everybodys(public: bytes) -> bool:
    """Whether this is a point of small order: who has no key at all can sign under such a one."""
    point = point_from(public)
    for _ in range(3):
        point = None if point is None else added(point, point)
    return point is not None and point[0] % P == 0 and (point[1] - point[2]) % P == 0


def multiples(point: Point) -> list[Row]:
    """Row i holds 0 to 15 times 16^i times the point, each as (y-x, y+x, 2dxy), so that a product is 64 additions."""
    points: list[Point] = []
    for _ in range(64):
        step = point
        for _ in range(15):
            points.append(point)
            point = added(point, step)
    rows: list[Row] = []
    for at, (x, y) in enumerate(affine(points)):
        if at % 15 == 0:
            rows.append([(1, 1, 0)])
        rows[-1].append(((y - x) % P, (y + x) % P, 2 * D * x * y % P))
    return rows


def affine(points: list[Point]) -> Iterator[tuple[int, int]]:
    """The x and y of many points with one inversion."""
    products = [1]
    for point in points:
        products.append(products[-1] * point[2] % P)
    inverse, found = pow(products[-1], -1, P), []
    for at in range(len(points) - 1, -1, -1):
        x, y, z, _ = points[at]
        one = inverse * products[at] % P
        inverse = inverse * z % P
        found.append((x * one % P, y * one % P))
    return reversed(found)


def sum_of_multiples(first: list[Row], one: int, second: list[Row], two: int) -> bytes:
    """The encoding of one times the first point plus two times the second."""
    x, y, z, t = 0, 1, 1, 0
    for rows, factor in ((first, one), (second, two)):
        for at, row in enumerate(rows):
            digit = factor >> 4 * at & 15
            if digit:
                minus, plus, product = row[digit]
                a, b, c = (y - x) * minus % P, (y + x) * plus % P, t * product % P
                d = z + z
                e, f, g, h = b - a, d - c, d + c, b + a
                x, y, z, t = e * f % P, g * h % P, f * g % P, e * h % P
    inverse = pow(z, -1, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


@lru_cache(maxsize=64)
def rows_of(encoded: bytes, *, negative: bool) -> list[Row] | None:
    """The multiples of a point, or of its negative; None where the bytes spell no point."""
    point = point_from(encoded)
    if point is None:
        return None
    x, y, z, t = point
    return multiples(((P - x) % P, y, z, (P - t) % P) if negative else point)


def rightly_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of this public key signed this message."""
    if len(public) != 32 or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    generator, rows = rows_of(BASE_POINT, negative=False), rows_of(public, negative=True)
    if s >= L or generator is None or rows is None:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return sum_of_multiples(generator, s, rows, k) == signature[:32]


# ---------------------------------------------------------------------------------------------------------------------
# Sections 2 and 3: the canonical form, and an entry.

LEAF_LIMIT = 65_535
DEPTH = 8
GREATEST = 2**53 - 1


def integer(text: str) -> int:
    """The integer a JSON number spells; a number outside the range is refused before it costs anything."""
    if len(text) > 17:
        raise ValueError("integer too large")
    number = int(text)
    if abs(number) > GREATEST:
        raise ValueError("integer too large")
    return number


def no_integer(text: str) -> int:
    """Refuses the numbers that are no integers."""
    raise ValueError("a number that is no integer: " + text[:40])


spelled = json.JSONDecoder(parse_int=integer, parse_float=no_integer, parse_constant=no_integer).raw_decode
rewritten = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode


def narrow(value: Any, room: int | None) -> bool:
    """Whether texts are NFC, keys ASCII, and arrays and objects no deeper than `room` (None: any depth)."""
    if isinstance(value, str):
        return unicodedata.is_normalized("NFC", value)
    if not isinstance(value, (dict, list)):
        return True
    if room == 0 or (isinstance(value, dict) and not all(key.isascii() for key in value)):
        return False
    within = None if room is None else room - 1
    return all(narrow(item, within) for item in (value.values() if isinstance(value, dict) else value))


def ascii_keys(value: Any) -> bool:
    """Whether all keys of the objects in here are ASCII."""
    inside = [value]
    for item in inside:
        kind = type(item)
        if kind is dict:
            if not "".join(item).isascii():
                return False
            inside += item.values()
        elif kind is list:
            inside += item
    return True


def canonical(leaf: bytes, room: int | None = DEPTH) -> Any:
    """The value these bytes spell, if they are exactly what section 2 writes for it; ValueError otherwise.

    The short ways are exact. A text of at most `room` opening brackets is not deeper. A normal form is closed under
    taking parts and nothing composes with a quote, a backslash or a control character, so when the whole line is NFC
    each of its texts is; the other direction does not hold, and then each text is asked.
    """
    text = leaf.decode()
    try:
        value, end = spelled(text)
        shallow = room is None or leaf.count(b"{") + leaf.count(b"[") <= room
        plain = text.isascii() or (unicodedata.is_normalized("NFC", text) and ascii_keys(value))
        if end != len(text) or not ((shallow and plain) or narrow(value, room)) or rewritten(value) != text:
            raise ValueError("not canonical")
    except RecursionError as fault:
        raise ValueError("too deep") from fault
    return value


ALWAYS = frozenset(
    ("v", "stream", "seq", "type", "occurred_at", "recorded_at", "command", "actor", "cause", "authenticated_by",
     "build", "data", "prev")
)  # fmt: skip
WITH_METHODOLOGY = ALWAYS | {"methodology"}
COMMAND = {"id", "n", "of"}
ACTOR = {"id", "role", "scope"}
DELEGATE = ACTOR | {"on_behalf_of"}
CAUSE = {"kind", "ref"}
METHODOLOGY = {"id", "version", "digest"}
CAUSES = frozenset(("command", "rung", "import", "effect", "engine", "recovery"))
KNOWN_BY = frozenset(("local_key", "session", "oidc", "webauthn", "engine", "none"))

STREAM = re.compile(r"[a-z]{1,20}|cluster/[a-z0-9][a-z0-9-]{2,63}").fullmatch
MOMENT = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
).fullmatch
PREVIOUS = re.compile(r"(?:sha256:[0-9a-f]{64})?").fullmatch
IDENTITY = re.compile(r"(?:p-|svc:).+", re.DOTALL).fullmatch
SCOPE = re.compile(r"nation|(?:province|cluster)/.+", re.DOTALL).fullmatch


def texts(*values: Any) -> bool:
    """Whether all of these are texts with something in them."""
    # A generator here would cost a tenth of the whole check.
    for value in values:  # noqa: SIM110 - as said above
        if type(value) is not str or not value:
            return False
    return True


def is_entry(value: Any) -> bool:
    """Whether this value has the form of section 3."""
    if type(value) is not dict or (value.keys() != WITH_METHODOLOGY and value.keys() != ALWAYS):
        return False
    stream, prev, occurred, recorded = value["stream"], value["prev"], value["occurred_at"], value["recorded_at"]
    known_by = value["authenticated_by"]
    return (
        type(value["v"]) is type(value["seq"]) is int
        and value["v"] == 1 <= value["seq"]
        and texts(stream, occurred, recorded, value["type"], value["build"], known_by)
        and type(prev) is str
        and STREAM(stream) is not None
        and MOMENT(occurred) is not None
        and MOMENT(recorded) is not None
        and PREVIOUS(prev) is not None
        and known_by in KNOWN_BY
        and type(value["data"]) is dict
        and is_actor(value["actor"])
        and is_command(value["command"])
        and is_cause(value["cause"])
        and ("methodology" not in value or is_methodology(value["methodology"]))
    )


def is_actor(value: Any) -> bool:
    """Who acted, in what role and scope, under a delegation also for whom."""
    if type(value) is not dict or (value.keys() != ACTOR and value.keys() != DELEGATE) or not texts(*value.values()):
        return False
    return (
        IDENTITY(value["id"]) is not None
        and ("on_behalf_of" not in value or IDENTITY(value["on_behalf_of"]) is not None)
        and SCOPE(value["scope"]) is not None
    )


def is_command(value: Any) -> bool:
    """Fact n of the facts that one command caused."""
    if type(value) is not dict or value.keys() != COMMAND or not texts(value["id"]):
        return False
    return type(value["n"]) is int and type(value["of"]) is int and 1 <= value["n"] <= value["of"]


def is_cause(value: Any) -> bool:
    """What made the programme decide."""
    return type(value) is dict and value.keys() == CAUSE and texts(*value.values()) and value["kind"] in CAUSES


def is_methodology(value: Any) -> bool:
    """The rules it was decided by."""
    if type(value) is not dict or value.keys() != METHODOLOGY or not texts(*value.values()):
        return False
    return DIGEST.fullmatch(value["digest"]) is not None


# ---------------------------------------------------------------------------------------------------------------------
# Sections 8 and 11: the tree.


class Tree:
    """The Merkle tree of RFC 6962 over leaves that come one by one: the roots of its full subtrees, largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[bytes] = []

    def append(self, leaf_hash: bytes) -> None:
        """Takes the hash of the next leaf."""
        size, node = self.size, leaf_hash
        while size & 1:
            node = sha256(b"\x01" + self._full.pop() + node).digest()
            size >>= 1
        self._full.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over the leaves so far."""
        if not self._full:
            return sha256(b"").digest()
        node = self._full[-1]
        for full in reversed(self._full[:-1]):
            node = sha256(b"\x01" + full + node).digest()
        return node


# ---------------------------------------------------------------------------------------------------------------------
# Sections 9, 10 and 15: notes, keys, checkpoints, and a checkpoint on paper.

GREATEST_SIZE = 2**35 - 1
NOTE_LIMIT = 100_000
SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
SIZE = re.compile(r"[1-9][0-9]{0,10}")
ORIGIN = re.compile(r"[a-z0-9][a-z0-9.-]*(?:/[a-z0-9][a-z0-9.-]*)*")
EPOCH = re.compile(r"(.+)/([2-9]|[1-9][0-9]+)")


def from_base64(text: str) -> bytes | None:
    """The bytes, if this is exactly how an encoder spells them."""
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return found if base64.b64encode(found).decode() == text else None


def epoch(origin: str) -> str | None:
    """The origin of the epoch before, empty for a first epoch; None if this is no origin (sections 10, 14)."""
    if not 3 <= len(origin) <= 100 or not ORIGIN.fullmatch(origin):
        return None
    if not origin.rsplit("/", 1)[-1].isdigit():
        return ""
    later = EPOCH.fullmatch(origin)
    if later is None or later[1].rsplit("/", 1)[-1].isdigit() or epoch(later[1]) is None:
        return None
    return later[1] if later[2] == "2" else f"{later[1]}/{int(later[2]) - 1}"


@dataclass(frozen=True)
class Key:
    """A key of a log as its verifier text spells it."""

    name: str
    id: bytes
    public: bytes


def key_from(text: Any) -> Key | None:
    """The key of a verifier text (section 9); None if this is none."""
    if type(text) is not str or text.count("+") < 2:
        return None
    name, number, spelling = str(text).split("+", 2)
    material = from_base64(spelling)
    if not name or re.search(r"\s", name) or material is None or len(material) != 33 or material[0] != 1:
        return None
    if everybodys(material[1:]):
        return None
    try:
        key_id = sha256(name.encode() + b"\n" + material).digest()[:4]
    except UnicodeEncodeError:
        return None
    return Key(name, key_id, material[1:]) if key_id.hex() == number else None


@dataclass(frozen=True)
class Note:
    """A signed note: its text with the last line feed, and of each signature line name, key id and signature."""

    text: str
    lines: tuple[tuple[str, bytes, bytes], ...]


def note_from(content: bytes) -> Note | None:
    """The note these bytes spell (section 9); None if they are none."""
    try:
        whole = content.decode()
    except UnicodeDecodeError:
        return None
    # C2SP signed-note names the control characters below U+0020.
    if len(content) > NOTE_LIMIT or re.search(r"[\x00-\x09\x0b-\x1f]", whole):
        return None
    divides = whole.rfind("\n\n")
    signed = whole[divides + 2 :]
    if divides < 0 or not signed.endswith("\n") or not 1 <= signed.count("\n") <= 16:
        return None
    lines = [signature_from(line) for line in signed[:-1].split("\n")]
    right = tuple(line for line in lines if line is not None)
    return Note(whole[: divides + 1], right) if len(right) == len(lines) else None


def signature_from(line: str) -> tuple[str, bytes, bytes] | None:
    """Name, key id and signature of a signature line; None if it is none."""
    match = SIGNATURE_LINE.fullmatch(line)
    spelling = None if match is None else from_base64(match[2])
    if match is None or spelling is None or len(spelling) < 5:
        return None
    return match[1], spelling[:4], spelling[4:]


@dataclass(frozen=True)
class Checkpoint:
    """Origin, size and root as a checkpoint's three lines tell them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def checkpoint_from(text: str) -> Checkpoint | None:
    """The checkpoint of a note's text (section 10); None if it is none."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or epoch(lines[0]) is None or not SIZE.fullmatch(lines[1]):
        return None
    root = from_base64(lines[2])
    if int(lines[1]) > GREATEST_SIZE or root is None or len(root) != 32:
        return None
    return Checkpoint(lines[0], int(lines[1]), root)


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
AS_WRITTEN = {character: value for value, character in enumerate(CROCKFORD)}
AS_WRITTEN |= {character.lower(): value for character, value in AS_WRITTEN.items()}
AS_WRITTEN |= dict.fromkeys("IiLl", 1) | dict.fromkeys("Oo", 0)
AS_WRITTEN |= {chr(zero + digit): digit for zero in (0x6F0, 0x660) for digit in range(10)}
DASHES = "-‐‑‒–—―−ـ.,،/\u200b\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069"


def remainder(values: Iterable[int]) -> int:
    """The values taken as a polynomial over GF(32), at x with x^5 = x^2 + 1 (section 15)."""
    r = 0
    for value in values:
        r <<= 1
        r = (r ^ 37 if r >= 32 else r) ^ value
    return r


def on_paper(checkpoint: Checkpoint) -> str:
    """The eight groups of a checkpoint."""
    number = checkpoint.size << 160 | int.from_bytes(sha256(checkpoint.text.encode()).digest()[:20], "big")
    values = [number >> shift & 31 for shift in range(190, -1, -5)]
    # The last value meets r·x and must cancel it.
    values.append(remainder([*values, 0]))
    written = "".join(CROCKFORD[value] for value in values)
    return " ".join(written[at : at + 5] for at in range(0, 40, 5))


def from_paper(groups: str) -> tuple[int, bytes] | None:
    """Size and 160 bits of eight groups; None if they are mistyped."""
    values = [AS_WRITTEN.get(one, 32) for one in groups if not one.isspace() and one not in DASHES]
    if len(values) != 40 or 32 in values or remainder(values):
        return None
    number = 0
    for value in values[:39]:
        number = number << 5 | value
    size = number >> 160
    return (size, (number & (1 << 160) - 1).to_bytes(20, "big")) if size else None


# ---------------------------------------------------------------------------------------------------------------------
# Section 18: the bytes of the bundle. No ZIP library: what it would pass over in silence must be found here.

END = Struct("<IHHHHIIH")
CENTRAL = Struct("<IHHHHHHIIIHHHHHII")
LOCAL = Struct("<IHHHHHIIIHH")
COMMENT = re.compile(rb"sha256:[0-9a-f]{64}")
COMMENT_SIZE = 71
PIECE = 1 << 18
OUTPUT = 1 << 20
PACKED_AT_MOST = 1_000
READ_WHOLE_AT_MOST = 64 << 20
VALUES_AT_MOST = 400_000
NAME_AT_MOST = 200

Fault = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Member:
    """One member by the central directory; its bytes begin at `start`, negative where no local header leads there."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    start: int


class Archive:
    """The bundle's bytes, read by the central directory; every broken rule is told to `fault`."""

    def __init__(self, stream: BinaryIO, fault: Fault) -> None:
        self._stream = stream
        self.length = stream.seek(0, 2)
        last = self._at(self.length - END.size - COMMENT_SIZE, END.size + COMMENT_SIZE)
        if len(last) != END.size + COMMENT_SIZE or not COMMENT.fullmatch(last[END.size :]):
            raise CannotJudge("the file does not end as a bundle ends (cut short, or no bundle)")
        self._end = END.unpack(last[: END.size])
        if self._end[0] != 0x06054B50 or self._end[7] != COMMENT_SIZE:
            raise CannotJudge("the file has no end record of a bundle (cut short, or no bundle)")
        if self._sealed() != last[END.size :].decode():
            fault("the bytes of the file are not those its last line was made for")
        self.members = list(self._directory(fault))

    def _at(self, place: int, count: int) -> bytes:
        if place < 0:
            return b""
        self._stream.seek(place)
        return self._stream.read(count)

    def _sealed(self) -> str:
        seen, left = sha256(), self.length - COMMENT_SIZE
        self._stream.seek(0)
        while left > 0 and (piece := self._stream.read(min(left, PIECE))):
            seen.update(piece)
            left -= len(piece)
        return "sha256:" + seen.hexdigest()

    def _directory(self, fault: Fault) -> Iterator[Member]:
        """The members in the order of the central directory, each held against its local header and its place."""
        _, disk, first_disk, here, count, size, offset, _ = self._end
        if disk or first_disk or here != count or count == 0xFFFF:
            fault("the end record tells of several disks or of ZIP64")
        place, expected = offset, 0
        for _ in range(count):
            fixed = self._at(place, CENTRAL.size)
            if len(fixed) != CENTRAL.size or not fixed.startswith(b"PK\x01\x02"):
                fault("the central directory is shorter than the end record says")
                break
            fields = CENTRAL.unpack(fixed)
            name = self._at(place + CENTRAL.size, fields[10])
            place += CENTRAL.size + sum(fields[10:13])
            member, expected = self._member(fields, name, expected, fault)
            yield member
        if expected != offset:
            fault("something lies between the members and the central directory")
        if place != offset + size or place != self.length - END.size - COMMENT_SIZE:
            fault("the central directory does not end where the end record begins")

    def _member(self, fields: tuple[int, ...], name: bytes, expected: int, fault: Fault) -> tuple[Member, int]:
        """One member, and where the next local header belongs."""
        shown = name[:NAME_AT_MOST].decode("ascii", "backslashreplace")
        method, crc, packed, size, offset = fields[4], fields[7], fields[8], fields[9], fields[16]
        if (fields[1:4], fields[5:7], fields[11:16]) != ((0x0314, 20, 0), (0, 0x21), (0, 0, 0, 0, 0x01A40000)):
            fault(f"{shown}: a fixed field of the central directory has another value")
        if method not in (0, 8) or (method == 0 and packed != size) or 0xFFFFFFFF in (packed, size, offset):
            fault(f"{shown}: neither stored nor deflated")
        if method == 8 and packed > size + size // 1_000 + 64:
            fault(f"{shown}: packed bytes that say nothing")
        if offset != expected:
            fault(f"{shown}: does not begin where the member before it ends")
        header = self._at(offset, LOCAL.size)
        if len(header) != LOCAL.size or not header.startswith(b"PK\x03\x04"):
            fault(f"{shown}: no local header")
            return Member(shown, method, crc, packed, size, -1), max(expected, offset + packed)
        local = LOCAL.unpack(header)
        if local[1:] != (20, 0, method, 0, 0x21, crc, packed, size, len(name), 0):
            fault(f"{shown}: the local header says something else than the central directory")
        if self._at(offset + LOCAL.size, local[9]) != name:
            fault(f"{shown}: another name in the local header")
        # Two members over the same bytes are not unpacked twice: 65,534 of them would never end.
        start = offset + LOCAL.size + local[9] + local[10] if offset >= expected else -1
        return Member(shown, method, crc, packed, size, start), max(expected, start + packed)

    def readable(self, member: Member) -> bool:
        """Whether there is a way to the content at all."""
        return member.start >= 0 and member.method in (0, 8) and member.size <= PACKED_AT_MOST * member.packed

    def pieces(self, member: Member, fault: Fault) -> Iterator[bytes]:
        """The content of a member, piece by piece; what does not unpack to its size and CRC is told when it is met."""
        if not self.readable(member):
            fault(f"{member.name}: cannot be unpacked, or is more than {PACKED_AT_MOST} times its packed size")
            return
        crc, size = 0, 0
        for piece in self._stored(member) if member.method == 0 else self._inflated(member, fault):
            size += len(piece)
            if size > member.size:
                fault(f"{member.name}: longer than it says")
                return
            crc = zlib.crc32(piece, crc)
            yield piece
        if size != member.size or crc != member.crc:
            fault(f"{member.name}: does not unpack to its size and CRC")

    def _stored(self, member: Member) -> Iterator[bytes]:
        place, left = member.start, member.packed
        while left > 0 and (piece := self._at(place, min(left, PIECE))):
            yield piece
            place, left = place + len(piece), left - len(piece)

    def _inflated(self, member: Member, fault: Fault) -> Iterator[bytes]:
        inflater = zlib.decompressobj(-15)
        for stored in self._stored(member):
            packed = stored
            while not inflater.eof:
                try:
                    piece = inflater.decompress(packed, OUTPUT)
                except zlib.error:
                    fault(f"{member.name}: the packed bytes are broken")
                    return
                packed = inflater.unconsumed_tail
                yield piece
                # Less than asked for: all input is used up. As much: some output may still wait inside.
                if len(piece) < OUTPUT:
                    break
            if inflater.eof and (inflater.unused_data or packed):
                fault(f"{member.name}: bytes behind the end of the packed ones")
                return
        if not inflater.eof:
            fault(f"{member.name}: the packed bytes have no end")

    def whole(self, member: Member, limit: int, fault: Fault) -> bytes | None:
        """The content of a member of at most `limit` bytes; None if it is longer."""
        content = bytearray()
        for piece in self.pieces(member, fault):
            content += piece
            if len(content) > limit:
                return None
        return bytes(content)


# ---------------------------------------------------------------------------------------------------------------------
# Section 19: findings, and the entries of each stream.

KINDS = (
    "damaged", "unknown_member", "missing_member", "digest_differs", "text_missing", "history_unsealed",
    "manifest_differs", "not_canonical", "not_an_entry", "chain_broken", "swapped", "copied", "forked", "gap",
    "segregation", "bad_checkpoint", "bad_signature", "not_sealed", "tail_cut", "root_differs", "epoch_unfounded",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to blame."""

    stream: str
    seq: int
    kind: str
    detail: str


class Findings:
    """What was found: all are counted, of each kind the first hundred kept; what you hold comes after the tables."""

    LISTED = 100

    def __init__(self) -> None:
        self._kept: dict[tuple[bool, str], list[Finding]] = {}
        self.count = 0

    def add(self, kind: str, detail: str, stream: str = "", seq: int = 0, *, held: bool = False) -> None:
        """Takes one finding."""
        self.count += 1
        kept = self._kept.setdefault((held, kind), [])
        if len(kept) < self.LISTED:
            kept.append(Finding(stream, seq, kind, detail))

    def damage(self, detail: str) -> None:
        """Takes a finding about the bytes of the file."""
        self.add("damaged", detail)

    def has(self, *kinds: str) -> bool:
        """Whether one of these kinds was found, what you hold included."""
        return any(place[1] in kinds for place in self._kept)

    def listed(self) -> list[Finding]:
        """The first hundred, in the order of the tables of section 19."""
        order = [(held, kind) for held in (False, True) for kind in KINDS]
        return [finding for place in order for finding in self._kept.get(place, ())][: self.LISTED]


class Chain:
    """One stream as its entries come: the highest number met, and the digest met at each number."""

    __slots__ = ("_blocks", "_late", "_starts", "end")

    def __init__(self) -> None:
        self.end = 0
        # Runs of numbers without a gap, each with the digests one behind the other; those that came late stand apart.
        self._starts: list[int] = []
        self._blocks: list[bytearray] = []
        self._late: dict[int, bytes] = {}

    def take(self, seq: int, prev: str, digest: bytes) -> str:
        """What is to blame about the next entry of the stream, or nothing."""
        if seq <= self.end:
            return self._again(seq, digest)
        fault = ""
        if seq > self.end + 1 or not self._blocks:
            fault = "chain_broken" if seq == 1 and prev else ""
            self._starts.append(seq)
            self._blocks.append(bytearray(digest))
        else:
            block = self._blocks[-1]
            if prev[7:] != block[-32:].hex():
                fault = "chain_broken"
            block += digest
        self.end = seq
        return fault

    def _again(self, seq: int, digest: bytes) -> str:
        met = self._met(seq)
        if met is None:
            self._late[seq] = digest
            return "swapped"
        return "copied" if met == digest else "forked"

    def _met(self, seq: int) -> bytes | None:
        at = bisect_left(self._starts, seq + 1) - 1
        within = (seq - self._starts[at]) * 32 if at >= 0 else -1
        if at >= 0 and within < len(self._blocks[at]):
            return bytes(self._blocks[at][within : within + 32])
        return self._late.get(seq)

    def gaps(self) -> Iterator[tuple[int, int]]:
        """The runs of numbers that never came, each by its first and last."""
        runs = [(start, start + len(block) // 32) for start, block in zip(self._starts, self._blocks, strict=True)]
        runs += [(seq, seq + 1) for seq in self._late]
        after = 1
        for start, end in sorted(runs):
            if start > after:
                yield after, start - 1
            after = end


# ---------------------------------------------------------------------------------------------------------------------
# Section 17: who may not do what, recomputed from the entries of one cluster.

Entry = dict[str, Any]
Broken = Iterator[tuple[str, str]]
# Whether the methodology of this digest names an approver for this deliverable.
NamesApprover = Callable[[str, str], bool]

BY_PEOPLE = frozenset(
    ("deliverable.approved", "deliverable.returned", "vote.cast", "gate.condition_waived", "evaluation.scored",
     "evaluation.moderated", "finding.closed", "extension.decided", "gate.decided")
)  # fmt: skip


def named(data: Entry, key: str) -> str:
    """The text under this key; the empty text stands for one that is missing or none."""
    value = data.get(key)
    return value if isinstance(value, str) else ""


def persons(entry: Entry) -> tuple[str, ...]:
    """Who acted, and for whom."""
    actor = entry["actor"]
    return (actor["id"], actor["on_behalf_of"]) if "on_behalf_of" in actor else (actor["id"],)


class Separation:
    """What one cluster's entries so far say about who may not do what next."""

    __slots__ = ("_answered", "_asked", "_authors", "_command", "_duty", "_led", "_members", "_raters", "_seatings",
                 "_voters")  # fmt: skip

    def __init__(self) -> None:
        self._authors: dict[str, set[str]] = {}
        self._raters: dict[str, set[str]] = {}
        self._command: dict[str, str] = {}
        self._duty: dict[str, tuple[str, str, str]] = {}
        # Who voted, and at which seating of the owner: a new seating empties the votes of all its duties.
        self._voters: dict[str, tuple[int, set[str]]] = {}
        self._members: dict[str, set[str]] = {}
        self._seatings: dict[str, int] = {}
        self._answered: dict[str, set[str]] = {}
        self._asked: set[str] = set()
        self._led: set[str] = set()

    def take(self, entry: Entry, names_approver: NamesApprover) -> list[tuple[str, str]]:
        """The rules this entry breaks, each with a person; then the entry is kept in mind."""
        kind, data = entry["type"], entry["data"]
        if kind not in JUDGED and kind not in BY_PEOPLE:
            return []
        judge = getattr(self, "_" + kind.replace(".", "_"), None) if kind in JUDGED else None
        broken = [] if judge is None else list(judge(entry, data, names_approver))
        by_people = kind in BY_PEOPLE and (kind != "gate.decided" or data.get("role") != "engine")
        if kind == "deliverable.approved" and self._same_command(entry):
            by_people = False
        services = [person for person in persons(entry) if person.startswith("svc:")]
        if by_people and services:
            broken.append(("service_decided", services[0]))
        return broken

    def _same_command(self, entry: Entry) -> bool:
        return bool(self._command.get(named(entry["data"], "duty")) == entry["command"]["id"])

    def _deliverable_submitted(self, entry: Entry, data: Entry, _: NamesApprover) -> Broken:
        duty = named(data, "duty")
        self._authors[duty] = {*persons(entry), *self._raters.get(duty, ())}
        self._command[duty] = entry["command"]["id"]
        return iter(())

    def _deliverable_approved(self, entry: Entry, data: Entry, names_approver: NamesApprover) -> Broken:
        if not self._same_command(entry):
            yield from one_of(entry, self._authors.get(named(data, "duty"), set()), "own_work")
        elif "methodology" in entry and names_approver(entry["methodology"]["digest"], named(data, "deliverable")):
            yield "unasked_approval", entry["actor"]["id"]

    def _deliverable_returned(self, entry: Entry, data: Entry, _: NamesApprover) -> Broken:
        self._raters.pop(named(data, "duty"), None)
        return one_of(entry, self._authors.get(named(data, "duty"), set()), "own_work")

    def _duty_opened(self, _entry: Entry, data: Entry, _: NamesApprover) -> Broken:
        duty = named(data, "duty")
        self._duty[duty] = (named(data, "kind"), named(data, "ref"), named(data, "owner"))
        self._voters.pop(duty, None)
        return iter(())

    def _body_seated(self, _entry: Entry, data: Entry, _: NamesApprover) -> Broken:
        body, members = named(data, "body"), data.get("members")
        self._members[body] = {m for m in members if isinstance(m, str)} if isinstance(members, list) else set()
        self._seatings[body] = self._seatings.get(body, 0) + 1
        return iter(())

    def _vote_cast(self, entry: Entry, data: Entry, _: NamesApprover) -> Broken:
        duty, voter = named(data, "duty"), entry["actor"]["id"]
        kind, ref, owner = self._duty.get(duty, ("", "", ""))
        if kind == "approval":
            yield from one_of(entry, self._authors.get(ref, set()), "own_work")
        if kind == "extension":
            yield from one_of(entry, self._asked, "own_request")
        if "on_behalf_of" in entry["actor"]:
            yield "vote_by_proxy", voter
        if voter not in self._members.get(owner, set()):
            yield "not_seated", voter
        seating, voters = self._voters.get(duty, (0, set()))
        if seating != self._seatings.get(owner, 0):
            voters = set()
        if voter in voters:
            yield "second_vote", voter
        voters.add(voter)
        self._voters[duty] = (self._seatings.get(owner, 0), voters)

    def _extension_asked(self, entry: Entry, _data: Entry, _: NamesApprover) -> Broken:
        self._asked = set(persons(entry))
        return iter(())

    def _extension_decided(self, entry: Entry, _data: Entry, _: NamesApprover) -> Broken:
        return one_of(entry, self._asked, "own_request")

    def _agent_assigned(self, _entry: Entry, data: Entry, _: NamesApprover) -> Broken:
        self._led |= {data[key] for key in ("agent", "person") if named(data, key)}
        return iter(())

    _agent_interim_named = _agent_assigned

    def _evaluation_scored(self, entry: Entry, data: Entry, _: NamesApprover) -> Broken:
        raters = self._raters.setdefault(named(data, "duty"), set())
        yield from one_of(entry, self._led, "own_cluster")
        yield from one_of(entry, raters, "second_score")
        raters.update(persons(entry))

    def _evaluation_moderated(self, entry: Entry, data: Entry, _: NamesApprover) -> Broken:
        return one_of(entry, self._raters.get(named(data, "duty"), set()), "own_score")

    def _finding_answered(self, entry: Entry, data: Entry, _: NamesApprover) -> Broken:
        self._answered[named(data, "finding")] = set(persons(entry))
        return iter(())

    def _finding_closed(self, entry: Entry, data: Entry, _: NamesApprover) -> Broken:
        return one_of(entry, self._answered.get(named(data, "finding"), set()), "own_answer")

    def _cluster_recovered(self, entry: Entry, data: Entry, _: NamesApprover) -> Broken:
        return one_of(entry, {named(data, "second")}, "one_person")


JUDGED = frozenset(
    ("deliverable.submitted", "deliverable.approved", "deliverable.returned", "duty.opened", "body.seated", "vote.cast",
     "extension.asked", "extension.decided", "agent.assigned", "agent.interim_named", "evaluation.scored",
     "evaluation.moderated", "finding.answered", "finding.closed", "cluster.recovered")
)  # fmt: skip


def one_of(entry: Entry, barred: set[str], rule: str) -> Broken:
    """The rule with the first person of the entry who is barred, if one is."""
    return iter([(rule, person) for person in persons(entry) if person in barred][:1])


def two_persons(value: Any) -> bool:
    """Whether this names exactly two different persons."""
    return type(value) is list and len(value) == 2 and value[0] != value[1] and all(type(p) is str and p for p in value)


def approvers(text: bytes) -> frozenset[str] | None:
    """The deliverables for which a methodology names an approver; None if the text is no JSON object."""
    if text.count(b",") + text.count(b"[") + text.count(b"{") > VALUES_AT_MOST:
        return None
    try:
        value = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    found = set()
    for stage in parts(value.get("methodology"), "stages"):
        for deliverable in parts(stage, "deliverables"):
            approver = deliverable.get("approver") if isinstance(deliverable, dict) else None
            if approver not in (None, "", [], {}) and isinstance(deliverable.get("key"), str):
                found.add(deliverable["key"])
    return frozenset(found)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs; ValueError where a key stands twice, which readers understand differently."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def parts(value: Any, key: str) -> list[Any]:
    """The list under this key, or an empty one."""
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, list) else []


# ---------------------------------------------------------------------------------------------------------------------
# Sections 13 and 14: the keys of the log and its epochs, as the entries tell them.


class Keys:
    """The keys of one origin in the order of their entries, and what is wrong with those entries."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.texts: list[str] = []
        self._indexes: list[int] = []
        self._keys: list[Key | None] = []
        self._last: dict[str, str] = {}
        self._known: dict[tuple[str, bytes], set[bytes]] = {}

    def take(self, index: int, data: Entry) -> str:
        """What is wrong with this `log.key_added`, or nothing; that of another origin is judged but not kept."""
        text, origin = named(data, "key"), named(data, "origin")
        key, before = key_from(text), self._last.get(origin)
        self._last[origin] = text
        if origin == self.origin:
            self.texts.append(text)
            self._indexes.append(index)
            # A key that cannot be read, or bears another name, is in force all the same: nothing can be signed with it.
            self._keys.append(key if key is not None and key.name == origin else None)
            if key is not None and key.name == origin:
                self._known.setdefault((key.name, key.id), set()).add(key.public)
        if key is None or key.name != origin:
            return "no key of this origin"
        if data.get("replaces") != before or ("replaces" in data) != (before is not None):
            return "does not replace the key that was in force"
        return ""

    def in_force(self, size: int) -> Key | None:
        """The key of the last entry with an index below this size."""
        at = bisect_left(self._indexes, size) - 1
        return self._keys[at] if at >= 0 else None

    def replaced(self, sizes: list[int]) -> dict[int, list[Key | None]]:
        """By size: the replaced keys whose signature it carries besides, as the smallest that covers their change."""
        found: dict[int, list[Key | None]] = {}
        for at in range(1, len(self._indexes)):
            first = bisect_left(sizes, self._indexes[at] + 1)
            if first < len(sizes):
                found.setdefault(sizes[first], []).append(self._keys[at - 1])
        return found

    def blame(self, note: Note, size: int, replaced: Iterable[Key | None] = ()) -> str:
        """What is wrong with the signatures of a note of this size, or nothing."""
        signed, message = set(), note.text.encode()
        for at, (name, key_id, signature) in enumerate(note.lines):
            publics = self._known.get((name, key_id))
            if publics is None:
                continue
            if any(line[:2] == (name, key_id) for line in note.lines[:at]):
                return "a line of a known key stands there twice"
            right = [public for public in publics if rightly_signed(public, message, signature)]
            if not right:
                return "a line of a known key is wrong"
            signed.update(right)
        key = self.in_force(size)
        if key is None or key.public not in signed:
            return "no signature of the key in force"
        if any(old is None or old.public not in signed for old in replaced):
            return "no signature of the replaced key"
        return ""


def founds_epoch(data: Entry, origin: str) -> bool:
    """Whether the data of a `log.epoch_began` have the form of section 14 for this origin."""
    previous, before = data.get("previous"), epoch(origin)
    if named(data, "origin") != origin or not before:
        # For a first epoch, whose checkpoints no such entry may precede, any form will do.
        return named(data, "origin") == origin
    return (
        isinstance(previous, dict)
        and named(previous, "origin") == before
        and type(previous.get("size")) is int
        and previous["size"] >= 1
        and HEX.fullmatch(named(previous, "root")) is not None
    )


# ---------------------------------------------------------------------------------------------------------------------
# The lines of the log, one after the other.

ERASED_AT_MOST = 200_000
EVENTS_AT_MOST = 100_000
EVENTS = frozenset(
    ("deliverable.submitted", "deliverable.approved", "deliverable.returned", "vote.cast", "gate.decided",
     "gate.condition_waived")
)  # fmt: skip


@dataclass(slots=True)
class Wanted:
    """What the check needs to know of the lines before it reads them."""

    origin: str
    sizes: list[int]
    histories: dict[int, list[str]]
    has_text: Callable[[str], bool]
    names_approver: NamesApprover
    cluster: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the cluster that was asked for, and its place in the log."""

    place: int
    entry: Entry


class Record:
    """Everything the lines say; findings are told as they are met."""

    def __init__(self, wanted: Wanted, findings: Findings) -> None:
        self._wanted = wanted
        self._findings = findings
        self.tree = Tree()
        self.roots: dict[int, bytes] = {}
        self._sizes = [*wanted.sizes, 0]
        self._next = 0
        self.chains: dict[str, Chain] = {}
        self._separations: dict[str, Separation] = {}
        self.keys = Keys(wanted.origin)
        self.epochs: list[int] = []
        self.erased: list[tuple[str, str, int]] = []
        self.erased_more = 0
        self.events: list[Event] = []
        # Whether the chain of the cluster that was asked for is faulty.
        self.changed = False
        self._methodologies: set[str] = set()
        self.archived: set[str] = set()

    def read(self, pieces: Iterable[bytes]) -> None:
        """Takes the lines of `entries.jsonl`; one too long for a leaf is never held whole."""
        rest = b""
        long = None
        for unpacked in pieces:
            piece = unpacked
            if long is not None:
                head, feed, piece = piece.partition(b"\n")
                long.update(head)
                if not feed:
                    continue
                self._nameless(long.digest())
                long = None
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                self._take(line)
            if len(rest) > LEAF_LIMIT:
                long, rest = sha256(b"\x00" + rest), b""
        if rest or long is not None:
            self._nameless(sha256(b"\x00" + rest).digest() if long is None else long.digest())
        self._gaps()

    def _leaf(self, leaf_hash: bytes) -> None:
        tree = self.tree
        tree.append(leaf_hash)
        if tree.size == self._sizes[self._next]:
            self.roots[tree.size] = tree.root()
            self._next += 1

    def _nameless(self, leaf_hash: bytes) -> None:
        self._leaf(leaf_hash)
        self._findings.add("not_canonical", "the line is not in the canonical form", "", self.tree.size)

    def _take(self, line: bytes) -> None:
        leaf_hash = sha256(b"\x00" + line).digest()
        try:
            if len(line) > LEAF_LIMIT:
                raise ValueError("too large")
            entry = canonical(line)
        except ValueError:
            self._nameless(leaf_hash)
            return
        self._leaf(leaf_hash)
        if is_entry(entry):
            self._entry(entry, line)
        else:
            self._findings.add("not_an_entry", "the line has not the form of an entry", "", self.tree.size)

    def _entry(self, entry: Entry, line: bytes) -> None:
        stream, seq, kind = entry["stream"], entry["seq"], entry["type"]
        chain = self.chains.get(stream)
        if chain is None:
            chain = self.chains[stream] = Chain()
        fault = chain.take(seq, entry["prev"], sha256(line).digest())
        if fault:
            self._blame_chain(fault, f"line {self.tree.size}", stream, seq)
        if "methodology" in entry and (digest := entry["methodology"]["digest"]) not in self._methodologies:
            self._methodologies.add(digest)
            if not self._wanted.has_text(digest):
                self._findings.add("text_missing", digest, stream, seq)
        if stream.startswith("cluster/"):
            self._cluster(entry, stream, seq)
        elif kind in ABOUT_THE_LOG:
            self._office(entry, stream, kind)
        if kind == "log.epoch_began" and not two_persons(signed := entry["data"].get("signed_by")):
            person = signed[0] if type(signed) is list and texts(*signed[:1]) else entry["actor"]["id"]
            self._findings.add("segregation", f"one_person {person}", stream, seq)

    def _cluster(self, entry: Entry, stream: str, seq: int) -> None:
        separation = self._separations.get(stream)
        if separation is None:
            separation = self._separations[stream] = Separation()
        for rule, person in separation.take(entry, self._wanted.names_approver):
            self._findings.add("segregation", f"{rule} {person}", stream, seq)
        if stream == self._wanted.cluster and entry["type"] in EVENTS and len(self.events) < EVENTS_AT_MOST:
            self.events.append(Event(self.tree.size, entry))

    def _office(self, entry: Entry, stream: str, kind: str) -> None:
        data, index = entry["data"], self.tree.size - 1
        if (kind, stream) == ("log.key_added", "directory"):
            if fault := self.keys.take(index, data):
                self._findings.add("bad_signature", f"log.key_added: {fault}", "", index + 1)
        elif (kind, stream) == ("log.epoch_began", "directory"):
            if founds_epoch(data, self._wanted.origin):
                self.epochs.append(index)
        elif (kind, stream) == ("history.archived", "archive"):
            for digest in self._wanted.histories.get(entry["seq"], ()):
                if contains(data, "sha256:" + digest):
                    self.archived.add(digest)
        elif (kind, stream) == ("document.forgotten", "documents"):
            self._erase([data.get("commitment")], entry)
        elif (kind, stream) == ("person.forgotten", "directory"):
            self._erase(parts(data, "commitments"), entry)

    def _erase(self, commitments: list[Any], entry: Entry) -> None:
        for commitment in commitments:
            if isinstance(commitment, str) and len(self.erased) < ERASED_AT_MOST:
                self.erased.append((commitment, entry["stream"], entry["seq"]))
            elif isinstance(commitment, str):
                self.erased_more += 1

    def _gaps(self) -> None:
        for stream, chain in self.chains.items():
            for first, last in chain.gaps():
                self._blame_chain("gap", f"missing: {first} to {last}", stream, first)

    def _blame_chain(self, kind: str, detail: str, stream: str, seq: int) -> None:
        self._findings.add(kind, detail, stream, seq)
        self.changed = self.changed or stream == self._wanted.cluster


ABOUT_THE_LOG = frozenset(
    ["log.key_added", "log.epoch_began", "history.archived", "document.forgotten", "person.forgotten"]
)


def contains(value: Any, text: str) -> bool:
    """Whether this text stands somewhere among the values."""
    if isinstance(value, (dict, list)):
        return any(contains(item, text) for item in (value.values() if isinstance(value, dict) else value))
    return bool(value == text)


# ---------------------------------------------------------------------------------------------------------------------
# Section 19: the check.

MANIFEST_KEYS = {"files", "kind", "origin", "root", "size", "v"}
FIXED = {
    "README.md": 0, "verify.py": 1, "keys.txt": 2, "entries.jsonl": 3, "histories/index.json": 6, "manifest.json": 8,
}  # fmt: skip
CHECKPOINT_NAME = re.compile(r"checkpoints/([1-9][0-9]{0,10})\.txt")
TEXT_NAME = re.compile(r"texts/([0-9a-f]{64})\.json")
HISTORY_NAME = re.compile(r"histories/([0-9a-f]{64})\.pb\.zst")
CHECKPOINTS_AT_MOST = 10_000
LONGEST_KEY = 400


def size_named(name: str) -> int | None:
    """The size in the name of a checkpoint; None for another name."""
    match = CHECKPOINT_NAME.fullmatch(name)
    return int(match[1]) if match and int(match[1]) <= GREATEST_SIZE else None


def rank(name: str) -> tuple[int, int, str] | None:
    """Where a member belongs among the others; None if section 18 has no such name."""
    if name in FIXED:
        return FIXED[name], 0, ""
    size = size_named(name)
    if size is not None:
        return 4, size, ""
    if TEXT_NAME.fullmatch(name):
        return 5, 0, name
    return (7, 0, name) if HISTORY_NAME.fullmatch(name) else None


def as_far_as_read(content: bytes) -> Any:
    """The value of a JSON text that is not canonical, so that the check can go on; None if it is no JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def unsaid(_detail: str) -> None:
    """Says nothing: the same fault is told when the member's turn comes."""


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint from elsewhere: a note, or size and 160 bits from paper."""

    where: str
    size: int
    note: Note | None = None
    checkpoint: Checkpoint | None = None
    bits: bytes = b""


def held_note(where: str, content: bytes) -> Held:
    """What a file from elsewhere holds: a note, else groups."""
    note = note_from(content)
    if note is not None:
        checkpoint = checkpoint_from(note.text)
        return Held(where, 0 if checkpoint is None else checkpoint.size, note, checkpoint)
    try:
        return held_groups(where, content[:1_000].decode().strip("\ufeff") if len(content) <= 1_000 else "")
    except UnicodeDecodeError:
        raise CannotJudge(f"{where}: neither a checkpoint nor eight groups") from None


def held_groups(where: str, groups: str) -> Held:
    """Eight groups from paper; mistyped ones say nothing about the log."""
    found = from_paper(groups)
    if found is None:
        raise CannotJudge(f"{where}: neither a checkpoint nor eight rightly typed groups")
    return Held(where, found[0], bits=found[1])


@dataclass(slots=True)
class Answer:
    """What the check found, as section 19 asks for it, and what a person wants to read besides."""

    origin: str
    record: Record
    findings: Findings
    newest: Checkpoint | None = None
    checkpoints: int = 0
    held: list[tuple[Held, str]] = field(default_factory=list)
    keys_confirmed: list[str] = field(default_factory=list)
    cluster: str | None = None
    right_sizes: list[int] = field(default_factory=list)
    program: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is nothing to blame."""
        return self.findings.count == 0


Progress = Callable[[int, int], None]


class Check:
    """One full check of one bundle."""

    def __init__(self, stream: BinaryIO, progress: Progress) -> None:
        self._progress = progress
        self.findings = Findings()
        self._archive = Archive(stream, self.findings.damage)
        self._members: dict[str, Member] = {}
        for member in self._archive.members:
            self._members.setdefault(member.name, member)
        self._digests: dict[str, str] = {}
        self._approvers: dict[str, frozenset[str] | None] = {}
        self._manifest = self._read_manifest()
        self._index = self._read_index()

    # What is read before the lines.

    def _whole(self, name: str) -> bytes | None:
        """A member that is read whole because it tells what else to look for."""
        member = self._members.get(name)
        if member is None:
            return None
        content = self._archive.whole(member, READ_WHOLE_AT_MOST, self.findings.damage)
        if content is None:
            return None
        self._digests[name] = sha256(content).hexdigest()
        few = sum(content.count(sign) for sign in (b",", b"[", b"{")) <= VALUES_AT_MOST
        return content if few and (content.isascii() or len(content) <= READ_WHOLE_AT_MOST >> 3) else None

    def _read_manifest(self) -> Entry:
        content = self._whole("manifest.json")
        if content is None:
            raise CannotJudge("there is no readable manifest.json")
        try:
            value = canonical(content, None)
        except ValueError:
            self.findings.damage("manifest.json is not in the canonical form")
            value = as_far_as_read(content)
        if not isinstance(value, dict) or value.get("kind") != "khoosheh-bundle" or value.get("v") != 1:
            raise CannotJudge("manifest.json is not that of a bundle of form 1")
        if type(value["v"]) is not int:
            raise CannotJudge("manifest.json is not that of a bundle of form 1")
        entries = self._members.get("entries.jsonl")
        if entries is None or not self._archive.readable(entries):
            raise CannotJudge("there is no readable entries.jsonl")
        if value.keys() != MANIFEST_KEYS or not isinstance(value.get("files"), dict):
            self.findings.add("manifest_differs", "it has not the keys of section 18")
        return value

    def _read_index(self) -> dict[str, Any]:
        content = self._whole("histories/index.json")
        if content is None:
            if "histories/index.json" in self._members:
                self.findings.damage("histories/index.json is too large to read")
            return {}
        try:
            value = canonical(content, None)
        except ValueError:
            self.findings.damage("histories/index.json is not in the canonical form")
            value = as_far_as_read(content)
        if not isinstance(value, dict):
            self.findings.damage("histories/index.json is no object")
            return {}
        return value

    @property
    def _files(self) -> dict[str, Any]:
        files = self._manifest.get("files")
        return files if isinstance(files, dict) else {}

    @property
    def _size(self) -> int:
        size = self._manifest.get("size")
        return size if type(size) is int and size >= 0 else 0

    def _approvers_by(self, digest: str) -> frozenset[str] | None:
        """The deliverables for which the methodology of this digest names an approver; None if it cannot be read."""
        if digest not in self._approvers:
            member = self._members.get(f"texts/{digest[7:]}.json")
            content = None if member is None else self._archive.whole(member, READ_WHOLE_AT_MOST, unsaid)
            self._approvers[digest] = None if content is None else approvers(content)
        return self._approvers[digest]

    def _names_approver(self, digest: str, deliverable: str) -> bool:
        return deliverable in (self._approvers_by(digest) or ())

    # The check itself.

    def run(self, held: list[Held], keys: list[str], cluster: str | None) -> Answer:
        """The whole check."""
        origin = named(self._manifest, "origin")
        sizes = sorted(size for name in self._members if (size := size_named(name)) is not None)
        histories: dict[int, list[str]] = {}
        for digest, seq in self._index.items():
            if type(seq) is int:
                histories.setdefault(seq, []).append(digest)
        wanted = Wanted(
            origin,
            sorted({*sizes, self._size, *(one.size for one in held)} - {0}),
            histories,
            lambda digest: self._approvers_by(digest) is not None,
            self._names_approver,
            None if cluster is None else "cluster/" + cluster.removeprefix("cluster/"),
        )
        record = Record(wanted, self.findings)
        answer = Answer(origin, record, self.findings, cluster=wanted.cluster, checkpoints=len(sizes))
        record.read(self._hashed(self._members["entries.jsonl"]))
        self._judge_names()
        self._judge_contents()
        self._judge_histories(record.archived)
        self._judge_manifest(answer)
        self._judge_checkpoints(answer, sizes)
        self._judge_held(answer, held, keys)
        answer.program = self._digests.get("verify.py", "")
        return answer

    def _hashed(self, member: Member) -> Iterator[bytes]:
        seen, size = sha256(), 0
        for piece in self._archive.pieces(member, self.findings.damage):
            seen.update(piece)
            size += len(piece)
            self._progress(size, member.size)
            yield piece
        self._digests[member.name] = seen.hexdigest()

    def _judge_names(self) -> None:
        seen: set[str] = set()
        last, checkpoints = (-1, 0, ""), 0
        for member in self._archive.members:
            name, place = member.name, rank(member.name)
            checkpoints += place is not None and place[0] == 4
            if place is None:
                self.findings.add("unknown_member", f"{name}: no name of section 18")
            elif name in seen:
                self.findings.add("unknown_member", f"{name}: a second time")
            elif place < last:
                self.findings.add("unknown_member", f"{name}: out of order")
            elif name not in self._files and name != "manifest.json":
                self.findings.add("unknown_member", f"{name}: not in the manifest")
            elif place[0] == 4 and checkpoints > CHECKPOINTS_AT_MOST:
                self.findings.add("unknown_member", f"{name}: more checkpoints than there may be")
            seen.add(name)
            last = last if place is None else max(last, place)
        for name in dict.fromkeys([*FIXED, *self._files]):
            if name not in self._members:
                self.findings.add("missing_member", name)
        if not any(rank(name) is not None and size_named(name) is not None for name in self._members):
            self.findings.add("missing_member", "checkpoints/: there is none")

    def _judge_contents(self) -> None:
        """The content of every member, even of those that should not be there, has to unpack and to be as named."""
        for name, member in self._members.items():
            if name not in self._digests:
                for _ in self._hashed(member):
                    pass
            match = TEXT_NAME.fullmatch(name) or HISTORY_NAME.fullmatch(name)
            digest = self._digests.get(name, "")
            if name in self._files and self._files[name] != "sha256:" + digest:
                self.findings.add("digest_differs", f"{name}: another than in the manifest")
            elif match and match[1] != digest:
                self.findings.add("digest_differs", f"{name}: another than its name")
        for member in self._archive.members:
            if self._members[member.name] is not member:
                for _ in self._archive.pieces(member, self.findings.damage):
                    pass

    def _judge_histories(self, archived: set[str]) -> None:
        present = {match[1] for name in self._members if (match := HISTORY_NAME.fullmatch(name))}
        for digest in sorted(present - self._index.keys()):
            self.findings.add("missing_member", f"histories/index.json: no line for {digest}")
        for digest in self._index:
            name = f"histories/{digest}.pb.zst"
            if digest not in present and name not in self._files:
                self.findings.add("missing_member", name)
            if digest not in archived:
                self.findings.add("history_unsealed", digest)

    def _judge_manifest(self, answer: Answer) -> None:
        record, size = answer.record, self._size
        if type(self._manifest.get("size")) is not int or size < record.tree.size:
            self.findings.add("manifest_differs", f"its size is {size}, there are {record.tree.size} lines")
        if size > record.tree.size:
            self.findings.add("tail_cut", "the manifest", "", size)
        else:
            root = record.roots[size] if size else sha256(b"").digest()
            if self._manifest.get("root") != root.hex():
                self.findings.add("manifest_differs", "its root is not the root at its size")
        member = self._members.get("keys.txt")
        told = "".join(text + "\n" for text in record.keys.texts).encode("utf-8", "surrogatepass")
        if member is not None and self._archive.whole(member, len(told), unsaid) != told:
            self.findings.add("manifest_differs", "keys.txt is not the keys in the entries")

    def _judge_checkpoints(self, answer: Answer, sizes: list[int]) -> None:
        if self._size not in sizes:
            self.findings.add("not_sealed", "no checkpoint of the size in the manifest", "", self._size)
        replaced, strange = answer.record.keys.replaced(sizes), False
        for size in sizes:
            content = self._archive.whole(self._members[f"checkpoints/{size}.txt"], NOTE_LIMIT, unsaid)
            note = None if content is None else note_from(content)
            checkpoint = None if note is None else checkpoint_from(note.text)
            if note is None or checkpoint is None or checkpoint.origin != answer.origin or checkpoint.size != size:
                self.findings.add("bad_checkpoint", f"checkpoints/{size}.txt", "", size)
                strange = strange or (checkpoint is not None and checkpoint.origin != answer.origin)
            elif fault := answer.record.keys.blame(note, size, replaced.get(size, ())):
                self.findings.add("bad_signature", f"checkpoints/{size}.txt: {fault}", "", size)
            elif self._agrees(answer, checkpoint):
                answer.newest = checkpoint
                answer.right_sizes.append(size)
        if strange:
            self.findings.add("manifest_differs", "its origin is not that of the checkpoints")

    def _agrees(self, answer: Answer, checkpoint: Checkpoint) -> bool:
        """Whether a rightly signed checkpoint is that of the lines, and of an epoch that was founded."""
        record, size = answer.record, checkpoint.size
        founded = any(index < size for index in record.epochs) if epoch(answer.origin) else not record.epochs
        if not founded:
            self.findings.add("epoch_unfounded", f"checkpoints/{size}.txt", "", size)
        if size > record.tree.size:
            if size != self._size:
                self.findings.add("tail_cut", f"checkpoints/{size}.txt", "", size)
            return False
        if record.roots[size] != checkpoint.root:
            self.findings.add("root_differs", f"checkpoints/{size}.txt", "", size)
            return False
        return founded

    def _judge_held(self, answer: Answer, held: list[Held], keys: list[str]) -> None:
        for text in keys:
            if text in answer.record.keys.texts:
                answer.keys_confirmed.append(text)
            else:
                self.findings.add(
                    "bad_signature", f"the key you hold is none of this log: {text[:LONGEST_KEY]}", held=True
                )
        for one in held:
            answer.held.append((one, self._relation(answer, one)))

    def _relation(self, answer: Answer, held: Held) -> str:
        """How the log stands to a checkpoint from elsewhere: same, extends, or the kind of what is to blame."""
        record, size = answer.record, held.size
        if held.note is not None and (held.checkpoint is None or held.checkpoint.origin != answer.origin):
            self.findings.add("bad_checkpoint", f"{held.where}: no checkpoint of this log", "", size, held=True)
            return "bad_checkpoint"
        kind = "same" if size == record.tree.size else "extends"
        if held.note is not None and (fault := record.keys.blame(held.note, size)):
            self.findings.add("bad_signature", f"{held.where}: {fault}", "", size, held=True)
            kind = "bad_signature"
        if size > record.tree.size:
            kind = "tail_cut"
            self.findings.add(kind, f"{held.where}: what you hold is longer", "", size, held=True)
        elif not agrees_with(held, Checkpoint(answer.origin, size, record.roots[size])):
            kind = "forked"
            self.findings.add(kind, f"{held.where}: what you hold is of another log", "", size, held=True)
        return kind


def agrees_with(held: Held, own: Checkpoint) -> bool:
    """Whether what somebody holds is the log's own checkpoint of that size."""
    if held.checkpoint is not None:
        return held.checkpoint.root == own.root
    return sha256(own.text.encode("utf-8", "surrogatepass")).digest()[:20] == held.bits


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer of section 19; `held` and `cluster` only where they were asked for."""
    record, listed = answer.record, answer.findings.listed()
    found: dict[str, Any] = {
        "ok": answer.ok,
        "entries": record.tree.size,
        "streams": len(record.chains),
        "size": 0 if answer.newest is None else answer.newest.size,
        "root": record.tree.root().hex(),
        "checkpoint": "" if answer.newest is None else answer.newest.text,
        "findings": [{"stream": f.stream, "seq": f.seq, "kind": f.kind, "detail": f.detail} for f in listed],
        "erased": [{"commitment": c, "stream": stream, "seq": seq} for c, stream, seq in record.erased],
    }
    if answer.findings.count > len(listed):
        found["more"] = answer.findings.count - len(listed)
    if record.erased_more:
        found["erased_more"] = record.erased_more
    if answer.held:
        found["held"] = [{"where": one.where, "size": one.size, "result": kind} for one, kind in answer.held]
    if answer.cluster is not None:
        found["cluster"] = [{"place": event.place, "entry": event.entry} for event in answer.record.events]
    return found


# ---------------------------------------------------------------------------------------------------------------------
# The answer in words, English and Persian.

MEANING = {
    "damaged": ("The file itself was damaged or altered.", "خودِ پرونده آسیب دیده یا دست خورده است."),
    "unknown_member":
        ("The file has a part that does not belong there.",
         "در پرونده بخشی هست که جایش آنجا نیست."),
    "missing_member": ("A part that must be there is missing.", "بخشی که باید در پرونده باشد نیست."),
    "digest_differs":
        ("A part of the file is not the one that was listed.",
         "بخشی از پرونده آن نیست که در فهرست آمده است."),
    "text_missing":
        ("The rules that entries were decided by are not in the file.",
         "متنِ قواعدی که بر پایهٔ آن تصمیم گرفته شده در پرونده نیست."),
    "history_unsealed":
        ("A working history in the file is not one that the record vouches for.",
         "سابقهٔ کاری در پرونده هست که دفتر آن را گواهی نمی‌کند."),
    "manifest_differs":
        ("The list of contents does not agree with the record.",
         "فهرستِ محتوا با خودِ دفتر نمی‌خواند."),
    "not_canonical":
        ("This line of the record is not written in the one allowed way.",
         "این سطرِ دفتر به تنها شکلِ مجاز نوشته نشده است."),
    "not_an_entry": ("This line of the record is no entry.", "این سطرِ دفتر یک ثبت نیست."),
    "chain_broken":
        ("This entry, or the one before it, was changed after it was sealed.",
         "این ثبت، یا ثبتِ پیش از آن، پس از مُهر شدن تغییر کرده است."),
    "swapped":
        ("This entry stands behind one that came later: the order was changed.",
         "این ثبت پس از ثبتی آمده که دیرتر بوده است: ترتیب به هم خورده است."),
    "copied":
        ("The same entry stood there before: it was put in twice.",
         "همین ثبت پیش‌تر هم آمده بود: دو بار گذاشته شده است."),
    "forked":
        ("Another entry with this number stood before: there are two versions.",
         "ثبتِ دیگری با همین شماره پیش‌تر آمده بود: دو روایت هست."),
    "forked_log":
        ("The log is not the one you hold: two were shown under one name, or the past was rewritten.",
         "این دفتر آن نیست که شما در دست دارید: دو دفتر به یک نام نشان داده‌اند، یا گذشته بازنویسی شده است."),
    "gap": ("Entries were taken out here.", "از اینجا ثبت‌هایی برداشته شده است."),
    "segregation": ("Somebody did here what that person may not do.", "کسی اینجا کاری کرده که اجازه‌اش را نداشته است."),
    "bad_checkpoint": ("This is no checkpoint of this log.", "این نقطهٔ وارسیِ این دفتر نیست."),
    "bad_signature":
        ("It is not rightly signed, or a key is not the one it should be.",
         "امضا درست نیست، یا کلید آن نیست که باید باشد."),
    "not_sealed": ("Nobody signed for the record as long as it is.", "کسی برای دفتر با این درازا امضا نکرده است."),
    "tail_cut": ("Entries were cut off at the end.", "از انتهای دفتر ثبت‌هایی بریده شده است."),
    "root_differs":
        ("The entries are not those that were signed: some were changed, exchanged, put in or taken out.",
         "ثبت‌ها آن نیست که امضا شده: چیزی تغییر کرده، جابه‌جا، افزوده یا برداشته شده است."),
    "epoch_unfounded":
        ("The log began anew without the entry by which two persons answer for it.",
         "دفتر از نو آغاز شده بی آن ثبتی که دو تن با آن پاسخ‌گو می‌شوند."),
}  # fmt: skip
RULES = {
    "own_work": ("decided on work of their own", "دربارهٔ کارِ خود تصمیم گرفته است"),
    "own_request": ("decided on a request of their own", "دربارهٔ درخواستِ خود تصمیم گرفته است"),
    "vote_by_proxy": ("voted in the place of another", "به جای دیگری رأی داده است"),
    "not_seated": ("voted without a seat in the body", "بی آنکه عضو باشد رأی داده است"),
    "second_vote": ("voted twice", "دو بار رأی داده است"),
    "own_cluster": ("scored a cluster they led themselves", "به خوشه‌ای که خود راهبرش بوده نمره داده است"),
    "second_score": ("scored twice, or scored work of their own", "دو بار، یا به کارِ خود، نمره داده است"),
    "own_score": ("moderated a score of their own", "دربارهٔ نمرهٔ خود داوری کرده است"),
    "own_answer": ("closed a finding they answered themselves", "یافته‌ای را بسته که خود پاسخش را داده است"),
    "service_decided": (
        "is a program, and decided what only a person may",
        "برنامه است و کاری کرده که تنها کارِ آدمی است",
    ),
    "unasked_approval": (
        "approved by submitting, though the rules name an approver",
        "با فرستادن تأیید شده، با آنکه قواعد تأییدکننده دارد",
    ),
    "one_person": (
        "signed alone what two different persons must sign",
        "چیزی را تنها امضا کرده که دو تنِ متفاوت باید امضا کنند",
    ),
}
LINES = {
    "log": ("Log: {}", "دفتر: {}"),
    "counts": ("{} entries in {} streams, {} checkpoints.", "{} ثبت در {} رشته، {} نقطهٔ وارسی."),
    "ok": ("RESULT: nothing to blame.", "نتیجه: چیزی برای سرزنش نیست."),
    "not_ok": ("RESULT: {} findings.", "نتیجه: {} یافته."),
    "checked": (
        (
            "Checked: every byte of the file; every entry, its form and its chain; who decided what; the tree, the\n"
            "checkpoints and their signatures."
        ),
        (
            "بررسی شد: تک‌تکِ بایت‌های پرونده؛ هر ثبت، شکل و زنجیره‌اش؛ چه کسی چه تصمیمی گرفته؛ درخت، نقطه‌های وارسی و\n"
            "امضاهایشان."
        ),
    ),
    "newest": ("Newest right checkpoint: size {}. On paper:", "تازه‌ترین نقطهٔ وارسیِ درست: اندازهٔ {}. روی کاغذ:"),
    "no_newest": ("There is no right checkpoint.", "نقطهٔ وارسیِ درستی نیست."),
    "keys": ("Keys of the log, the last one in force:", "کلیدهای دفتر، آخری در کار است:"),
    "found": ("Found:", "یافته‌ها:"),
    "entry": ("{}, entry {}", "{}، ثبتِ {}"),
    "place": ("the log, {}", "دفتر، {}"),
    "file": ("the file", "پرونده"),
    "more": ("… and {} more.", "… و {} یافتهٔ دیگر."),
    "erased": ("Erased on purpose, which is no fault: {}", "به‌عمد فراموش شده، که خطا نیست: {}"),
    "erased_by": ("{} – by {}, entry {}", "{} – به ثبتِ {}، شمارهٔ {}"),
    "held": ("What you hold ({}, size {}): {}", "آنچه در دست دارید ({}، اندازهٔ {}): {}"),
    "same": ("it is this log", "همین دفتر است"),
    "extends": ("this log goes on from it", "این دفتر ادامهٔ آن است"),
    "unlike": ("it does not agree with this log, see the findings", "با این دفتر نمی‌خواند؛ یافته‌ها را ببینید"),
    "confirmed": ("The key you hold is a key of this log: {}", "کلیدی که در دست دارید کلیدِ این دفتر است: {}"),
    "limits": ("What this check cannot show:", "آنچه این بررسی نشان نمی‌دهد:"),
    "no_key":
        ("- that the keys are the office's own: compare one with what reached you another way (--key).",
         "- که کلیدها از آنِ خودِ دفتر است: یکی را با آنچه از راهِ دیگر به شما رسیده بسنجید (--key)."),
    "no_held": (
        (
            "- that no other log was shown to somebody else, or that nothing was cut off with its checkpoint: hold a\n"
            "  checkpoint or eight groups from elsewhere against it (--held, --groups)."
        ),
        (
            "- که دفترِ دیگری به کسِ دیگری نشان نداده‌اند، یا انتها با مُهرش بریده نشده: نقطهٔ وارسی یا هشت گروه از جای\n"
            "  دیگر را با آن بسنجید (--held، --groups)."
        ),
    ),
    "truth":
        ("- that what the entries say is true: only that it was entered so, and not changed since.",
         "- که گفتهٔ ثبت‌ها راست است: تنها اینکه چنین ثبت شده و سپس تغییر نکرده است."),
    "began_anew":
        ("- what was before this log began anew: ask the two who signed log.epoch_began for a bundle of that log.",
         "- که پیش از آغازِ دوبارهٔ دفتر چه بود: بستهٔ دفترِ پیشین را از دو امضاکنندهٔ log.epoch_began بخواهید."),
    "beside":
        ("- that README.md and verify.py in the file are honest: no one signs for them. Run one from elsewhere.",
         "- که README.md و verify.py درونِ پرونده درست‌اند: کسی برای آن‌ها امضا نمی‌کند. برنامه را از جای دیگر بگیرید."),
    "other_program":
        ("  The verify.py in the file is another program than this one.",
         "  verify.py درونِ پرونده برنامه‌ای دیگر است، نه این."),
    "cannot": ("CANNOT JUDGE: {}", "نمی‌توان داوری کرد: {}"),
}  # fmt: skip


CLUSTER_LINES = {
    "title": ("Cluster {}: {} entries.", "خوشهٔ {}: {} ثبت."),
    "none": ("Cluster {}: the bundle has no entry of it.", "خوشهٔ {}: در این پرونده ثبتی از آن نیست."),
    "deliverable.submitted": ("submitted", "فرستاده شد"),
    "deliverable.approved": ("APPROVED", "تأیید شد"),
    "deliverable.returned": ("returned", "بازگردانده شد"),
    "vote.cast": ("vote cast", "رأی داده شد"),
    "gate.decided": ("gate decided", "گذرگاه تصمیم گرفته شد"),
    "gate.condition_waived": ("gate condition waived", "شرطِ گذرگاه بخشیده شد"),
    "event": ("entry {} (line {} of the log): {} {}", "ثبتِ {} (سطرِ {} دفتر): {} {}"),
    "by": ("by {} ({})", "به دستِ {} ({})"),
    "for": ("by {} on behalf of {} ({})", "به دستِ {} از طرفِ {} ({})"),
    "when":
        ("happened {} as the person says; known to the programme since {}",
         "رخداد به گفتهٔ شخص {}؛ برنامه از {} می‌داند"),
    "sealed": ("sealed by the checkpoint of size {}", "زیرِ نقطهٔ وارسیِ اندازهٔ {}"),
    "unsealed": ("NOT under any right checkpoint", "زیرِ هیچ نقطهٔ وارسیِ درستی نیست"),
    "last":
        ("{}: last {} (entry {}); nothing about it was entered after that.",
         "{}: آخرین بار {} (ثبتِ {})؛ پس از آن چیزی دربارهٔ آن نیامده."),
    "unchanged": (
        (
            "Changed since? No: its entries 1 to {} follow one another without a gap, and all that is shown here is\n"
            "under the signed checkpoint of size {}."
        ),
        (
            "پس از آن تغییری کرده؟ نه: ثبت‌های ۱ تا {} آن بی‌گسست پشتِ هم‌اند و آنچه اینجا آمده زیرِ نقطهٔ وارسیِ امضاشدهٔ\n"
            "اندازهٔ {} است."
        ),
    ),
    "changed":
        ("Changed since? YES: the entries of this cluster are not those that were sealed, see the findings.",
         "پس از آن تغییری کرده؟ آری: ثبت‌های این خوشه آن نیست که مُهر شده؛ یافته‌ها را ببینید."),
    "unproven":
        ("Changed since? It cannot be said: not all of it is under a right checkpoint that agrees with what you hold.",
         "پس از آن تغییری کرده؟ نمی‌توان گفت: همهٔ آن زیرِ نقطهٔ وارسیِ درستی نیست که با آنچه در دست دارید بخواند."),
}  # fmt: skip
LINES |= CLUSTER_LINES
# Somebody signed, or holds, another log than these lines: what is shown may not be what was.
CONTRADICTED = ("bad_checkpoint", "bad_signature", "root_differs", "tail_cut", "forked", "epoch_unfounded")
ERASED_SHOWN = 20


class Words:
    """One language: its sentences, its digits, and what others wrote made harmless for a terminal."""

    def __init__(self, *, persian: bool) -> None:
        self._persian = persian

    def say(self, sentence: str, *values: object) -> str:
        """The sentence with its values; numbers in the digits of the language, texts shown as they are."""
        return LINES[sentence][self._persian].format(*(self._shown(value) for value in values))

    def meaning(self, finding: Finding) -> str:
        """A finding in one sentence; which rule a person broke is said too."""
        kind = "forked_log" if finding.kind == "forked" and not finding.stream else finding.kind
        sentence = MEANING[kind][self._persian]
        rule, _, person = finding.detail.partition(" ")
        if finding.kind != "segregation" or rule not in RULES:
            return sentence
        return f"{sentence} {self._shown(person)}: {RULES[rule][self._persian]}."

    def where(self, finding: Finding) -> str:
        """Where a finding belongs."""
        if finding.stream:
            return self.say("entry", finding.stream, finding.seq)
        return self.say("place", finding.seq) if finding.seq else self.say("file")

    def _shown(self, value: object) -> str:
        if isinstance(value, int):
            digits = str(value)
            return digits.translate({48 + digit: 0x6F0 + digit for digit in range(10)}) if self._persian else digits
        text = harmless(str(value))
        # Isolates keep what is written from left to right in its order inside a Persian sentence.
        return f"\u2068{text}\u2069" if self._persian else text


def harmless(text: str) -> str:
    """The text without characters that steer a terminal, turn the direction of what follows, or cannot be seen."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:2_000])


def as_words(answer: Answer, words: Words) -> Iterator[str]:
    """The answer for a person, line by line."""
    record, findings, say = answer.record, answer.findings, words.say
    yield say("log", answer.origin)
    yield say("counts", record.tree.size, len(record.chains), answer.checkpoints)
    yield say("ok") if answer.ok else say("not_ok", findings.count)
    yield ""
    yield say("checked")
    if answer.newest is None:
        yield say("no_newest")
    else:
        yield say("newest", answer.newest.size)
        yield "  " + on_paper(answer.newest)
    if record.keys.texts:
        yield say("keys")
        yield from ("  " + harmless(text) for text in record.keys.texts[-10:])
    yield from found_in_words(findings, words)
    yield from held_in_words(answer, words)
    if answer.cluster is not None:
        yield ""
        yield from cluster_in_words(answer, words)
    yield ""
    yield say("limits")
    if not answer.keys_confirmed:
        yield say("no_key")
    if not any(kind in ("same", "extends") for _, kind in answer.held):
        yield say("no_held")
    if epoch(answer.origin):
        yield say("began_anew")
    yield say("truth")
    yield say("beside")
    if answer.program != own_digest():
        yield say("other_program")


def own_digest() -> str:
    """The digest of this program, as it lies there; empty where it cannot be read."""
    try:
        with open(__file__, "rb") as file:  # noqa: PTH123 - the ledger room has no pathlib
            return sha256(file.read()).hexdigest()
    except OSError:
        return ""


def found_in_words(findings: Findings, words: Words) -> Iterator[str]:
    """What is to blame, one line for each."""
    listed = findings.listed()
    if listed:
        yield ""
        yield words.say("found")
    for finding in listed:
        yield f"- {words.where(finding)}: {words.meaning(finding)}"
        yield f"    [{finding.kind}] {harmless(finding.detail)}"
    if findings.count > len(listed):
        yield words.say("more", findings.count - len(listed))


def held_in_words(answer: Answer, words: Words) -> Iterator[str]:
    """What was erased, and how the log stands to what the auditor holds."""
    record = answer.record
    if record.erased:
        yield ""
        yield words.say("erased", len(record.erased) + record.erased_more)
        for commitment, stream, seq in record.erased[:ERASED_SHOWN]:
            yield "  " + words.say("erased_by", commitment, stream, seq)
        if len(record.erased) > ERASED_SHOWN:
            yield "  …"
    if answer.held or answer.keys_confirmed:
        yield ""
    for text in answer.keys_confirmed:
        yield words.say("confirmed", text)
    for one, kind in answer.held:
        yield words.say("held", one.where, one.size, words.say(kind if kind in ("same", "extends") else "unlike"))


def cluster_in_words(answer: Answer, words: Words) -> Iterator[str]:
    """Who submitted, approved and returned what, when it was known, and whether anything was changed since."""
    record, say, stream = answer.record, words.say, answer.cluster or ""
    chain = record.chains.get(stream)
    if chain is None:
        yield say("none", stream.removeprefix("cluster/"))
        return
    yield say("title", stream.removeprefix("cluster/"), chain.end)
    last: dict[str, Entry] = {}
    for event in record.events:
        yield from event_in_words(event, answer, words)
        if event.entry["type"].startswith("deliverable."):
            last[subject(event.entry)] = event.entry
    for name, entry in last.items():
        yield say("last", name, say(entry["type"]), entry["seq"])
    newest = answer.newest.size if answer.newest else 0
    if record.changed:
        yield say("changed")
    elif record.tree.size != newest or answer.findings.has(*CONTRADICTED):
        yield say("unproven")
    else:
        yield say("unchanged", chain.end, newest)


def subject(entry: Entry) -> str:
    """What an entry is about, in its own names."""
    found = [named(entry["data"], key) for key in ("deliverable", "gate", "duty")]
    return " / ".join(dict.fromkeys(name for name in found if name))


def event_in_words(event: Event, answer: Answer, words: Words) -> Iterator[str]:
    """One entry of the cluster: what, by whom, when, and under which checkpoint."""
    entry, actor = event.entry, event.entry["actor"]
    yield "- " + words.say("event", entry["seq"], event.place, words.say(entry["type"]), subject(entry))
    if "on_behalf_of" in actor:
        yield "    " + words.say("for", actor["id"], actor["on_behalf_of"], actor["role"])
    else:
        yield "    " + words.say("by", actor["id"], actor["role"])
    yield "    " + words.say("when", moment(entry["occurred_at"]), moment(entry["recorded_at"]))
    at = bisect_left(answer.right_sizes, event.place)
    sealed = at < len(answer.right_sizes)
    yield "    " + (words.say("sealed", answer.right_sizes[at]) if sealed else words.say("unsealed"))


def moment(text: str) -> str:
    """A moment as people write it."""
    return f"{text[:10]} {text[11:19]} UTC"


# ---------------------------------------------------------------------------------------------------------------------
# The command line.


def asked() -> argparse.ArgumentParser:
    """What can be asked on the command line."""
    parser = argparse.ArgumentParser(
        prog="verify.py",
        description="Checks a bundle of a sealed ledger. Exit code: 0 nothing to blame, 1 findings, 2 cannot judge.",
    )
    parser.add_argument("bundle", metavar="BUNDLE.zip")
    parser.add_argument("--held", metavar="FILE", action="append", default=[], help="a checkpoint (or groups) you hold")
    parser.add_argument("--groups", action="append", default=[], help="eight groups of five characters, from paper")
    parser.add_argument("--key", metavar="VERIFIER_TEXT", action="append", default=[], help="a key you trust")
    parser.add_argument("--cluster", metavar="ID", help="who submitted, approved and returned what, and when")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    parser.add_argument("--lang", choices=("fa", "en"), help="language of the answer")
    return parser


def speaks_persian(chosen: str | None) -> bool:
    """The language that was chosen, else that of the surroundings."""
    if chosen is not None:
        return chosen == "fa"
    ask = getattr(locale, "getdefaultlocale", None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # LC_CTYPE is left out: Python itself sets it where a language is not installed.
            found = ask(("LC_ALL", "LANG"))[0] if ask else locale.getlocale()[0]
    except ValueError:
        return False
    return (found or "").lower().startswith("fa")


def told_on_terminal() -> Progress:
    """Tells a waiting person how far the reading is; says nothing where nobody sits."""
    last = -1

    def tell(done: int, whole: int) -> None:
        nonlocal last
        part = done * 100 // max(whole, 1)
        if part != last and whole > PIECE * 8:
            last = part
            print(f"\r{part:3d} %", end="\n" if part >= 100 else "", file=sys.stderr, flush=True)

    return tell if sys.stderr.isatty() else lambda _done, _whole: None


def what_is_held(arguments: argparse.Namespace) -> list[Held]:
    """The checkpoints from elsewhere, from files and from the command line."""
    held = [held_groups("--groups", groups) for groups in arguments.groups]
    for name in arguments.held:
        try:
            with open(name, "rb") as file:  # noqa: PTH123 - the ledger room has no pathlib
                held.append(held_note(name, file.read(NOTE_LIMIT + 1)))
        except (OSError, ValueError) as fault:
            raise CannotJudge(f"{name}: {fault}") from fault
    return held


def check(name: str, held: list[Held], keys: list[str], cluster: str | None, progress: Progress) -> Answer:
    """The answer about the bundle in this file; CannotJudge where there is none."""
    try:
        with open(name, "rb") as stream:  # noqa: PTH123 - the ledger room has no pathlib
            return Check(stream, progress).run(held, keys, cluster)
    except (OSError, ValueError) as fault:
        raise CannotJudge(f"{name}: {fault}") from fault
    except MemoryError:
        raise CannotJudge(f"{name}: too large for the memory of this computer") from None


def main(arguments: list[str] | None = None) -> int:
    """Runs the check; the exit code of section 19."""
    options = asked().parse_args(arguments)
    words = Words(persian=speaks_persian(options.lang))
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        answer = check(options.bundle, what_is_held(options), options.key, options.cluster, told_on_terminal())
    except CannotJudge as fault:
        print(
            json.dumps({"ok": False, "cannot_judge": str(fault)}) if options.json else words.say("cannot", str(fault))
        )
        return 2
    if options.json:
        print(json.dumps(as_json(answer)))
    else:
        for line in as_words(answer, words):
            print(line)
    sys.stdout.flush()
    return 0 if answer.ok else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(2)
