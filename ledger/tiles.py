"""How the tree is kept as files (C2SP tlog-tiles): 256 hashes a tile, 256 entries a bundle, and what each is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ledger.tree import Nodes, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH_BYTES = 32


class Tile(NamedTuple):
    """Hashes number n·256 … of a level; `width` below 256: the last of its level at some size."""

    level: int
    n: int
    width: int

    @property
    def name(self) -> str:
        return f"tile/{self.level}/{_numbered(self.n, self.width)}"


class Bundle(NamedTuple):
    """The entries whose hashes stand in the tile of level 0 with this number."""

    n: int
    width: int

    @property
    def name(self) -> str:
        return f"tile/entries/{_numbered(self.n, self.width)}"

    @property
    def start(self) -> int:
        return self.n * WIDTH


def tiles(size: int, after: int = 0) -> Iterator[Tile]:
    """Every tile of the tree of `size` leaves that the tree of its first `after` leaves has not, lower levels first."""
    level = 0
    while size >> HEIGHT * level:
        have, had = size >> HEIGHT * level, after >> HEIGHT * level
        if have != had:
            yield from (Tile(level, n, min(WIDTH, have - n * WIDTH)) for n in range(had // WIDTH, -(-have // WIDTH)))
        level += 1


def bundles(size: int, after: int = 0) -> Iterator[Bundle]:
    """The same for the bundles of entries."""
    return (Bundle(tile.n, tile.width) for tile in tiles(size, after) if tile.level == 0)


def bundle_of(leaves: Sequence[bytes]) -> bytes:
    """Up to 256 leaves, each after its length in two bytes."""
    return b"".join(part for leaf in leaves for part in (len(leaf).to_bytes(2), leaf))


def leaves_in(bundle: bytes) -> list[bytes]:
    """The leaves in a bundle; ValueError when it is cut or holds more than a bundle does."""
    leaves, at = [], 0
    while at < len(bundle):
        length = int.from_bytes(bundle[at : at + 2])
        leaf = bundle[at + 2 : at + 2 + length]
        if len(leaf) != length or at + 2 > len(bundle):
            raise ValueError("bundle_cut")
        leaves.append(leaf)
        at += 2 + length
    if len(leaves) > WIDTH:
        raise ValueError("bundle_too_long")
    return leaves


def hashes_in(tile: bytes) -> list[bytes]:
    """The hashes in a tile; ValueError when it is cut."""
    if len(tile) % HASH_BYTES:
        raise ValueError("tile_cut")
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def tile_of(tile: Tile, nodes: Nodes) -> bytes:
    """What stands in the tile."""
    first = tile.n * WIDTH
    return b"".join(nodes(tile.level * HEIGHT, n) for n in range(first, first + tile.width))


def nodes_from(size: int, read: Callable[[Tile], list[bytes]]) -> Nodes:
    """The nodes of the tree of `size` leaves, out of its tiles."""

    def nodes(level: int, n: int) -> bytes:
        kept, above = divmod(level, HEIGHT)
        first = n << above
        have = (size >> HEIGHT * kept) - first // WIDTH * WIDTH
        row = read(Tile(kept, first // WIDTH, min(WIDTH, have)))[first % WIDTH : first % WIDTH + (1 << above)]
        while len(row) > 1:
            row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
        return row[0]

    return nodes


def _numbered(n: int, width: int) -> str:
    parts = [f"{n % 1000:03}"]
    while n := n // 1000:
        parts.append(f"x{n % 1000:03}")
    return "/".join(reversed(parts)) + (f".p/{width}" if width < WIDTH else "")
