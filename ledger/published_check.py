"""Whether the archive store has what its newest checkpoint stands on: every tile and every bundle, byte for byte."""

from __future__ import annotations

from ledger.log_chains import Flaw
from ledger.published import Published
from ledger.tiles import WIDTH, Bundle, Growth, Tile, bundle_of


class PublishedCheck:
    """Told leaf by leaf in the order of the log, until the size of the newest checkpoint there is."""

    def __init__(self, published: Published, newest: int) -> None:
        self._published, self._newest = published, newest
        self._growth = Growth()
        self._leaves: list[bytes] = []

    def take(self, leaf: bytes, hashed: bytes, flaws: list[Flaw]) -> None:
        """One more leaf with its hash; what is published otherwise is added to `flaws`."""
        if self._growth.size == self._newest:
            return
        self._leaves.append(leaf)
        for tile, content in self._growth.add(hashed):
            self._compare(tile, content, flaws)
        if len(self._leaves) == WIDTH:
            self._compare(Bundle(self._growth.size // WIDTH - 1, WIDTH), bundle_of(self._leaves), flaws)
            self._leaves = []
        if self._growth.size == self._newest:
            self._end(flaws)

    def _end(self, flaws: list[Flaw]) -> None:
        for tile, content in self._growth.partial():
            self._compare(tile, content, flaws)
        if self._leaves:
            self._compare(Bundle(self._newest // WIDTH, len(self._leaves)), bundle_of(self._leaves), flaws)

    def _compare(self, part: Tile | Bundle, content: bytes, flaws: list[Flaw]) -> None:
        try:
            kept = self._published.content(part)
        except LookupError:
            kept = None
        if kept != content:
            first = part.n << 8 * ((part.level if isinstance(part, Tile) else 0) + 1)
            flaws.append(Flaw("", first + 1, "tile_differs", f"{part.name} {'differs' if kept else 'is missing'}"))
