"""The Merkle tree over all entries (RFC 6962 §2.1, SHA-256): roots, proofs, and what proofs prove.

A leaf is the bytes of an entry; its index is its place in append order, from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""

Nodes = Callable[[int, int], bytes]
"""`nodes(level, n)`: the hash over the leaves n·2^level … (n+1)·2^level − 1, all of which are there."""


class ProofRefused(Exception):
    """The proof does not prove it. `code`: index_outside, sizes_outside, wrong_length, wrong_root, wrong_old_root."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def leaf_hash(raw: bytes) -> bytes:
    """What stands for an entry in the tree; no inner node can be taken for it."""
    return sha256(b"\0" + raw).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """What stands for two neighbouring subtrees."""
    return sha256(b"\1" + left + right).digest()


class Frontier:
    """The tree over the leaves added so far, kept as its complete subtrees: one for each 1 bit of `size`."""

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count():
            raise ValueError("peaks")
        self.size = size
        self._peaks = list(peaks)

    def add(self, leaf: bytes) -> None:
        """One more leaf, given by its hash."""
        size, peaks, added = self.size, self._peaks, leaf
        while size & 1:
            added = node_hash(peaks.pop(), added)
            size >>= 1
        peaks.append(added)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves added."""
        if not self._peaks:
            return EMPTY
        root = self._peaks[-1]
        for peak in self._peaks[-2::-1]:
            root = node_hash(peak, root)
        return root


def peaks_of(size: int, nodes: Nodes) -> list[bytes]:
    """The complete subtrees of the first `size` leaves, the largest first: what a Frontier goes on from."""
    peaks, at = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            peaks.append(nodes(level, at >> level))
            at += 1 << level
    return peaks


def inclusion(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves (PATH of RFC 6962), the leaf's sibling first."""
    if not 0 <= index < size:
        raise ProofRefused("index_outside")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_over(middle, high, nodes))
            high = middle
        else:
            path.append(_over(low, middle, nodes))
            low = middle
    return path[::-1]


def consistency(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with that of `old` (PROOF of RFC 6962); empty from nothing."""
    if not 0 <= old <= new:
        raise ProofRefused("sizes_outside")
    if old in (0, new):
        return []
    path, low, high = [], 0, new
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_over(middle, high, nodes))
            high = middle
        else:
            path.append(_over(low, middle, nodes))
            low = middle
    if low:
        path.append(_over(low, high, nodes))
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Nothing, if `path` proves that the leaf with this hash is number `index` of `size` under `root`
    (RFC 9162 §2.1.3.2); ProofRefused otherwise.
    """
    if not 0 <= index < size:
        raise ProofRefused("index_outside")
    _check_hashes(leaf, root, *path)
    at, last, have = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofRefused("wrong_length")
        if at & 1 or at == last:
            have = node_hash(sibling, have)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            have = node_hash(have, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofRefused("wrong_length")
    if have != root:
        raise ProofRefused("wrong_root")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """Nothing, if `path` proves that `new_root` over `new` leaves begins with the `old` leaves under `old_root`
    (RFC 9162 §2.1.4.2); ProofRefused otherwise.
    """
    if not 0 <= old <= new:
        raise ProofRefused("sizes_outside")
    _check_hashes(old_root, new_root, *path)
    if old in (0, new):
        _check_trivial(old, new, old_root, new_root, path)
        return
    nodes = list(path) if old & (old - 1) else [old_root, *path]
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if not nodes:
        raise ProofRefused("wrong_length")
    have_old = have_new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            raise ProofRefused("wrong_length")
        if at & 1 or at == last:
            have_old, have_new = node_hash(node, have_old), node_hash(node, have_new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            have_new = node_hash(have_new, node)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofRefused("wrong_length")
    if have_old != old_root:
        raise ProofRefused("wrong_old_root")
    if have_new != new_root:
        raise ProofRefused("wrong_root")


def _check_hashes(*given: bytes) -> None:
    if any(len(each) != len(EMPTY) for each in given):
        raise ProofRefused("wrong_length")


def _check_trivial(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    if path:
        raise ProofRefused("wrong_length")
    if old == 0 and old_root != EMPTY:
        raise ProofRefused("wrong_old_root")
    if old == new and old_root != new_root:
        raise ProofRefused("wrong_root")


def _split(size: int) -> int:
    """The largest power of two smaller than `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def _over(low: int, high: int, nodes: Nodes) -> bytes:
    """The hash over leaves low … high−1, a range that occurs in a tree: `low` is a multiple of its largest part."""
    size = high - low
    if not size & (size - 1):
        level = size.bit_length() - 1
        return nodes(level, low >> level)
    middle = low + _split(size)
    return node_hash(_over(low, middle, nodes), _over(middle, high, nodes))
