"""Roots, proofs, checkpoint and tlog-proof, judged by pymerkle (GPL) and proofbundle. Runs in their environment."""

import json
import sys
from pathlib import Path

from proofbundle.checkpoint import verify_checkpoint
from proofbundle.merkle import verify_consistency, verify_inclusion
from proofbundle.tlogproof import verify_tlog_proof
from pymerkle import InmemoryTree


def check_tree(sample):
    """Both oracles know the same roots, and every proof passes; with one bit changed none does."""
    theirs = InmemoryTree(algorithm="sha256")
    leaves, roots = [leaf.encode() for leaf in sample["leaves"]], list(map(bytes.fromhex, sample["roots"]))
    for leaf in leaves:
        theirs.append_entry(leaf)
    assert [theirs.get_root(size) for size in range(1, len(roots) + 1)] == roots
    for proof in sample["inclusion"]:
        index, size, path = proof["index"], proof["size"], list(map(bytes.fromhex, proof["path"]))
        assert set(proof["path"]) <= set(theirs.prove_inclusion(index + 1, size).serialize()["path"])
        assert verify_inclusion(leaves[index], index, size, path, roots[size - 1])
        assert not verify_inclusion(leaves[index] + b"x", index, size, path, roots[size - 1])
    for proof in sample["consistency"]:
        old, new, path = proof["old"], proof["new"], list(map(bytes.fromhex, proof["path"]))
        assert verify_consistency(old, new, path, roots[old - 1], roots[new - 1])
        assert old == new or not verify_consistency(old, new, path, roots[old], roots[new - 1])
    return (
        f"{len(roots)} roots, {len(sample['inclusion'])} inclusion and {len(sample['consistency'])} consistency proofs"
    )


def check_note(folder):
    """A foreign reader finds the checkpoint, and under it the entry."""
    key, note = ((folder / name).read_text(encoding="utf-8") for name in ("key.txt", "checkpoint.txt"))
    found = verify_checkpoint(note, key)
    assert found["ok"], found
    assert not verify_checkpoint(note.replace("\n4\n", "\n5\n"), key)["ok"]
    proof, entry = (folder / "entry.tlog-proof").read_text(encoding="utf-8"), (folder / "entry.json").read_bytes()
    judged = verify_tlog_proof(proof, entry, key)
    assert judged["ok"], judged
    assert not verify_tlog_proof(proof, entry + b" ", key)["ok"]
    return f"checkpoint of {found['origin']} at {found['tree_size']} and entry {judged['index']} under it"


def main(folder):
    sample = json.loads((folder / "tree.json").read_text(encoding="utf-8"))
    print("pymerkle and proofbundle accept:", check_tree(sample))
    print("proofbundle accepts:", check_note(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
