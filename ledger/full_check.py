"""The whole log held against itself, in one pass: canonical, chained, signed, as published, nobody judging their own
work (docs: ledger format §19).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from ledger.checkpoint import Checkpoint, CheckpointRefused, office_of, read_checkpoint
from ledger.log_chains import Flaw, LogChains
from ledger.log_keys import LogKeys
from ledger.notes import NoteRefused, read_note, signers
from ledger.paper import groups
from ledger.published_check import PublishedCheck
from ledger.segregation import Segregation
from ledger.store import Placed
from ledger.tree import Frontier, leaf_hash
from ledger.witness import Held, as_paper, judge

Notes = Iterable[tuple[int, bytes]]
"""Sizes and signed notes, by rising size; a note may be empty when it could not be read."""


_BLAMED = {"shrunk": "tail_cut", "forked": "forked", "other_log": "bad_checkpoint"}
"""What is held of an office and is not its log. Another name is that of another epoch of it."""


class TextDiffers(LookupError):
    """What is kept under the digest of a text is another text."""


class Erased(NamedTuple):
    """A commitment whose value is gone, and the entry that says so."""

    commitment: str
    stream: str
    seq: int


class FullCheck:
    """Told leaf by leaf in the order of the log; then `finish`.

    `origin` empty: the log has no name yet, as nothing was ever sealed. `held`: what somebody remembers of it.
    `published`: the archive store, to be compared too.
    """

    def __init__(
        self, origin: str, notes: Notes, text: Callable[[str], bytes], *, held: Iterable[Held] = (),
        published: PublishedCheck | None = None,
    ) -> None:  # fmt: skip
        self.flaws: list[Flaw] = []
        self.erased: list[Erased] = []
        self.newest: Checkpoint | None = None
        """The largest checkpoint that is rightly signed and is this log."""
        self.compared = 0
        """How much of what is held is of this office; a checkpoint of another one says nothing here."""
        self._origin, self._text, self._published = origin, text, published
        self._held = sorted(held, key=lambda each: -each.size)
        self._chains, self._frontier = LogChains(), Frontier()
        self._keys, self._segregation = LogKeys(self._origin), Segregation(text)
        self._notes, self._before = iter(notes), 0
        self._next = next(self._notes, None)
        self._texts: set[str] = set()

    @property
    def entries(self) -> int:
        return self._frontier.size

    @property
    def streams(self) -> int:
        return len(self._chains)

    def root(self) -> bytes:
        """The root over all leaves told so far."""
        return self._frontier.root()

    def take(self, placed: Placed) -> None:
        """One more leaf."""
        hashed = leaf_hash(placed.leaf.raw)
        self._frontier.add(hashed)
        if self._published is not None:
            self._published.take(placed.leaf.raw, hashed, self.flaws)
        entry = self._chains.take(placed, self.flaws)
        if entry is not None:
            self._look_into(entry)
        while self._next is not None and self._next[0] <= self._frontier.size:
            self._judge(*self._next)
        while self._held and self._held[-1].size <= self._frontier.size:
            self._hold(self._held.pop())

    def finish(self) -> Sequence[Flaw]:
        """Everything that is wrong, once all leaves are told."""
        while self._next is not None:
            self._judge(*self._next)
        while self._held:
            self._hold(self._held.pop())
        self.flaws += self._chains.gaps()
        return self.flaws

    def _hold(self, held: Held) -> None:
        """What is held of that size against what the log is at that size."""
        judged = judge(held, self._origin, self._frontier.size, lambda _: self._frontier.root())
        if judged == "other_log" and office_of(held.origin) != office_of(self._origin):  # type: ignore[union-attr]
            return
        self.compared += 1
        if (kind := _BLAMED.get(judged)) is not None:
            self.flaws.append(Flaw("", held.size, kind, f"held: {groups(as_paper(held))}"))

    def _look_into(self, entry: dict[str, Any]) -> None:
        stream, seq = entry["stream"], entry["seq"]
        for rule, person in self._segregation.take(entry):
            self.flaws.append(Flaw(stream, seq, "segregation", f"{rule} {person}"))
        if stream == "directory" or entry["type"] == "document.forgotten":
            if fault := self._keys.take(self._frontier.size - 1, entry):
                self.flaws.append(Flaw("", self._frontier.size, "bad_signature", fault))
            self._note_erased(entry)
        if (methodology := entry.get("methodology")) is not None:
            self._look_for_text(stream, seq, methodology)

    def _note_erased(self, entry: dict[str, Any]) -> None:
        told = entry["data"]
        if entry["type"] == "document.forgotten":
            gone = [told.get("commitment")]
        elif entry["type"] == "person.forgotten":
            gone = told["commitments"] if isinstance(told.get("commitments"), list) else []
        else:
            return
        self.erased += [Erased(each, entry["stream"], entry["seq"]) for each in gone if isinstance(each, str)]

    def _look_for_text(self, stream: str, seq: int, named: Any) -> None:
        digest = named.get("digest") if isinstance(named, dict) else None
        if not isinstance(digest, str) or digest in self._texts:
            return
        self._texts.add(digest)
        try:
            self._text(digest)
        except TextDiffers:
            self.flaws.append(Flaw(stream, seq, "digest_differs", f"the text {digest} is another"))
        except LookupError:
            self.flaws.append(Flaw(stream, seq, "text_missing", digest))

    def _judge(self, size: int, note: bytes) -> None:
        """The checkpoint of that size, when the log has come so far or ends before it."""
        self._next = next(self._notes, None)
        found = self._signed(size, note)
        if found is None:
            return
        if size > self._frontier.size:
            self.flaws.append(Flaw("", size, "tail_cut", f"{self._frontier.size} entries are left"))
        elif self._frontier.root() != found.root:
            self.flaws.append(Flaw("", size, "root_differs", f"signed {found.root.hex()}"))
        else:
            self.newest = found

    def _signed(self, size: int, note: bytes) -> Checkpoint | None:
        """The checkpoint in the note, if those signed it who had to."""
        before, self._before = self._before, size
        try:
            written = read_note(note)
            found = read_checkpoint(written.text)
        except (NoteRefused, CheckpointRefused) as fault:
            self.flaws.append(Flaw("", size, "bad_checkpoint", fault.code))
            return None
        if found.size != size or found.origin != self._origin:
            self.flaws.append(Flaw("", size, "bad_checkpoint", f"is {found.origin} {found.size}"))
            return None
        try:
            by = signers(written, self._keys.known)
        except NoteRefused as fault:
            self.flaws.append(Flaw("", size, "bad_signature", fault.code))
            return None
        if not self._keys.is_founded(size):
            self.flaws.append(Flaw("", size, "epoch_unfounded", found.origin))
            return None
        needed = self._keys.needed(size, before)
        if lacking := [key.text for key in needed if key not in by] or ([] if needed else ["no key yet"]):
            self.flaws.append(Flaw("", size, "bad_signature", f"not signed by {', '.join(lacking)}"))
            return None
        return found
