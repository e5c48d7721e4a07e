"""What somebody may do to a log, and bundles of it sealed anew as far as their keys reach.

Bundles come from `tests.page_bundles`, which is written from the page alone; signatures here are by a library, as ten
thousand logs are signed anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import verify
from ledger.checkpoint import Checkpoint, sign_checkpoint
from tests.page_bundles import ORIGIN, RULES, SEED, Members, Office, judged, members_of, spelled, zipped

# The same signature of the same text is not judged ten thousand times; the verdict is the checker's own.
verify.rightly_signed = lru_cache(maxsize=4_096)(verify.rightly_signed)

PRIVATE = Ed25519PrivateKey.from_private_bytes(SEED)
CLUSTERS = tuple(f"cluster/qom-{name}" for name in ("footwear", "bread", "carpet", "copper", "tiles"))


def office_of(entries: int, seed: int = 1403) -> Office:
    """An honest office: works are submitted by agents and approved by deputies in five clusters."""
    chance, one = Random(seed), Office()
    for cluster in CLUSTERS:
        one.add(cluster, "cluster.identified", {"name_fa": "خوشهٔ نمونه"})
    while len(one.leaves) < entries:
        cluster, duty = chance.choice(CLUSTERS), f"d{len(one.leaves)}"
        work = {"deliverable": "report", "duty": duty}
        one.add(cluster, "deliverable.submitted", {**work, "firms": chance.randrange(500)}, f"p-agent-{cluster[-4:]}")
        if len(one.leaves) < entries:
            one.add(cluster, "deliverable.approved", work, f"p-deputy-{chance.randrange(4)}")
    return one


class Roots:
    """The root of a log at each size, computed once."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        tree = verify.Tree()
        self.at = [tree.root()]
        for leaf in leaves:
            tree.append(sha256(b"\x00" + leaf).digest())
            self.at.append(tree.root())

    def note(self, size: int) -> bytes:
        return sign_checkpoint(Checkpoint(ORIGIN, size, self.at[size]), [PRIVATE])

    def held(self, size: int) -> verify.Held:
        """As an auditor wrote it down from paper."""
        return verify.held_groups("paper", verify.on_paper(verify.Checkpoint(ORIGIN, size, self.at[size])))


def packed(leaves: Sequence[bytes], notes: dict[int, bytes]) -> bytes:
    """A bundle with a right manifest, right digests, right CRCs and a right comment over whatever this is."""
    members = members_resealed(leaves, notes)
    return zipped(members, stored=tuple(name for name, _ in members) if len(leaves) < 500 else ())


def members_resealed(leaves: Sequence[bytes], notes: dict[int, bytes]) -> Members:
    return members_of(list(leaves), notes, texts=(RULES,), root=Roots(leaves).at[-1].hex())


def rechained(leaves: Sequence[bytes]) -> list[bytes]:
    """Every entry numbered and chained anew."""
    heads: dict[str, tuple[int, str]] = {}
    made = []
    for leaf in leaves:
        entry = json.loads(leaf)
        seq, prev = heads.get(entry["stream"], (0, ""))
        made.append(spelled(entry | {"seq": seq + 1, "prev": prev}))
        heads[entry["stream"]] = (seq + 1, "sha256:" + sha256(made[-1]).hexdigest())
    return made


@dataclass
class Change:
    """A log after somebody was at it, and the first index that is another than it was."""

    leaves: list[bytes]
    first: int


def deletion(leaves: list[bytes], chance: Random) -> Change:
    at = chance.randrange(1, len(leaves) - 1)
    count = chance.choice((1, 1, 1, 2, 5))
    return Change(leaves[:at] + leaves[at + count :], at)


def insertion(leaves: list[bytes], chance: Random) -> Change:
    at = chance.randrange(1, len(leaves))
    made = json.loads(chance.choice(leaves[1:])) | {"build": "9.9.9"}
    return Change([*leaves[:at], spelled(made), *leaves[at:]], at)


def swap(leaves: list[bytes], chance: Random) -> Change:
    one, two = sorted(chance.sample(range(1, len(leaves)), 2))
    made = list(leaves)
    made[one], made[two] = made[two], made[one]
    return Change(made, one)


def cross_copy(leaves: list[bytes], chance: Random) -> Change:
    """An entry of one cluster put into another one, under its name."""
    chosen = chance.choice([leaf for leaf in leaves if b'"stream":"cluster/' in leaf])
    entry = json.loads(chosen)
    other = chance.choice([name for name in CLUSTERS if name != entry["stream"]])
    at = chance.randrange(7, len(leaves))
    return Change([*leaves[:at], spelled(entry | {"stream": other}), *leaves[at:]], at)


def tail_cut(leaves: list[bytes], chance: Random) -> Change:
    at = chance.randrange(7, len(leaves) - 1)
    return Change(leaves[:at], at)


def fork(leaves: list[bytes], chance: Random) -> Change:
    """Another past from here on, as long as the true one."""
    at = chance.randrange(1, len(leaves))
    changed = [spelled(json.loads(leaf) | {"occurred_at": "2025-01-01T00:00:00.000000Z"}) for leaf in leaves[at:]]
    return Change(leaves[:at] + changed, at)


def rewording(leaves: list[bytes], chance: Random) -> Change:
    """One value of one entry."""
    at = chance.randrange(1, len(leaves))
    entry: dict[str, Any] = json.loads(leaves[at])
    entry["actor"]["id"] = "p-somebody-else"
    return Change([*leaves[:at], spelled(entry), *leaves[at + 1 :]], at)


CHANGES: tuple[Callable[[list[bytes], Random], Change], ...] = (
    deletion, insertion, swap, cross_copy, tail_cut, fork, rewording,
)  # fmt: skip


class Told:
    """How often each kind was named, by what was done."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.kinds: dict[str, Counter[str]] = {}

    def add(self, what: str, kinds: set[str]) -> None:
        self.done[what] += 1
        self.kinds.setdefault(what, Counter()).update(kinds)

    def merge(self, other: Told) -> None:
        self.done += other.done
        for what, kinds in other.kinds.items():
            self.kinds.setdefault(what, Counter()).update(kinds)

    def __str__(self) -> str:
        rows = []
        for what, count in sorted(self.done.items()):
            named = ", ".join(f"{kind} {n:,}" for kind, n in self.kinds[what].most_common())
            rows.append(f"  {what}: {count:,} · {named or 'nothing'}")
        return "\n".join(rows)


def answer(content: bytes, *held: verify.Held) -> set[str]:
    """The kinds of all findings, `refused` where it cannot be judged; empty: nothing to blame."""
    try:
        found = judged(content, held)
    except verify.CannotJudge:
        return {"refused"}
    assert found["ok"] == (not found["findings"])
    return {finding["kind"] for finding in found["findings"]}
