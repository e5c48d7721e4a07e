"""`audit verify` and the bundle's program find the same in whatever is made of a log: they share a page, no code."""

from collections import Counter
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.rulebook import carried, content_of
from ledger import verify
from ledger.canonical import canonical
from ledger.checkpoint import sign_checkpoint
from ledger.entry import digest_of, seal
from ledger.full_check import FullCheck
from ledger.segregation import _JUDGING
from tests.forged_log import KEY, ORIGIN, PRIVATE, STREAMS, ForgedLog, altered, honest, kept_as_it_says, rechained
from tests.unit.test_three_years import RULEBOOK, START, identified

HONEST = honest(40)
OF_THE_FILE = {"manifest_differs", "not_sealed", "missing_member", "unknown_member", "damaged"}
"""What can be wrong with a bundle and not with a database."""


def bundled(log: ForgedLog, place: Path, text: bytes = b"") -> None:
    """A bundle such as a careful forger makes: every digest in it fits."""
    files = {"README.md": b"", "verify.py": b"", "keys.txt": f"{KEY.text}\n".encode(),
             "entries.jsonl": b"".join(leaf + b"\n" for leaf in log.leaves)}  # fmt: skip
    files |= {f"checkpoints/{size}.txt": note for size, note in sorted(log.notes.items())}
    files |= {f"texts/{sha256(text).hexdigest()}.json": text} if text else {}
    files["histories/index.json"] = b"{}"
    digests = {name: digest_of(content) for name, content in files.items()}
    files["manifest.json"] = canonical({
        "files": digests, "kind": "khoosheh-bundle", "origin": ORIGIN, "root": log.root(len(log.leaves)).hex(),
        "size": len(log.leaves), "v": 1,
    })  # fmt: skip
    with ZipFile(place, "w", ZIP_DEFLATED) as archive:
        archive.comment = b"sha256:" + b"0" * 64
        for name, content in files.items():
            member = ZipInfo(name)
            member.external_attr, member.compress_type = 0o644 << 16, ZIP_DEFLATED
            archive.writestr(member, content)
    whole = place.read_bytes()[:-71]
    place.write_bytes(whole + f"sha256:{sha256(whole).hexdigest()}".encode())


Found = Counter[tuple[str, int, str, str]]
"""Stream, number, kind, and of what somebody broke the rule and the person."""


def told(stream: str, seq: int, kind: str, detail: str) -> tuple[str, int, str, str]:
    return stream, seq, kind, " ".join(detail.split()[:2]) if kind == "segregation" else ""


def theirs(log: ForgedLog, place: Path, text: bytes = b"") -> Found:
    bundled(log, place, text)
    answer = verify.as_json(verify.check(str(place), [], [], None, lambda *_: None))
    assert "more" not in answer
    found = [told(one["stream"], one["seq"], one["kind"], one["detail"]) for one in answer["findings"]]
    return Counter(one for one in found if one[2] not in OF_THE_FILE)


def _nowhere(_: str) -> bytes:
    raise LookupError


def ours(log: ForgedLog, text: bytes = b"") -> Found:
    check = FullCheck(ORIGIN, sorted(log.notes.items()), (lambda _: text) if text else _nowhere)
    for place, leaf in enumerate(log.leaves, 1):
        check.take(kept_as_it_says(place, leaf))
    return Counter(told(*flaw) for flaw in check.finish())


def swap(log: ForgedLog, at: int, other: int) -> None:
    log.leaves[at], log.leaves[other] = log.leaves[other], log.leaves[at]


CHANGES = {
    "delete": lambda log, at, _: log.leaves.pop(at),
    "copy": lambda log, at, other: log.leaves.insert(other, log.leaves[at]),
    "swap": swap,
    "alter": lambda log, at, other: log.leaves.__setitem__(at, altered(log.leaves[at], data={"n": other})),
    "move": lambda log, at, other: log.leaves.__setitem__(at, altered(log.leaves[at], stream=STREAMS[other % 3])),
    "renumber": lambda log, at, other: log.leaves.__setitem__(at, altered(log.leaves[at], seq=other)),
    "spell": lambda log, at, _: log.leaves.__setitem__(at, log.leaves[at].replace(b":", b": ", 1)),
    "cut": lambda log, at, _: log.leaves.__delitem__(slice(max(at, 2), None)),
    "rechain": lambda log, *_: log.leaves.__setitem__(slice(None), rechained(log.leaves)),
    "unsign": lambda log, at, _: log.notes.update({10: log.notes[10].replace(b"\n10\n", f"\n{at}\n".encode())}),
    "sign": lambda log, at, _: log.notes.update({at: sign_checkpoint(log.head(at), [PRIVATE])}),
}


def test_an_honest_log_is_clean_for_both(tmp_path):
    both = Counter({("cluster/a-a", 1, "text_missing", ""): 1})
    assert ours(HONEST) == theirs(HONEST, tmp_path / "bundle.zip") == both


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_both_find_the_same_in_any_forged_log(tmp_path, drawn):
    log = HONEST.copy()
    for _ in range(drawn.draw(st.integers(1, 3))):
        at, other = (drawn.draw(st.integers(1, len(log.leaves) - 1)) for _ in range(2))
        change = drawn.draw(st.sampled_from(sorted(CHANGES)))
        try:
            CHANGES[change](log, at, other)
        except (ValueError, KeyError):
            continue  # what was no entry any more cannot be changed like one
        if len(log.leaves) < 3:
            break
    assert ours(log) == theirs(log, tmp_path / "bundle.zip")


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_both_find_the_same_after_each_change_alone(tmp_path, change):
    for at in range(1, 30, 4):
        log = HONEST.copy()
        CHANGES[change](log, at, at + 5)
        assert ours(log) == theirs(log, tmp_path / "bundle.zip"), (change, at)


def lived() -> list[bytes]:
    """Four years of a cluster as the core decided them, behind the entry of the key."""
    life = identified()
    life.act()
    life.until(START + timedelta(days=1_500))
    leaves = [HONEST.leaves[0]]
    prev = ""
    for fact in life.facts:
        leaf = seal("cluster/lived", prev, fact)
        prev = leaf.digest
        leaves.append(leaf.raw)
    return leaves


def test_both_name_the_same_persons_for_the_same_rules_when_other_people_act(tmp_path):
    """Actors are exchanged among the entries that judge; the forger then chains and signs all of it anew."""
    leaves, text = lived(), content_of(carried(RULEBOOK.methodology, RULEBOOK.calendar)[1])
    clean = ForgedLog(leaves)
    clean.seal(len(leaves))
    assert ours(clean, text) == theirs(clean, tmp_path / "clean.zip", text) == Counter()
    actors = [orjson.loads(leaf)["actor"] for leaf in leaves]
    judging = [place for place, leaf in enumerate(leaves) if orjson.loads(leaf)["type"] in _JUDGING]
    rules = set[str]()
    for seed in range(12):
        chance, log = Random(seed), ForgedLog(list(leaves))
        for place in chance.sample(judging, 12):
            log.leaves[place] = altered(log.leaves[place], actor=chance.choice(actors))
        log.leaves = rechained(log.leaves)
        log.seal(len(leaves))
        found = ours(log, text)
        assert found == theirs(log, tmp_path / "bundle.zip", text), seed
        rules |= {one[3].split()[0] for one in found}
    assert len(rules) >= 4, rules
