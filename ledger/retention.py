"""What may be forgotten, by class, and who signs for it; the same for readers: docs/retention.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.recording import Fact
from domain.refusals import Refused
from domain.values import Commitment, PersonId
from ledger.entry import Leaf, fact_of
from ledger.erasure import commitments_in

REASONS = ("request", "mistake", "expired", "court_order")
LEGAL = "court_order"
"""The reason before which no duty to keep stands."""

MAY_FORGET, MAY_CONFIRM = ("national_office",), ("national_office", "senior_supervisor")
"""The roles, both of the nation, in which a first and a second person sign for an erasure."""

KEPT_FOR = timedelta(days=3653)
"""Ten years: so long it must be possible to say who acted, and which reason they gave."""

STATEMENTS = ("reason", "text")
"""Keys of a fact under which an official says why; all else was sent in with a form, or is a name or contact."""


class Place(NamedTuple):
    """Where a commitment stands: in which fact, at which path of its data."""

    fact: Fact
    path: str


def places(commitment: Commitment, leaves: Iterable[Leaf]) -> Iterator[Place]:
    """Everywhere the commitment stands as a value that was given; the entries that erase it are not among them."""
    named = (fact_of(leaf) for leaf in leaves if commitment.encode() in leaf.raw)
    for fact in named:
        if not fact.type.endswith(".forgotten"):
            yield from (Place(fact, path) for path, found in commitments_in(fact.data) if found == commitment)


def last_act(person: PersonId, leaves: Iterable[Leaf]) -> datetime | None:
    """When the person last did something on record: in their own name, through another, or as second to sign."""
    marks = [f'"{key}":"{person}"'.encode() for key in ("id", "on_behalf_of", "second")]
    named = (fact_of(leaf) for leaf in leaves if any(mark in leaf.raw for mark in marks))
    return max((fact.recorded_at for fact in named if person in _acting(fact)), default=None)


def check_person(acted_at: datetime | None, reason: str, at: datetime, *, holds_a_role: bool) -> None:
    """Refused `kept_by_law` while it must be possible to say who this is."""
    if reason == LEGAL:
        return
    if holds_a_role:
        raise Refused("kept_by_law", "person", "holds a role today", (f"--reason {LEGAL}",))
    if acted_at is not None and at - acted_at < KEPT_FOR:
        raise Refused("kept_by_law", "person", "acted on the record within ten years", (f"--reason {LEGAL}",))


def check_document(found: Iterable[Place], reason: str, at: datetime) -> None:
    """Refused `unknown_document` when it stands nowhere, `kept_by_law` while the record needs it."""
    stands = list(found)
    if not stands:
        raise Refused("unknown_document", "digest")
    for fact, path in stands:
        if fact.type == "person.enrolled" and path == "name":
            person = fact.data["person"]
            raise Refused("kept_by_law", "digest", "a name goes with its person", (f"directory forget {person}",))
        if path in STATEMENTS and reason != LEGAL and at - fact.recorded_at < KEPT_FOR:
            raise Refused("kept_by_law", "digest", "a reason given on record within ten years", (f"--reason {LEGAL}",))


def _acting(fact: Fact) -> tuple[str | None, ...]:
    return fact.actor.person, fact.actor.on_behalf_of, fact.data.get("second")
