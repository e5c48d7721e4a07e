"""One cluster among scripted people and services, in the pure core: time passes when it is told to."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from adapters.reference_calendar import load_calendar
from adapters.reference_methodology import load
from domain import commands as c
from domain.cluster import Cluster, new_cluster
from domain.decisions import decide
from domain.events import Candidate
from domain.evolution import evolve, evolve_all
from domain.forms import Offer
from domain.jalali import add_months
from domain.offers import offers
from domain.recording import Actor, Cause, Fact
from domain.refusals import Refused
from domain.requests import ENGINE, Request, own_request
from domain.rulebook import carried, unpack
from tests.scripted import TEXT, answered

ROOT = Path(__file__).parents[1]
RULEBOOK = unpack(
    carried(load(ROOT / "reference/methodology/isipo-unido-default/1.0").methodology,
            load_calendar(ROOT / "reference/calendar/iran"))[1]
)  # fmt: skip
METHODOLOGY = RULEBOOK.methodology
CLUSTER = "qom-footwear"
START = datetime(2026, 3, 25, 6, 0, tzinfo=UTC)
PLACES = {"nation": "nation", "province": "province/qom", "cluster": f"cluster/{CLUSTER}"}


def actor(role: str, person: str = "", on_behalf_of: str | None = None, scope: str = "") -> Actor:
    """Somebody in that role, where the role belongs."""
    known = METHODOLOGY.role_by_key.get(role)
    return Actor(person=person or f"p-{role.replace('_', '-')}", role=role, on_behalf_of=on_behalf_of,
                 scope=scope or (PLACES[known.scope] if known else "nation"))  # fmt: skip


class World:
    """The cluster, what is recorded of it, and the present moment."""

    def __init__(self, seed: int = 0, at: datetime = START, *, twice: bool = True) -> None:
        self.cluster: Cluster = new_cluster(CLUSTER, RULEBOOK)
        self.folded = self.cluster
        self.facts: list[Fact] = []
        self.now = at
        self.rng = Random(seed)
        self.asked = 0
        self.twice = twice

    @property
    def today(self) -> Any:
        return self.cluster.calendar.day_of(self.now)

    def ask(self, command: Any, by: Actor, occurred_at: datetime | None = None) -> Sequence[Fact]:
        """The command is decided now. Refused leaves everything as it was."""
        self.asked += 1
        id = str(uuid.uuid5(uuid.NAMESPACE_OID, str(self.asked)))
        return self.take(Request(id=id, command=command, occurred_at=occurred_at or self.now, actor=by,
                                 cause=Cause(kind="command", ref=type(command).__name__),
                                 authenticated_by="local_key", build="test"))  # fmt: skip

    def report(self, command: Any, person: str = ENGINE.person) -> Sequence[Fact]:
        """What the engine or a service says."""
        self.asked += 1
        return self.take(own_request(command, id=f"own/{self.asked}", at=self.now, build="test", person=person,
                                     cause=Cause(kind="engine", ref="test")))  # fmt: skip

    def take(self, request: Request) -> Sequence[Fact]:
        """Decided twice, because a decision is pure; folded twice, because the record is all there is."""
        before = self.cluster
        facts = decide(before, request, self.now)
        if self.twice:
            assert facts == decide(before, request, self.now)
        assert [f.seq for f in facts] == list(range(before.seq + 1, before.seq + 1 + len(facts)))
        self.cluster = evolve_all(before, facts)
        for fact in facts if self.twice else ():
            self.folded = evolve(self.folded, Fact.model_validate_json(fact.model_dump_json()))
        self.facts += facts
        return facts

    def pass_time(self) -> Sequence[Fact]:
        """The alarm rings now."""
        return self.report(c.PassTime(until=self.now))

    def answer_effects(self, failing: float = 0.0) -> None:
        """Every service that was asked answers, or gives up."""
        for effect in list(self.cluster.effects.values()):
            if effect.key not in self.cluster.effects:
                continue
            if self.rng.random() < failing:
                self.report(c.ReportFailure(effect=effect.key, reason="gave_up"), "svc:any")
            else:
                self.report(self._answer(effect, failing), "svc:any")

    def _answer(self, effect: Any, failing: float) -> Any:
        match effect.kind:
            case "propose_agent":
                nobody = self.rng.random() < failing
                one = Candidate(agent=f"p-agent-{self.cluster.sought}", points=10, reasons={"same_province": 10})
                return c.ReportCandidates(effect=effect.key, candidates=() if nobody else (one,))
            case "assign_agent":
                refused = "no_place" if self.rng.random() < failing else None
                return c.ReportAssignment(effect=effect.key, agent=effect.ref, refused=refused)
            case "release_agent":
                return c.ReportRelease(effect=effect.key, agent=effect.ref)
            case "evaluate":
                keys = [criterion.key for criterion in METHODOLOGY.rubric.criteria]
                marks = dict.fromkeys(keys, 100)
                return c.ReportEvaluation(effect=effect.key, duty=effect.ref, total=100, passed=True, band="good",
                                          criteria=marks, network_before={}, network_after={})  # fmt: skip
        return c.ReportLicence(effect=effect.key, number="KH-1", code="A", issued_on=self.today,
                               valid_until=add_months(self.today, 36))  # fmt: skip

    def send(self, offer: Offer, varied: bool = False, occurred_at: datetime | None = None) -> Sequence[Fact]:
        """Somebody who may does what is offered; `varied`: with any of the choices, not the first."""
        told = json.loads(offer.model_dump_json())
        if varied:
            for field in told["missing"]:
                if field["kind"] == "choice":
                    self.rng.shuffle(field["choices"])
        barred = [person for field in told["missing"] for person in field.get("not_by", [])]
        members = [f"p-{offer.fields.get('body', 'someone').replace('_', '-')}-{n}" for n in range(5)]
        person = self.rng.choice(offer.persons) if offer.persons else next(
            name for n in range(9) if (name := f"p-{offer.role.replace('_', '-')}-{n}") not in barred
        )  # fmt: skip
        data = answered(told, members)
        if any(field["field"] == "reason" for field in told["missing"]):
            data["reason"] = TEXT
        if offer.type == "ReviewStall" and data["answer"] == "give_new_date":
            data["due_on"] = str(self.today + timedelta(days=self.rng.randint(1, 90)))
        if offer.type in ("ConfirmAgent", "NameInterim"):
            key = "agent" if offer.type == "ConfirmAgent" else "person"
            if isinstance(data[key], list):
                data[key] = f"p-any-{self.rng.randint(0, 99)}"
        asked = c.TYPES[offer.type].model_validate_json(json.dumps(data))
        return self.ask(asked, actor(offer.role, person), occurred_at)

    def offers(self) -> list[Offer]:
        return offers(self.cluster, self.today)

    def refuses(self, offer: Offer) -> str:
        """The code with which the offer is refused, or nothing."""
        try:
            self.send(offer)
        except Refused as refused:
            return refused.code
        return ""


IDENTITY = {"name_fa": "کفش قم", "province": "qom", "product": "footwear"}


def identified(seed: int = 0) -> World:
    """A cluster whose file was opened at the START."""
    world = World(seed)
    world.ask(c.IdentifyCluster.model_validate(IDENTITY), actor("provincial_coordinator"))
    return world


def imported(status: str, seed: int = 0) -> World:
    """A cluster with a past, entered by its status word at the START."""
    world = World(seed)
    world.ask(c.ImportCluster.model_validate(IDENTITY | {"status": status}), actor("provincial_coordinator"))
    return world
