"""Signed notes (C2SP signed-note v1): a text, and under it who signed it, byte for byte one way to write each.

Of the signature types only Ed25519 (0x01) is made and checked here; lines of other keys are kept unread.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
MOST_SIGNATURES = 16
MOST_BYTES = 100_000
"""16 signatures of the largest type known (ML-DSA) and a text take less."""

_P = 2**255 - 19
_SMALL_ORDER = frozenset(
    (0, 1, _P - 1,
     int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
     int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"))
)  # fmt: skip
"""The y of the points whose eightfold is zero: who has no key at all can sign under such a one."""

_NAME = re.compile(r"[^\s+]+")
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteRefused(Exception):
    """`code`: note_too_large, note_not_text, note_unsigned, note_line, note_key, signature_twice, signature_wrong,
    signer_unknown.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class VerifierKey(NamedTuple):
    """Whose Ed25519 signatures to accept, and under which name."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart; no proof of anything."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """`name+id+key`: the form in which keys are handed from person to person."""
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.public).decode()}"


class Signature(NamedTuple):
    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        return f"— {self.name} {b64encode(self.key_id + self.signature).decode()}\n"


class Note(NamedTuple):
    """A text ending in a line feed, and the lines under it, not yet checked."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def raw(self) -> bytes:
        return (self.text + "\n" + "".join(each.line for each in self.signatures)).encode()


def verifier_key(text: str) -> VerifierKey:
    """The Ed25519 key in `name+id+key`; NoteRefused `note_key` unless that is how we would write it."""
    name, _, rest = text.partition("+")
    _, _, encoded = rest.partition("+")
    try:
        material = b64decode(encoded, validate=True)
    except (NotBase64, ValueError):
        raise NoteRefused("note_key") from None
    key = VerifierKey(name, material[1:])
    if len(material) != 33 or material[:1] != ED25519 or not _NAME.fullmatch(name) or key.text != text:
        raise NoteRefused("note_key")
    if int.from_bytes(key.public, "little") % 2**255 % _P in _SMALL_ORDER:
        raise NoteRefused("note_key")
    return key


def verifier_of(name: str, private: Ed25519PrivateKey) -> VerifierKey:
    """The public half, under this name."""
    if not _NAME.fullmatch(name):
        raise NoteRefused("note_key")
    return VerifierKey(name, private.public_key().public_bytes_raw())


def signature_of(text: str, name: str, private: Ed25519PrivateKey) -> Signature:
    """The line that says `name` signed this text; the same key and text give the same line."""
    return Signature(name, verifier_of(name, private).id, private.sign(text.encode()))


def read_note(raw: bytes) -> Note:
    """The note spelled by `raw`, nothing believed yet; NoteRefused unless it is spelled exactly so."""
    if len(raw) > MOST_BYTES:
        raise NoteRefused("note_too_large")
    try:
        written = raw.decode()
    except UnicodeDecodeError:
        raise NoteRefused("note_not_text") from None
    if _CONTROL.search(written):
        raise NoteRefused("note_not_text")
    above, blank, below = written.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise NoteRefused("note_unsigned")
    lines = below[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteRefused("note_too_large")
    return Note(above + "\n", tuple(_signature_in(line) for line in lines))


def signers(note: Note, known: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Those of the known keys that signed the text, at least one. Lines of unknown keys prove nothing and do not
    hurt; a wrong or repeated line of a known key refuses the whole note.
    """
    by_name = {(key.name, key.id): key for key in known}
    found: list[VerifierKey] = []
    for each in note.signatures:
        key = by_name.get((each.name, each.key_id))
        if key is None:
            continue
        if key in found:
            raise NoteRefused("signature_twice")
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(each.signature, note.text.encode())
        except (InvalidSignature, ValueError):
            raise NoteRefused("signature_wrong") from None
        found.append(key)
    if not found:
        raise NoteRefused("signer_unknown")
    return tuple(found)


def _signature_in(line: str) -> Signature:
    written = _LINE.fullmatch(line)
    if written is None:
        raise NoteRefused("note_line")
    try:
        material = b64decode(written[2], validate=True)
    except (NotBase64, ValueError):
        raise NoteRefused("note_line") from None
    found = Signature(written[1], material[:4], material[4:])
    if not found.signature or found.line != line + "\n":
        raise NoteRefused("note_line")
    return found
