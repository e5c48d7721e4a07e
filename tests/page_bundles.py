"""Bundles written from docs/ledger-format.md alone, to hold `verify.py` against; nothing here is the ledger's."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import struct
import zlib
from pathlib import Path
from typing import Any

from ledger import verify

# ---------------------------------------------------------------------------------------------------------------------
# Signing after RFC 8032, section 5.1.6, slowly and with nothing of verify.py's.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
B = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)


def plus(p: tuple[int, int], q: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = p, q
    k = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + k, -1, P)
    return x % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P


DOUBLED = [B]
for _ in range(254):
    DOUBLED.append(plus(DOUBLED[-1], DOUBLED[-1]))


def times(n: int) -> tuple[int, int]:
    """n times the base point."""
    q = (0, 1)
    for at, doubled in enumerate(DOUBLED):
        if n >> at & 1:
            q = plus(q, doubled)
    return q


def encoded(p: tuple[int, int]) -> bytes:
    return (p[1] | (p[0] & 1) << 255).to_bytes(32, "little")


def secret(seed: bytes) -> tuple[int, bytes]:
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    return a, h[32:]


def public(seed: bytes) -> bytes:
    return encoded(times(secret(seed)[0]))


PUBLIC: dict[bytes, bytes] = {}
SIGNED: dict[tuple[bytes, bytes], bytes] = {}


def sign(seed: bytes, message: bytes) -> bytes:
    if (seed, message) not in SIGNED:
        a, prefix = secret(seed)
        own = PUBLIC.setdefault(seed, public(seed))
        r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
        point = encoded(times(r))
        k = int.from_bytes(hashlib.sha512(point + own + message).digest(), "little")
        SIGNED[seed, message] = point + ((r + k * a) % L).to_bytes(32, "little")
    return SIGNED[seed, message]


# ---------------------------------------------------------------------------------------------------------------------
# A writer of bundles.

ORIGIN = "khoosheh.example/qom"
SEED = bytes(range(0x40, 0x60))
SECOND = bytes(range(0x60, 0x80))
STRANGER = bytes(range(0x20))


def verifier(seed: bytes = SEED, name: str = ORIGIN) -> str:
    material = b"\x01" + PUBLIC.setdefault(seed, public(seed))
    key_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(material).decode()}"


def line_of(text: str, seed: bytes, name: str = ORIGIN) -> str:
    key_id = bytes.fromhex(verifier(seed, name).split("+")[1])
    return f"— {name} {base64.b64encode(key_id + sign(seed, text.encode())).decode()}\n"


def root_of(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962, by its own recursion."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\x01" + root_of(hashes[:k]) + root_of(hashes[k:])).digest()


def root_at(leaves: list[bytes], size: int) -> bytes:
    return root_of([hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves[:size]])


def note(leaves: list[bytes], size: int, *seeds: bytes, origin: str = ORIGIN) -> bytes:
    text = f"{origin}\n{size}\n{base64.b64encode(root_at(leaves, size)).decode()}\n"
    return (text + "\n" + "".join(line_of(text, seed, origin) for seed in seeds or (SEED,))).encode()


def spelled(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


DAY = "2026-11-{:02}T05:30:00.000000Z"
RULES = spelled(
    {"methodology": {"stages": [{"deliverables": [{"key": "report", "approver": "provincial"}, {"key": "list"}]}]}}
)


class Office:
    """The entries of an office in the order in which it seals them."""

    def __init__(self, origin: str = ORIGIN, *, key: bool = True) -> None:
        self.leaves: list[bytes] = []
        self.heads: dict[str, tuple[int, str]] = {}
        if key:
            self.add("directory", "log.key_added", {"key": verifier(SEED, origin), "origin": origin}, "svc:sealing")

    def make(self, stream: str, kind: str, data: dict[str, Any], actor: str = "p-1", **more: Any) -> dict[str, Any]:
        seq, prev = self.heads.get(stream, (0, ""))
        at = f"{1000 + len(self.leaves):04}"
        entry: dict[str, Any] = {
            "v": 1, "stream": stream, "seq": seq + 1, "type": kind, "data": data, "prev": prev, "build": "0.1.0",
            "occurred_at": DAY.format(1 + len(self.leaves) % 28), "recorded_at": DAY.format(1 + len(self.leaves) % 28),
            "command": {"id": more.pop("command", "019ab3f0-5c80-7a31-9f4e-2b7d11c0" + at), "n": 1, "of": 1},
            "actor": {"id": actor, "role": "cda", "scope": "nation"},
            "cause": {"kind": "command", "ref": "Do"}, "authenticated_by": "session",
        }  # fmt: skip
        if "for_whom" in more:
            entry["actor"]["on_behalf_of"] = more.pop("for_whom")
        if stream.startswith("cluster/"):
            entry["methodology"] = {"id": "m", "version": "1.0", "digest": digest(RULES)}
        return entry | more

    def add(self, stream: str, kind: str, data: dict[str, Any], actor: str = "p-1", **more: Any) -> bytes:
        entry = self.make(stream, kind, data, actor, **more)
        leaf = spelled(entry)
        self.leaves.append(leaf)
        self.heads[stream] = (entry["seq"], digest(leaf))
        return leaf


def zipped(members: list[tuple[str, bytes]], *, stored: tuple[str, ...] = ("README.md",), blocks: int = 0) -> bytes:
    """The bytes of section 18; `blocks`: so many empty ones before what is packed."""
    body, directory = b"", b""
    for name, content in members:
        packed, method = content, 0
        if name not in stored:
            deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
            packed, method = b"\x00\x00\x00\xff\xff" * blocks + deflate.compress(content) + deflate.flush(), 8
        same = struct.pack(
            "<HHHHHIIIHH", 20, 0, method, 0, 0x21, zlib.crc32(content), len(packed), len(content), len(name), 0
        )
        directory += b"PK\x01\x02" + struct.pack("<H", 0x0314) + same
        directory += struct.pack("<HHHII", 0, 0, 0, 0x01A40000, len(body)) + name.encode()
        body += b"PK\x03\x04" + same + name.encode() + packed
    return sealed(body + directory + end_of(len(members), len(directory), len(body)))


def end_of(count: int, size: int, offset: int) -> bytes:
    return struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, size, offset, 71)


def sealed(content: bytes) -> bytes:
    return content + digest(content).encode()


def members_of(
    leaves: list[bytes],
    notes: dict[int, bytes] | None = None,
    *,
    texts: tuple[bytes, ...] = (RULES,),
    histories: dict[bytes, int] | None = None,
    keys: tuple[str, ...] | None = None,
    origin: str = ORIGIN,
    **manifest: Any,
) -> list[tuple[str, bytes]]:
    """The members of a right bundle of these leaves, with what is given otherwise."""
    histories = histories or {}
    notes = {len(leaves): note(leaves, len(leaves), origin=origin)} if notes is None else notes
    keys = (verifier(SEED, origin),) if keys is None else keys
    members = [
        ("README.md", b"read me\n"),
        ("verify.py", b"print()\n"),
        ("keys.txt", "".join(k + "\n" for k in keys).encode()),
    ]
    members.append(("entries.jsonl", b"".join(leaf + b"\n" for leaf in leaves)))
    members += [(f"checkpoints/{size}.txt", content) for size, content in sorted(notes.items())]
    members += sorted((f"texts/{digest(text)[7:]}.json", text) for text in texts)
    members.append(("histories/index.json", spelled({digest(h)[7:]: seq for h, seq in histories.items()})))
    members += sorted((f"histories/{digest(h)[7:]}.pb.zst", h) for h in histories)
    told = {
        "files": {name: digest(content) for name, content in members}, "kind": "khoosheh-bundle", "origin": origin,
        "root": root_at(leaves, len(leaves)).hex(), "size": len(leaves), "v": 1,
    }  # fmt: skip
    return [*members, ("manifest.json", spelled(told | manifest))]


def judged(content: bytes, held: tuple[Any, ...] = (), keys: tuple[str, ...] = (), cluster: str | None = None) -> Any:
    """The JSON answer about these bytes."""
    check = verify.Check(io.BytesIO(content), lambda _done, _whole: None)
    return verify.as_json(check.run(list(held), list(keys), cluster))


def found(content: bytes, *held: Any, keys: tuple[str, ...] = ()) -> list[tuple[str, str, int]]:
    """Kind, stream and number of each finding."""
    return [(f["kind"], f["stream"], f["seq"]) for f in judged(content, held, keys)["findings"]]


def blamed(content: bytes) -> bool:
    """Whether there are findings, or it cannot be judged at all."""
    try:
        return not judged(content)["ok"]
    except verify.CannotJudge:
        return True


def kinds(content: bytes) -> set[str]:
    return {kind for kind, _, _ in found(content)}


def bundle(leaves: list[bytes], *arguments: Any, **named: Any) -> bytes:
    return zipped(members_of(leaves, *arguments, **named))


Q, R = "cluster/qom-footwear", "cluster/rey-bread"


def office() -> Office:
    """Two clusters and the office's own streams, nothing to blame."""
    one = Office()
    one.add(Q, "cluster.identified", {"name_fa": "کفش قم"})
    one.add(R, "cluster.identified", {"name_fa": "نان ری"})
    one.add(Q, "deliverable.submitted", {"deliverable": "report", "duty": "d1"}, "p-agent")
    one.add(Q, "deliverable.approved", {"deliverable": "report", "duty": "d1"}, "p-deputy", for_whom="p-boss")
    one.add(R, "deliverable.submitted", {"deliverable": "list", "duty": "d2"}, "p-agent2", command="same")
    one.add(R, "deliverable.approved", {"deliverable": "list", "duty": "d2"}, "p-agent2", command="same")
    one.add("documents", "document.forgotten", {"commitment": "hmac-sha256:" + "ab" * 32, "reason": "asked"})
    one.add(Q, "note.made", {"text": "پایان"}, "p-agent")
    return one


PAGE = Path(__file__).parents[1] / "docs" / "ledger-format.md"


def shown(mark: str) -> str:
    block = re.search(rf"<!-- {mark} -->\n```[a-z]*\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block is not None
    return block[1]


def example() -> list[bytes]:
    return [line.encode() for line in (shown("key entry") + shown("leaves")).splitlines()]


Members = list[tuple[str, bytes]]


def right() -> Members:
    return members_of(office().leaves)


def resealed(content: bytes) -> bytes:
    """The same bytes with a comment that is right again: only the rules of the bytes can find what was done."""
    return sealed(content[:-71])


def with_history(seq: int = 1, *, told: bytes = b"run") -> Office:
    one = office()
    one.add("archive", "history.archived", {"runs": [{"digest": digest(told)}]}, "svc:archive")
    return one


def text_of(leaves: list[bytes]) -> str:
    return note(leaves, len(leaves)).decode().partition("\n\n")[0] + "\n"
