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


class Growth:
    """The tiles of a growing tree. `rows` are the last, unfinished tiles of what stands: see `unfinished`."""

    def __init__(self, size: int = 0, rows: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self._rows = [list(row) for row in rows]
        if [len(row) for row in self._rows] != [tile.width % WIDTH if tile else 0 for tile in unfinished(size)]:
            raise ValueError("rows")

    def add(self, leaf: bytes) -> Iterator[tuple[Tile, bytes]]:
        """One more leaf, given by its hash; yields each tile that is full with it. To be run to its end."""
        self.size += 1
        level, added = 0, leaf
        while True:
            if level == len(self._rows):
                self._rows.append([])
            row = self._rows[level]
            row.append(added)
            if len(row) < WIDTH:
                return
            n = (self.size >> HEIGHT * (level + 1)) - 1
            yield Tile(level, n, WIDTH), b"".join(row)
            self._rows[level], added = [], _root_of(row)
            level += 1

    def partial(self) -> Iterator[tuple[Tile, bytes]]:
        """The unfinished tiles, as a checkpoint of this size needs them."""
        for tile, row in zip(unfinished(self.size), self._rows, strict=True):
            if tile is not None:
                yield tile, b"".join(row)


def unfinished(size: int) -> list[Tile | None]:
    """The last tile of each level of the tree of `size` leaves, None where that one is full or not begun."""
    found: list[Tile | None] = []
    while have := size >> HEIGHT * len(found):
        found.append(Tile(len(found), have // WIDTH, have % WIDTH) if have % WIDTH else None)
    return found


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
        return _root_of(row)

    return nodes


def _root_of(row: list[bytes]) -> bytes:
    """The hash over a power of two of neighbours."""
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def _numbered(n: int, width: int) -> str:
    parts = [f"{n % 1000:03}"]
    while n := n // 1000:
        parts.append(f"x{n % 1000:03}")
    return "/".join(reversed(parts)) + (f".p/{width}" if width < WIDTH else "")
