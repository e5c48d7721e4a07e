"""Sealing what is new: tiles and entries into the archive store, then the signature, then the checkpoint.

Whatever fails, the round is given up, and the next one begins from what the store and the signer have: never from
memory. Nothing is signed that cannot be read back from the store.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from adapters.directory import DirectoryStream
from adapters.office_stream import OfficeLedger, Stamp
from adapters.signer_folder import Standing
from domain.recording import Actor, Cause
from domain.values import Frozen
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.directory import STREAM, Enrolled, LogKeyAdded
from ledger.entry import entry_in
from ledger.log_keys import LogKeys
from ledger.objects import Objects
from ledger.published import Published
from ledger.store import Placed
from ledger.succession import NotSigned
from ledger.tiles import WIDTH, Bundle, Growth, bundle_of, tiles, unfinished
from ledger.tree import EMPTY, consistency, leaf_hash

SEALING = Actor(person="svc:sealing", role="service", scope="nation")
AT_ONCE = 4_096


class SealingStopped(Exception):
    """Nothing may be sealed before a person has looked. `code`: seal_tiles_differ, seal_ledger_differs,
    seal_place_missing, seal_key_missing, seal_epoch_missing, seal_held. `detail` names the place or file.
    """

    def __init__(self, code: str, detail: object) -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, str(detail)


class LogSigner(Protocol):
    """As `adapters.signer.AskedSigner`."""

    def standing(self) -> Standing: ...

    def sign(self, asked: Checkpoint, proof: Sequence[bytes], by: Sequence[str]) -> bytes: ...


class Sealing:
    """Seals one office's log, a round at a time."""

    def __init__(
        self, ledger: OfficeLedger, objects: Objects, signer: LogSigner, build: str, clock: Callable[[], datetime]
    ) -> None:
        self._ledger, self._objects, self._signer = ledger, objects, signer
        self._build, self._clock = build, clock
        self._keys, self._keys_until = LogKeys(""), 0

    def round(self, *, again: bool = False) -> Checkpoint | None:
        """What was sealed; None when nothing was new (with `again`, what stands is signed once more).

        Raises NotSigned, SignerUnusable, SealingStopped, ObjectDiffers, and what store and ledger raise.
        """
        standing = self._signer.standing()
        published = Published(self._objects, standing.origin)
        last = standing.last or Checkpoint(standing.origin, 0, EMPTY)
        self._check_end(last, published)
        if standing.note and not published.has_checkpoint(last.size):
            published.put_checkpoint(last.size, standing.note)  # signed, and then this process was killed
        self._tell_key(standing)
        size = self._ledger.extent().size
        if size == last.size and not again:
            return None
        self._publish(published, last, size)
        head = published.head(size)
        self._seal(published, last, head)
        return head

    def _check_end(self, last: Checkpoint, published: Published) -> None:
        """The ledger still has the entry that was sealed last, before anything is added to it: it is not an old one."""
        if not last.size:
            return
        found = self._ledger.log(last.size - 1, 1)
        if not found:
            raise NotSigned("sign_shrunk", last)
        with suppress(LookupError):  # a lost store is filled again, and the signer compares
            if published.head(last.size).root != last.root:
                raise SealingStopped("seal_tiles_differ", last.size)
            if leaf_hash(found[0].leaf.raw) != published.nodes(last.size)(0, last.size - 1):
                raise SealingStopped("seal_ledger_differs", last.size)

    def _tell_key(self, standing: Standing) -> None:
        """The signer's newest key is in the log, so that nobody needs this machine to know whom to believe."""
        newest = standing.keys[-1]

        def _untold(state: Enrolled) -> list[Frozen]:
            told = state.log_keys.get(standing.origin, ())
            if newest in told:
                return []
            return [LogKeyAdded(origin=standing.origin, key=newest, replaces=told[-1] if told else None)]

        stamp = Stamp(SEALING, Cause(kind="engine", ref="seal"), self._clock(), "engine")
        DirectoryStream(self._ledger, self._build).change(_untold, stamp)

    def _publish(self, published: Published, last: Checkpoint, size: int) -> None:
        """Every tile and bundle of the tree of this size is in the store; where the last ones are, only what is new."""
        try:
            rows = [published.tile(tile) if tile else [] for tile in unfinished(last.size)]
            published.head(last.size)
        except LookupError:
            # The store was lost. The ledger has all that was in it, and the signer will see whether it is the same.
            last, rows = Checkpoint(last.origin, 0, EMPTY), []
        growth, wanted = Growth(last.size, rows), set(tiles(size, last.size))
        begun = last.size // WIDTH * WIDTH
        known, leaves = rows[0] if rows else [], list[bytes]()
        for placed in self._placed(begun, size):
            hashed = leaf_hash(placed.leaf.raw)
            leaves.append(placed.leaf.raw)
            if len(leaves) == WIDTH:
                published.put(Bundle((placed.place - 1) // WIDTH, WIDTH), bundle_of(leaves))
                leaves = []
            if placed.place > last.size:
                for tile, content in growth.add(hashed):
                    published.put(tile, content)
            elif hashed != known[placed.place - 1 - begun]:
                raise SealingStopped("seal_ledger_differs", placed.place)
        if leaves:
            published.put(Bundle(size // WIDTH, len(leaves)), bundle_of(leaves))
        for tile, content in growth.partial():
            if tile in wanted:
                published.put(tile, content)

    def _placed(self, after: int, size: int) -> Iterator[Placed]:
        while after < size:
            found = self._ledger.log(after, min(AT_ONCE, size - after))
            for placed in found:
                after += 1
                if placed.place != after:
                    raise SealingStopped("seal_place_missing", after)
                yield placed
            if not found:
                raise SealingStopped("seal_place_missing", after + 1)

    def _seal(self, published: Published, last: Checkpoint, head: Checkpoint) -> None:
        keys = self._told_keys(head.origin)
        needed = keys.needed(head.size, last.size)
        if not needed:
            raise SealingStopped("seal_key_missing", head.origin)
        if not keys.is_founded(head.size):
            raise SealingStopped("seal_epoch_missing", head.origin)
        proof = consistency(last.size, head.size, published.nodes(head.size))
        note = self._signer.sign(head, proof, [key.text for key in needed])
        if open_checkpoint(note, needed) != (head, needed):
            raise SealingStopped("seal_tiles_differ", head.size)
        if head.size != last.size:
            published.put_checkpoint(head.size, note)

    def _told_keys(self, origin: str) -> LogKeys:
        if self._keys.origin != origin:
            self._keys, self._keys_until = LogKeys(origin), 0
        for placed in self._ledger.log(self._keys_until, stream=STREAM):
            self._keys.take(placed.place - 1, entry_in(placed.leaf.raw))
            self._keys_until = placed.place
        return self._keys


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Nobody else seals with this lock meanwhile; SealingStopped `seal_held` when somebody does."""
    with lock.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SealingStopped("seal_held", lock) from None
        yield
