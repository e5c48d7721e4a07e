"""Writing to a stream of the office: read what stands, decide, append unless somebody was faster, else again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID, uuid5

from domain.recording import Actor, Cause, CommandRef, Fact
from domain.values import Frozen
from ledger.canonical import canonical
from ledger.entry import entry_in, fact_of
from ledger.office import LedgerMoved, SharedLedger
from ledger.store import LedgerUnusable
from ledger.views import Views

IRAN = timezone(timedelta(minutes=210))
"""The office's zone: no daylight saving time since 1401."""

OURS = UUID("6b686f73-6865-5000-8000-000000000001")
"""The name space of ids of changes that nobody named beforehand."""

State = TypeVar("State", bound=Frozen)


class OfficeLedger(SharedLedger, Views, Protocol):
    """A ledger that many write to, with its views."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who changes something, when (an aware moment) and why. `key` None: nobody will ask for it again."""

    actor: Actor
    cause: Cause
    at: datetime
    authenticated_by: str
    key: str | None = None


def by_service(service: str, effect: str, at: datetime) -> Stamp:
    """What a service does for an effect, to be done once however often it is asked."""
    actor = Actor(person=f"svc:{service}", role="service", scope="nation")
    return Stamp(actor, Cause(kind="effect", ref=effect), at, "engine", effect)


def day_of(at: datetime, zone: tzinfo = IRAN) -> date:
    """The civil day of a moment in the office's zone."""
    return at.astimezone(zone).date()


class OfficeStream(Generic[State]):
    """One stream with the state its projection keeps. Any number of processes may write."""

    def __init__(
        self,
        ledger: OfficeLedger,
        stream: str,
        names: Mapping[type[Frozen], str],
        empty: State,
        build: str,
    ) -> None:
        self._ledger, self._stream, self._names, self._empty = ledger, stream, names, empty
        self._build = build

    def state(self) -> State:
        """What the facts so far add up to."""
        return self._standing()[1]

    def record(self, decide: Callable[[State], Sequence[Frozen]], stamp: Stamp) -> list[Fact]:
        """The facts of this change: what `decide` makes of the state, or what the same key was answered before.

        `decide` may be called several times; what it raises is raised, and then nothing has happened.
        """
        while True:
            # In this order: what another process does under our key in between shows in one of the two.
            after, state = self._standing()
            if done := self._done(stamp.key):
                return done
            facts = self._facts(after, decide(state), stamp)
            if not facts:
                return []
            try:
                self._ledger.extend(self._stream, after, facts)
            except LedgerMoved:
                # Somebody else's change went through, so this is no endless loop.
                continue
            return facts

    def _standing(self) -> tuple[int, State]:
        kept = self._ledger.snapshot(self._stream)
        if kept is not None:
            return kept.seq, type(self._empty).model_validate_json(kept.state_json)
        if self._ledger.head(self._stream).seq and self._ledger.snapshot(self._stream) is None:
            raise LedgerUnusable("no_projection", self._stream)
        return 0, self._empty

    def _done(self, key: str | None) -> list[Fact]:
        if key is None:
            return []
        leaves = self._ledger.command(key)
        return [fact_of(leaf) for leaf in leaves if entry_in(leaf.raw)["stream"] == self._stream]

    def _facts(self, after: int, events: Sequence[Frozen], stamp: Stamp) -> list[Fact]:
        said = [(self._names[type(event)], _data_of(event)) for event in events]
        key = stamp.key or str(uuid5(OURS, f"{self._stream}/{after}/{_digestible(said)}"))
        return [
            Fact(
                seq=after + n,
                type=name,
                occurred_at=stamp.at,
                recorded_at=stamp.at,
                command=CommandRef(id=key, n=n, of=len(said)),
                actor=stamp.actor,
                cause=stamp.cause,
                authenticated_by=stamp.authenticated_by,
                build=self._build,
                data=data,
            )
            for n, (name, data) in enumerate(said, 1)
        ]


def _data_of(event: Frozen) -> dict[str, Any]:
    return event.model_dump(mode="json", exclude_none=True)


def _digestible(said: Sequence[tuple[str, dict[str, Any]]]) -> str:
    # Entry by entry: together they may be larger than one entry is allowed to be.
    return "\n".join(name + canonical(data).decode() for name, data in said)
