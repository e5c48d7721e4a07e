"""Scenarios of one decision: `given(facts).when(command, by=role).then("event.type")`, or `.refused("code")`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from domain import commands as c
from domain import events as e
from domain.duties import next_due
from domain.events import NAMES
from domain.evolution import evolve
from domain.jalali import add_months
from domain.recording import Actor, Cause, CommandRef, Fact
from domain.refusals import Refused
from domain.requests import Request, own_request
from domain.values import Frozen
from tests.scripted import answered
from tests.worlds import RULEBOOK, World, actor

DAY0 = date(2026, 4, 4)
AGENT = "p-agent"
MEMBERS = tuple(f"p-member-{n}" for n in range(5))
FILE = e.ClusterIdentified(name_fa="کفش قم", name_en="Qom footwear", province="qom", county="", product="footwear",
                           source="", calendar="iran/1", rehearsal=False)  # fmt: skip
IMPORTED = e.ClusterImported(**FILE.model_dump(), status="started", as_of="", stage="diagnostic", finished=False,
                             noted=True)  # fmt: skip


def noon(day: date) -> datetime:
    return datetime.combine(day, time(9), tzinfo=UTC)


class Scenario:
    """A cluster with a record, and what comes of the next request. Every step leaves a new moment behind."""

    def __init__(self) -> None:
        self.world = World(at=noon(DAY0), twice=False)
        self.refusal: Refused | None = None
        self.last: Sequence[Fact] = ()

    @property
    def cluster(self) -> Any:
        return self.world.cluster

    def and_given(self, *events: Frozen, by: Actor | None = None) -> Scenario:
        """These facts are on record besides, nobody having decided anything."""
        for event in events:
            fact = Fact(
                seq=self.cluster.seq + 1, type=NAMES[type(event)], occurred_at=self.world.now,
                recorded_at=self.world.now,
                command=CommandRef(id="given", n=1, of=1), actor=by or actor("provincial_coordinator"),
                cause=Cause(kind="command", ref="given"), authenticated_by="local_key", build="test",
                data=event.model_dump(mode="json", exclude_none=True),
            )  # fmt: skip
            self.world.cluster = evolve(self.cluster, fact)
        return self

    def later(self, days: int) -> Scenario:
        """It is that many days later; no alarm has rung meanwhile."""
        self.world.now += timedelta(days=days)
        return self

    def until(self, days: int) -> Scenario:
        """That many days pass, and each alarm rings when it is due."""
        end = self.world.now + timedelta(days=days)
        collected: list[Fact] = []
        while (due := next_due(self.cluster)) is not None and due <= end:
            self.world.now = max(due, self.world.now)
            facts = self.world.pass_time()
            assert facts, f"the alarm of {due} changed nothing"
            collected += facts
        self.world.now, self.last = end, collected
        return self

    def when(
        self, command: Frozen, by: str, *, person: str = "", on_behalf_of: str | None = None, scope: str = "",
        occurred: int = 0, expected_seq: int | None = None,
    ) -> Scenario:  # fmt: skip
        """Somebody in the role `by` asks; "service" and "engine" report."""
        self.refusal, self.last = None, ()
        at = self.world.now
        if by in ("service", "engine"):
            person = "svc:engine" if by == "engine" else "svc:agents"
            request = own_request(command, id="own", at=at, build="test", person=person, cause=CAUSE)
        else:
            who = actor(by, person or (AGENT if by == "cda" else ""), on_behalf_of, scope)
            request = Request(id="asked", command=command, occurred_at=at + timedelta(days=occurred), actor=who,
                              cause=CAUSE, authenticated_by="local_key", build="test",
                              expected_seq=expected_seq)  # fmt: skip
        try:
            self.last = self.world.take(request)
        except Refused as refused:
            self.refusal = refused
        return self

    def form(self, duty: str, **values: Any) -> c.SubmitDeliverable:
        """What the duty asks for, filled in; `values` instead of what would stand there."""
        offer = next(o for o in self.world.offers() if o.type == "SubmitDeliverable" and o.duty == duty)
        data = answered(json.loads(offer.model_dump_json()), list(MEMBERS))
        return c.SubmitDeliverable(duty=duty, values={**data["values"], **values})

    def then(self, *types: str) -> Scenario:
        """Among the facts are these, in this order."""
        assert self.refusal is None, self.refusal
        left = iter(fact.type for fact in self.last)
        missing = [wanted for wanted in types if wanted not in left]
        assert missing == [], [fact.type for fact in self.last]
        return self

    def without(self, *types: str) -> Scenario:
        """None of the facts is one of these."""
        assert self.refusal is None, self.refusal
        assert not {fact.type for fact in self.last} & set(types)
        return self

    def refused(self, code: str, field: str | None = None) -> Scenario:
        assert self.refusal is not None, [fact.type for fact in self.last]
        assert self.refusal.code == code, self.refusal.told()
        assert field is None or self.refusal.field == field, self.refusal.told()
        SEEN.add(code)
        return self

    def fact(self, type: str) -> dict[str, Any]:
        """The data of the first fact of that type in the last step."""
        return next(fact.data for fact in self.last if fact.type == type)

    def owes(self, *duties: str) -> Scenario:
        assert [duty for duty in duties if duty not in self.cluster.duties] == [], list(self.cluster.duties)
        return self

    def owes_no(self, *duties: str) -> Scenario:
        assert [duty for duty in duties if duty in self.cluster.duties] == []
        return self


CAUSE = Cause(kind="command", ref="test")
SEEN: set[str] = set()
"""Codes provoked in this process so far."""


def given(*events: Frozen) -> Scenario:
    """A cluster with these facts on record at DAY0."""
    return Scenario().and_given(*events)


def standing_in(stage: str, *, agent: bool = True, seated: bool = True, started: date | None = DAY0) -> Scenario:
    """A cluster whose file was opened here and that stands in the stage, with what usually is there by then."""
    methodology = RULEBOOK.methodology
    scenario = given(FILE, e.StageEntered(stage=stage, started_on=started))
    if methodology.reaches(stage, "diagnostic") and stage != "sustained":
        scenario.and_given(e.StageEntered(stage="trust_building", started_on=started),
                           e.StageEntered(stage="monitoring_evaluation", started_on=started),
                           e.ClockStarted(started_on=DAY0, ends_on=add_months(DAY0, 36)))  # fmt: skip
        if agent:
            scenario.and_given(e.AgentAssigned(effect="", agent=AGENT))
    if seated:
        scenario.and_given(*(seating(body) for body in ("steering_council", "provincial_committee")))
    scenario.when(PASS, by="engine")
    return scenario


def seating(body: str, members: Sequence[str] = MEMBERS, quorum: int = 3, days: int = 1400) -> e.BodySeated:
    return e.BodySeated(body=body, members=tuple(members), quorum=quorum, until=DAY0 + timedelta(days=days))


def sent(duty: str, kind: str, values: dict[str, Any] | None = None, version: int = 0) -> e.DeliverableSubmitted:
    return e.DeliverableSubmitted(duty=duty, deliverable=kind, round=version, values=values or {}, on_time=True)


def asked(duty: str, kind: Any, owner: str, ref: str) -> e.DutyOpened:
    return e.DutyOpened(duty=duty, kind=kind, ref=ref, owner=owner, due_on=DAY0 + timedelta(days=14), reason="ladder",
                        ladder="approval")  # fmt: skip


PASS = c.PassTime(until=datetime(2100, 1, 1, tzinfo=UTC))
"""The alarm rings: everything due up to the present moment."""
