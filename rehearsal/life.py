"""One cluster of a rehearsal as its driver sees it: the fold of what is sealed, and who will do what next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from domain.cluster import Cluster
from domain.commands import PassTime
from domain.decisions import decide
from domain.duties import next_due
from domain.evolution import evolve_all
from domain.recording import Actor, Cause, Envelope, Fact
from domain.refusals import Refused
from domain.requests import ENGINE, own_request, request_of
from ledger.entry import fact_of
from ledger.store import Entries
from rehearsal.people import People, Plan
from rehearsal.turns import Place

BUILD = "rehearsal"
SHARED = frozenset({"propose_agent", "assign_agent", "release_agent", "issue_licence"})
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

    @property
    def pending(self) -> bool:
        """True while a service that was asked has not answered."""
        return bool(self.fold.effects)

    def touches_shared(self, envelope: Envelope) -> bool:
        """Whether deciding this command would use a register that other clusters use too."""
        try:
            facts = decide(self.fold, request_of(envelope, BUILD), envelope.occurred_at)
        except Refused:
            return False
        return _asks_shared(self.fold, evolve_all(self.fold, facts))

    def shared_alarm(self, to: datetime) -> Place | None:
        """Where the first alarm up to `to` stands whose ringing would use such a register. After the exit none does."""
        fold, due = self.fold, None if self.fold.is_over else self.due
        while due is not None and due <= to:
            rung = evolve_all(fold, _ringing(fold, max(due, fold.last_at or due)))
            if _asks_shared(fold, rung):
                return Place(due, self.id)
            fold, due = rung, next_due(rung)
        return None


def _ringing(fold: Cluster, at: datetime) -> tuple[Fact, ...]:
    """What an alarm at that moment would bring about."""
    rang = own_request(PassTime(until=at), id=f"{fold.id}/alarm", at=at, build=BUILD, person=ENGINE.person,
                       cause=Cause(kind="rung", ref="alarm"))  # fmt: skip
    return decide(fold, rang, at)


def _asks_shared(before: Cluster, after: Cluster) -> bool:
    return any(after.effects[key].kind in SHARED for key in after.effects.keys() - before.effects.keys())
