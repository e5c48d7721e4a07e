"""The later sections of docs/ledger-format.md are true: their example is what the code makes.

`python -m tests.contracts.test_ledger_format_log` writes the example anew into the page.
"""

from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.recording import Actor, Cause, CommandRef, Fact
from ledger.canonical import canonical
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.entry import Leaf, digest_of, seal
from ledger.notes import verifier_of
from ledger.paper import groups, paper_of, read_groups
from ledger.proofs import EntryProof, check_proof
from ledger.tiles import bundle_of, bundles, tile_of, tiles
from ledger.tree import Frontier, consistency, inclusion, leaf_hash, node_hash
from tests.contracts.test_ledger_format_document import AT, PAGE, block, made

ORIGIN = "khoosheh.example/qom"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(64, 96)))
KEY = verifier_of(ORIGIN, PRIVATE)
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def key_entry() -> Leaf:
    at = AT - timedelta(days=1)
    fact = Fact(
        seq=1, type="log.key_added", occurred_at=at, recorded_at=at,
        command=CommandRef(id="019ab3f0-5c80-7a31-9f4e-2b7d11c0a000", n=1, of=1),
        actor=Actor(person="svc:sealing", role="service", scope="nation"), cause=Cause(kind="engine", ref="seal"),
        build="0.1.0", authenticated_by="engine", data={"origin": ORIGIN, "key": KEY.text},
    )  # fmt: skip
    return seal("directory", "", fact)


LEAVES = [key_entry().raw, *(leaf.raw for leaf in made())]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


def nodes(level: int, n: int) -> bytes:
    return HASHES[n] if level == 0 else node_hash(nodes(level - 1, 2 * n), nodes(level - 1, 2 * n + 1))


def root_at(size: int) -> bytes:
    frontier = Frontier()
    for each in HASHES[:size]:
        frontier.add(each)
    return frontier.root()


HEAD = Checkpoint(ORIGIN, 4, root_at(4))
NOTE = sign_checkpoint(HEAD, [PRIVATE])
PROOF = EntryProof(2, tuple(inclusion(2, 4, nodes)), NOTE)


def written() -> dict[str, str]:
    paper = groups(paper_of(HEAD))
    kept = {tile.name: tile_of(tile, nodes) for tile in tiles(4)}
    kept |= {each.name: bundle_of(LEAVES) for each in bundles(4)}
    kept["checkpoint/4"] = NOTE
    files = {"README.md": b"", "checkpoints/4.txt": NOTE, "entries.jsonl": b"".join(leaf + b"\n" for leaf in LEAVES),
             "histories/index.json": b"{}", "keys.txt": f"{KEY.text}\n".encode(), "verify.py": b""}  # fmt: skip
    manifest = {"files": {name: digest_of(content) for name, content in files.items()}, "kind": "khoosheh-bundle",
                "origin": ORIGIN, "root": HEAD.root.hex(), "size": 4, "v": 1}  # fmt: skip
    return {
        "key entry": LEAVES[0].decode() + "\n",
        "tree": "".join(each.hex() + "\n" for each in (*HASHES, *map(root_at, range(5)))),
        "proofs": "".join(each.hex() + "\n" for each in inclusion(2, 4, nodes)) + "\n"
        + "".join(each.hex() + "\n" for each in consistency(3, 4, nodes)),
        "verifier": KEY.text + "\n",
        "checkpoint": NOTE.decode(),
        "paper": f"{paper}\n{paper.lower().replace(' ', '-').translate(PERSIAN)}\n",
        "tlog-proof": PROOF.raw.decode(),
        "tiles": "".join(f"{name} {sha256(content).hexdigest()}\n" for name, content in kept.items()),
        "manifest": canonical(manifest).decode() + "\n",
    }  # fmt: skip


@pytest.mark.parametrize("name", list(written()))
def test_the_example_of_the_log_is_what_the_code_makes(name):
    assert block(name, PAGE.read_text(encoding="utf-8")) == written()[name]


def test_both_ways_to_write_the_groups_of_the_page_are_read_as_its_checkpoint():
    for line in block("paper", PAGE.read_text(encoding="utf-8")).splitlines():
        assert read_groups(line) == paper_of(HEAD)


def test_the_proof_of_the_page_proves_its_entry_and_no_other():
    assert check_proof(PROOF, LEAVES[2], [KEY]) == HEAD


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name, content in written().items():
        start = text.index("\n", text.index(f"<!-- {name} -->\n```") + len(f"<!-- {name} -->\n```")) + 1
        text = text[:start] + content + text[text.index("```", start) :]
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
