"""Whose signature a checkpoint needs: the keys of the log, as its own entries tell them (docs: ledger format §13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.checkpoint import epoch_of
from ledger.directory import STREAM
from ledger.notes import NoteRefused, VerifierKey, verifier_key

KEY_ADDED, EPOCH_BEGAN = "log.key_added", "log.epoch_began"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """From `index` on this key signs; `replaced` signed before."""

    index: int
    key: VerifierKey
    replaced: VerifierKey | None


class LogKeys:
    """The keys of one log, told entry by entry in append order."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.changes: list[KeyChange] = []
        self._begun: int | None = None if epoch_of(origin) > 1 else -1

    @property
    def known(self) -> tuple[VerifierKey, ...]:
        """Every key the log ever had, oldest first."""
        return tuple(change.key for change in self.changes)

    def take(self, index: int, entry: Mapping[str, Any]) -> str:
        """What the entry says of keys and epochs is known; the answer is what is wrong with it, or empty."""
        if entry["stream"] != STREAM or entry["type"] not in (KEY_ADDED, EPOCH_BEGAN):
            return ""
        told = entry["data"]
        if type(told) is not dict or told.get("origin") != self.origin:
            return ""  # of another epoch
        if entry["type"] == EPOCH_BEGAN:
            self._begun = index if self._begun is None else self._begun
            return ""
        return self._add(index, told)

    def needed(self, size: int, before: int = 0) -> tuple[VerifierKey, ...]:
        """Who must sign the checkpoint of `size` when the one before it has size `before`: the key in force, and
        those it replaced in between. None: there is no key yet.
        """
        covered = [change for change in self.changes if change.index < size]
        if not covered:
            return ()
        over = [change.replaced for change in covered if change.index >= before and change.replaced]
        return tuple(dict.fromkeys((covered[-1].key, *over)))

    def is_founded(self, size: int) -> bool:
        """Whether a checkpoint of this size covers the entry by which its epoch began."""
        return self._begun is not None and self._begun < size

    def _add(self, index: int, told: Mapping[str, Any]) -> str:
        try:
            key = verifier_key(told["key"])
            replaced = verifier_key(told["replaces"]) if "replaces" in told else None
        except (NoteRefused, KeyError, TypeError, AttributeError):
            return "no key"
        last = self.changes[-1].key if self.changes else None
        if key.name != self.origin or replaced != last or key in self.known:
            return f"{key.name} after {last.text if last else 'no key'}"
        self.changes.append(KeyChange(index, key, replaced))
        return ""
