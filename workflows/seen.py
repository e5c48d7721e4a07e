"""The commands a cluster remembers, so that the same one sent again gets the same answer and no second effect."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

KEPT = 256
"""Older ones are answered by the ledger."""

Remembered = tuple[str, int, int, str]
"""Id in 22 characters, first seq, number of facts, digest of the content."""


class Place(NamedTuple):
    """Where the facts of a command stand: `seq … seq+facts-1`; `digest` tells its content from any other.

    After a recovery the content is not known, and `digest` is empty: the id alone tells a command.
    """

    seq: int
    facts: int
    digest: str

    @property
    def last(self) -> int:
        return self.seq + self.facts - 1


class Seen:
    """The last commands and, of all before them, only how young the youngest was.

    A command that is not remembered and not younger than a forgotten one might be that one, so it is
    `is_too_old`. Ids without a time in them (UUIDv5: rehearsals, bulk jobs) cannot be told so; who sends
    those asks the ledger first.
    """

    def __init__(self, remembered: Iterable[Remembered], forgotten: int) -> None:
        self._places = {short: Place(seq, facts, digest) for short, seq, facts, digest in remembered}
        self.forgotten = forgotten

    def place(self, id: str) -> Place | None:
        return self._places.get(_short(id))

    def is_too_old(self, id: str) -> bool:
        """True when the command may have been done and forgotten."""
        made_at = milliseconds_in(id)
        return made_at is not None and made_at <= self.forgotten

    def remember(self, id: str, place: Place) -> None:
        """The command is known from now on; the oldest is forgotten when there are too many."""
        self._places[_short(id)] = place
        if len(self._places) > KEPT:
            oldest = next(iter(self._places))
            del self._places[oldest]
            self.forgotten = max(self.forgotten, milliseconds_in(str(_long(oldest))) or 0)

    def carried(self) -> tuple[Remembered, ...]:
        """All of it, oldest first, for the next chapter."""
        return tuple((short, *place) for short, place in self._places.items())


def milliseconds_in(id: str) -> int | None:
    """When a UUIDv7 says it was made, in milliseconds since 1970; None for other ids."""
    uuid = UUID(id)
    return uuid.int >> 80 if uuid.version == 7 else None


def _short(id: str) -> str:
    return urlsafe_b64encode(UUID(id).bytes)[:22].decode()


def _long(short: str) -> UUID:
    return UUID(bytes=urlsafe_b64decode(short + "=="))
