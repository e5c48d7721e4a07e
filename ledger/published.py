"""What of the log stands in the archive store: tiles, bundles of entries and checkpoints (docs: ledger format §12)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ledger.checkpoint import Checkpoint, epoch_of
from ledger.objects import Objects
from ledger.tiles import Bundle, Tile, hashes_in, leaves_in, nodes_from
from ledger.tree import Frontier, Nodes, peaks_of

_CHECKPOINT = "checkpoint/"
_SIZE = re.compile(r"[1-9][0-9]{0,10}")


class Published:
    """The objects of one log. What is missing raises LookupError, what is cut ValueError."""

    def __init__(self, objects: Objects, origin: str) -> None:
        self._objects, self.origin = objects, origin
        self._prefix = "" if epoch_of(origin) == 1 else f"{epoch_of(origin)}/"
        self._read: dict[Tile, list[bytes]] = {}

    def put(self, part: Tile | Bundle, content: bytes) -> None:
        """It can be read from now on; raises ObjectDiffers when another one was published under its name."""
        self._objects.put(self._prefix + part.name, content)

    def put_checkpoint(self, size: int, note: bytes) -> None:
        self._objects.put(f"{self._prefix}{_CHECKPOINT}{size}", note)

    def has_checkpoint(self, size: int) -> bool:
        return self._objects.has(f"{self._prefix}{_CHECKPOINT}{size}")

    def checkpoint(self, size: int) -> bytes:
        """The signed note, unchecked."""
        return self._objects.get(f"{self._prefix}{_CHECKPOINT}{size}")

    def sizes(self) -> list[int]:
        """The sizes of all checkpoints, rising."""
        start = len(self._prefix) + len(_CHECKPOINT)
        said = (name[start:] for name in self._objects.names(self._prefix + _CHECKPOINT))
        return sorted(int(size) for size in said if _SIZE.fullmatch(size))  # whatever else lies there is none

    def content(self, part: Tile | Bundle) -> bytes:
        return self._objects.get(self._prefix + part.name)

    def tile(self, tile: Tile) -> list[bytes]:
        return hashes_in(self.content(tile))

    def leaves(self, bundle: Bundle) -> list[bytes]:
        return leaves_in(self.content(bundle))

    def nodes(self, size: int) -> Nodes:
        """The nodes of the tree at that size; each tile is read once."""
        return nodes_from(size, self._tile_once)

    def head(self, size: int) -> Checkpoint:
        """What a checkpoint of that size says by the tiles."""
        return Checkpoint(self.origin, size, Frontier(size, peaks_of(size, self.nodes(size))).root())

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        return ((size, self.checkpoint(size)) for size in self.sizes())

    def _tile_once(self, tile: Tile) -> list[bytes]:
        if tile not in self._read:
            self._read[tile] = self.tile(tile)
        return self._read[tile]
