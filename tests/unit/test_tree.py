"""Roots and proofs are those of RFC 6962: by its own recursive definition, and by vectors of another implementation."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tree import (
    EMPTY,
    Frontier,
    ProofRefused,
    check_consistency,
    check_inclusion,
    consistency,
    inclusion,
    leaf_hash,
    node_hash,
    peaks_of,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/rfc6962.json").read_text(encoding="utf-8"))
HASHES = [leaf_hash(n.to_bytes(2)) for n in range(300)]
SIZES = st.integers(0, len(HASHES))


def root_of(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, as it stands there."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return node_hash(root_of(hashes[:k]), root_of(hashes[k:]))


def nodes(level: int, n: int) -> bytes:
    part = HASHES[n << level : (n + 1) << level]
    assert len(part) == 1 << level, "a proof asked for a subtree that is not complete"
    return root_of(part)


def grown(size: int) -> Frontier:
    frontier = Frontier()
    for each in HASHES[:size]:
        frontier.add(each)
    return frontier


def test_the_published_leaves_have_the_published_roots():
    frontier = Frontier()
    assert frontier.root().hex() == VECTORS["roots"][0]
    for leaf, root in zip(VECTORS["leaves"], VECTORS["roots"][1:], strict=True):
        frontier.add(leaf_hash(bytes.fromhex(leaf)))
        assert frontier.root().hex() == root


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=lambda each: each["file"])
def test_an_inclusion_proof_passes_exactly_when_another_implementation_passes_it(vector):
    path = [b64decode(each) for each in vector["proof"] or []]
    root, leaf = b64decode(vector["root"]), b64decode(vector["leafHash"])
    assert passes(check_inclusion, leaf, vector["leafIdx"], vector["treeSize"], path, root) != vector["wantErr"]


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=lambda each: each["file"])
def test_a_consistency_proof_passes_exactly_when_another_implementation_passes_it(vector):
    path = [b64decode(each) for each in vector["proof"] or []]
    old_root, root = b64decode(vector["root1"]), b64decode(vector["root2"])
    # Where others do not look at roots of equal sizes at all, we still ask that they are hashes.
    refused = vector["wantErr"] or len(root) != len(EMPTY)
    assert passes(check_consistency, vector["size1"], vector["size2"], old_root, root, path) != refused


def passes(check, *proof) -> bool:
    try:
        check(*proof)
    except ProofRefused:
        return False
    return True


@given(SIZES)
def test_the_root_is_that_of_the_definition_whenever_it_is_asked(size):
    assert grown(size).root() == root_of(HASHES[:size])


@given(SIZES, SIZES)
def test_a_tree_goes_on_from_its_peaks(one, other):
    size, after = sorted((one, other))
    frontier = Frontier(size, peaks_of(size, nodes))
    for each in HASHES[size:after]:
        frontier.add(each)
    assert (frontier.size, frontier.root()) == (after, root_of(HASHES[:after]))


def test_peaks_that_do_not_fit_the_size_are_no_tree():
    with pytest.raises(ValueError, match="peaks"):
        Frontier(3, [EMPTY])


@given(st.integers(1, len(HASHES)), st.data())
def test_every_leaf_can_be_proven_and_no_other_leaf_index_size_or_root_with_its_proof(size, drawn):
    index = drawn.draw(st.integers(0, size - 1))
    path, root = inclusion(index, size, nodes), root_of(HASHES[:size])
    check_inclusion(HASHES[index], index, size, path, root)
    other = drawn.draw(st.integers(0, size - 1).filter(lambda n: n != index) if size > 1 else st.just(size))
    assert not passes(check_inclusion, HASHES[(index + 1) % 300], index, size, path, root)
    assert not passes(check_inclusion, HASHES[index], other, size, path, root)
    assert not passes(check_inclusion, HASHES[index], index, size, path, root_of(HASHES[: size - 1]))
    assert not passes(check_inclusion, HASHES[index], index, size, [*path, EMPTY], root)
    if path:
        assert not passes(check_inclusion, HASHES[index], index, size, path[:-1], root)
        assert not passes(check_inclusion, HASHES[index], index, size, path[::-1], root) or path == path[::-1]


@given(SIZES, SIZES, st.data())
def test_a_log_is_provably_the_beginning_of_itself_and_of_no_other(one, other, drawn):
    old, new = sorted((one, other))
    path, old_root, root = consistency(old, new, nodes), root_of(HASHES[:old]), root_of(HASHES[:new])
    check_consistency(old, new, old_root, root, path)
    assert not passes(check_consistency, old, new, sha256(b"other").digest(), root, path)
    assert not passes(check_consistency, old, new, old_root, root, [*path, EMPTY])
    if old > 0:
        assert not passes(check_consistency, old, new, old_root, sha256(b"other").digest(), path)
    if path:
        place = drawn.draw(st.integers(0, len(path) - 1))
        assert not passes(check_consistency, old, new, old_root, root, path[:place] + path[place + 1 :])
        changed = [*path[:place], sha256(path[place]).digest(), *path[place + 1 :]]
        assert not passes(check_consistency, old, new, old_root, root, changed)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_what_is_outside_the_tree_has_no_proof(index, size):
    for asked in (lambda: inclusion(index, size, nodes), lambda: check_inclusion(EMPTY, index, size, [], EMPTY)):
        with pytest.raises(ProofRefused, match="index_outside"):
            asked()


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_no_log_goes_on_from_a_longer_one(old, new):
    for asked in (lambda: consistency(old, new, nodes), lambda: check_consistency(old, new, EMPTY, EMPTY, [])):
        with pytest.raises(ProofRefused, match="sizes_outside"):
            asked()
