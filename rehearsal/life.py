"""One cluster of a rehearsal as its driver sees it: the fold of what is sealed, and who will do what next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from domain.cluster import Cluster
from domain.decisions import decide
from domain.duties import next_due
from domain.evolution import evolve_all
from domain.forms import Offer
from domain.recording import Actor, Envelope, Fact
from domain.refusals import Refused
from domain.requests import request_of
from ledger.entry import fact_of
from ledger.store import Entries
from rehearsal.people import People, Plan

BUILD = "rehearsal"
RELEASE = "release_agent"
SHARED = frozenset({"propose_agent", "assign_agent", RELEASE, "issue_licence"})
"""Effects that read or write a register which all clusters share."""

REST_DAYS = 30
"""After a refusal the same person does not try the same thing again before that."""


class Engine(Protocol):
    """Where clusters live on virtual time."""

    async def advance(self, to: datetime) -> None:
        """It is `to` there, and every alarm up to then has been asked to ring."""

    async def open(self, envelope: Envelope) -> None:
        """The cluster is opened by this command. Raises Refused."""

    async def submit(self, envelope: Envelope) -> None:
        """The command is done and sealed. Raises Refused."""


class Act(NamedTuple):
    """What is sent to a cluster: who asks for what, from which day on."""

    on: date
    key: str
    type: str
    actor: Actor
    fields: dict[str, Any] | Plan


@dataclass
class Life:
    """One cluster, where it lives, and what is known of it; `sent` counts its commands."""

    id: str
    engine: Engine
    people: People | None
    fold: Cluster
    script: list[Act] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    due: datetime | None = None
    sent: int = 0
    resting: dict[str, date] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    @property
    def stream(self) -> str:
        return f"cluster/{self.id}"

    def catch_up(self, ledger: Entries) -> list[Fact]:
        """The fold knows all that is sealed; returns what is new."""
        facts = [fact_of(leaf) for leaf in ledger.entries(self.stream, after=self.fold.seq)]
        if facts:
            self.fold = evolve_all(self.fold, facts)
            self.due = next_due(self.fold)
        return facts

    def plan(self, today: date) -> None:
        """Who will do what, as things stand."""
        if self.people is not None:
            self.plans = [p for p in self.people.plans(self.fold, today) if self.resting.get(p.key, today) <= today]

    def next_day(self) -> date | None:
        """The next day on which something happens here."""
        days = [plan.on for plan in self.plans[:1]] + [act.on for act in self.script[:1]]
        if self.due is not None:
            days.append(self.fold.calendar.day_of(self.due))
        return min(days, default=None)

    def pending(self, ledger: Entries) -> list[str]:
        """The effects that are sealed and not yet answered."""
        return [
            key for key, effect in self.fold.effects.items()
            if effect.kind != RELEASE or not (key in self.told or self._is_released(key, ledger))
        ]  # fmt: skip

    def _is_released(self, key: str, ledger: Entries) -> bool:
        if ledger.command(key):
            self.told.add(key)
        return key in self.told

    def touches_shared(self, envelope: Envelope) -> bool:
        """Whether deciding this command would use a register that other clusters use too."""
        try:
            facts = decide(self.fold, request_of(envelope, BUILD), envelope.occurred_at)
        except Refused:
            return False
        after = evolve_all(self.fold, facts)
        return any(after.effects[key].kind in SHARED for key in after.effects.keys() - self.fold.effects.keys())


def described(offer: Offer) -> str:
    """What an offer is for, in one word for a list."""
    return offer.duty or offer.type
