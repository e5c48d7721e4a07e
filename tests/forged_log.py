"""A sealed log in memory, and what somebody might do to it who holds the database but not the key."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.recording import Actor, Cause, CommandRef, Fact
from ledger.canonical import canonical
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.entry import Leaf, digest_of, seal
from ledger.full_check import FullCheck
from ledger.log_chains import Flaw
from ledger.notes import verifier_of
from ledger.store import Placed
from ledger.tree import Frontier, leaf_hash
from ledger.witness import Held
from tests.ledger_facts import NINE, fact

ORIGIN = "khoosheh.example/office"
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
KEY = verifier_of(ORIGIN, PRIVATE)
STREAMS = ("cluster/a-a", "cluster/b-b", "cluster/c-c")


def key_told() -> Fact:
    return Fact(
        seq=1, type="log.key_added", occurred_at=NINE, recorded_at=NINE, command=CommandRef(id="k", n=1, of=1),
        actor=Actor(person="svc:sealing", role="service", scope="nation"), cause=Cause(kind="engine", ref="seal"),
        build="b", authenticated_by="engine", data={"origin": ORIGIN, "key": KEY.text},
    )  # fmt: skip


@dataclass
class ForgedLog:
    """Leaves in the order of the log, and the checkpoints that were signed before anybody touched them."""

    leaves: list[bytes] = field(default_factory=list)
    notes: dict[int, bytes] = field(default_factory=dict)

    def root(self, size: int) -> bytes:
        frontier = Frontier()
        for leaf in self.leaves[:size]:
            frontier.add(leaf_hash(leaf))
        return frontier.root()

    def head(self, size: int) -> Checkpoint:
        return Checkpoint(ORIGIN, size, self.root(size))

    def seal(self, *sizes: int) -> None:
        for size in sizes:
            self.notes[size] = sign_checkpoint(self.head(size), [PRIVATE])

    def copy(self) -> "ForgedLog":
        return ForgedLog(list(self.leaves), dict(self.notes))

    def check(self, *held: Held) -> FullCheck:
        """Told every leaf, and finished."""
        check = FullCheck(ORIGIN, sorted(self.notes.items()), lambda _: b"{}", held=held)
        for place, leaf in enumerate(self.leaves, 1):
            check.take(kept_as_it_says(place, leaf))
        check.finish()
        return check

    def flaws(self, *held: Held) -> list[Flaw]:
        return self.check(*held).flaws

    def kinds(self, *held: Held) -> set[str]:
        return {flaw.kind for flaw in self.flaws(*held)}


def kept_as_it_says(place: int, leaf: bytes) -> Placed:
    """As a bundle keeps it: nothing stands beside the leaf."""
    try:
        said: Any = orjson.loads(leaf)
        return Placed(place, said["stream"], said["seq"], Leaf(leaf, digest_of(leaf)))
    except (ValueError, TypeError, KeyError):
        return Placed(place, "", 0, Leaf(leaf, digest_of(leaf)))


def honest(entries: int = 60) -> ForgedLog:
    """So many entries of three clusters after the entry of the key; sealed along the way and at the end."""
    log = ForgedLog([seal("directory", "", key_told()).raw])
    heads = dict.fromkeys(STREAMS, ("", 0))
    for n in range(entries):
        stream = STREAMS[n * n // 3 % 3]
        prev, seq = heads[stream]
        leaf = seal(stream, prev, fact(seq + 1, of=stream).model_copy(update={"type": "duty.reminded"}))
        heads[stream] = (leaf.digest, seq + 1)
        log.leaves.append(leaf.raw)
    log.seal(10, entries // 2, entries + 1)
    return log


def altered(leaf: bytes, **changed: object) -> bytes:
    """The same entry with other values, spelled as it must be."""
    return canonical(orjson.loads(leaf) | changed)


def rechained(leaves: list[bytes]) -> list[bytes]:
    """Every entry numbered and chained anew, as a forger does who has all of the database."""
    heads: dict[str, tuple[str, int]] = {}
    made = []
    for leaf in leaves:
        stream = orjson.loads(leaf)["stream"]
        prev, seq = heads.get(stream, ("", 0))
        made.append(altered(leaf, prev=prev, seq=seq + 1))
        heads[stream] = (digest_of(made[-1]), seq + 1)
    return made
