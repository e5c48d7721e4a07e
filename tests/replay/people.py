"""Everybody of one cluster, for recordings: they do at once what is offered to them, and the services answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from temporalio import activity
from temporalio.api.testservice.v1 import SleepRequest
from temporalio.client import RPCError

from domain import commands as c
from domain import evolution
from domain.cluster import Cluster, new_cluster
from domain.duties import next_due
from domain.effects import AssignAgent, Evaluate, IssueLicence, ProposeAgent, ReleaseAgent
from domain.events import Candidate
from domain.forms import Offer
from domain.jalali import add_months
from domain.offers import offers
from domain.recording import Actor
from domain.rulebook import Rulebook, unpack
from tests.scripted import answered
from tests.workflow.office import RULEBOOK, Office
from workflows.cluster_development import ClusterDevelopment

PROVINCE = "qom"
PATIENCE = timedelta(minutes=5)
READ: Rulebook = unpack(RULEBOOK)


async def until(holds: Callable[[], Awaitable[bool]], what: str, tries: int = 3_000) -> None:
    """`holds` holds; AssertionError when it never does."""
    for _ in range(tries):
        if await holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"never: {what}")


class People:
    """Who acts on one cluster of an office, knowing only what is offered."""

    def __init__(self, office: Office, cluster: str) -> None:
        self._office, self.id = office, cluster

    async def cluster(self) -> Cluster:
        """The cluster as it lives."""
        handle = self._office.handle(self.id)
        try:
            live = await handle.query(ClusterDevelopment.state)
        except RPCError:  # asked while one chapter became the next
            live = await handle.query(ClusterDevelopment.state)
        return evolution.load(live["state"], READ) if live["seq"] else new_cluster(self.id, READ)

    async def settled(self) -> Cluster:
        """The cluster once every service has answered and everything is sealed."""

        async def is_settled() -> bool:
            cluster = await self.cluster()
            return not cluster.effects and self._office.ledger.head(f"cluster/{self.id}").seq == cluster.seq

        await until(is_settled, f"{self.id} at rest")
        return await self.cluster()

    async def is_on_time(self) -> bool:
        """True when every alarm that was due by now has rung."""
        due = next_due(await self.cluster())
        return due is None or due >= self._office.clock()

    async def send(self, kind: str, role: str, person: str = "", **data: Any) -> None:
        scope = READ.methodology.role_by_key[role].scope
        place = {"nation": "nation", "province": f"province/{PROVINCE}", "cluster": f"cluster/{self.id}"}[scope]
        actor = Actor(person=person or f"p-{role.replace('_', '-')}", role=role, scope=place)
        await self._office.programme.submit(self._office.asks(kind, actor, cluster=self.id, **data))

    async def say_it_began(self, at: datetime) -> None:
        """The start of an entered cluster's stage and term is confirmed, where anybody asks for it."""
        cluster = await self.cluster()
        day = cluster.calendar.day_of(at)
        found = offers(cluster, cluster.calendar.day_of(self._office.clock()))
        if (offer := next((o for o in found if o.type == "ConfirmStart"), None)) is not None:
            dates = {field["field"]: str(day) for field in offer.missing if field["required"]}
            await self.send(offer.type, offer.role, **dates)

    async def act(self, most: int = 500) -> int:
        """What is offered under a duty is done, at most so often; how often it was."""
        for done in range(most):
            cluster = await self.settled()
            today = cluster.calendar.day_of(self._office.clock())
            offer = next((o for o in offers(cluster, today) if o.forward), None)
            if offer is None:
                return done
            await self._take(offer)
        return most

    async def _take(self, offer: Offer) -> None:
        members = [f"p-{str(offer.fields.get('body', 'x')).replace('_', '-')}-{n}" for n in range(5)]
        taken = [person for field in offer.missing for person in field.get("not_by", [])]
        free = (f"p-{offer.role.replace('_', '-')}-{n}" for n in range(9))
        person = next(iter(offer.persons), "") or next(p for p in free if p not in taken)
        await self.send(offer.type, offer.role, person, **answered(offer.model_dump(mode="json"), members))

    async def live_until(self, over: Callable[[Cluster], bool], end: datetime) -> None:
        """Alarms ring and people act in the afternoons, on virtual time, until the life is `over`."""
        while not over(cluster := await self.settled()):
            due = next_due(cluster)
            assert due is not None, f"never over: {cluster.stage}"
            assert due <= end, f"not over by {end}: {cluster.stage}, {list(cluster.duties)}"
            await self._afternoon_of(due)
            await self.act()

    async def _afternoon_of(self, due: datetime) -> None:
        """Alarms ring in the mornings, and people act when none does: the two never share a moment."""
        env = self._office.env
        afternoon = due.replace(hour=11, minute=30, second=0, microsecond=0)
        night = Duration()
        night.FromTimedelta(afternoon - await env.get_current_time())
        # Not `env.sleep`, whose call gives up after half a minute: on a busy machine a night can take longer.
        await env.client.test_service.unlock_time_skipping_with_sleep(SleepRequest(duration=night), timeout=PATIENCE)

        self._office.now = afternoon
        await until(self.is_on_time, f"the alarm of {due}")


def services() -> list[Callable[..., Any]]:
    """The services, answering as they are wished to: one agent, full marks, a licence."""

    @activity.defn
    async def propose_agent(asked: ProposeAgent) -> c.ReportCandidates:
        agent = Candidate(agent="p-agent-1", points=10, reasons={"province": 10})
        return c.ReportCandidates(effect=asked.effect, candidates=(agent,))

    @activity.defn
    async def assign_agent(asked: AssignAgent) -> c.ReportAssignment:
        return c.ReportAssignment(effect=asked.effect, agent=asked.agent)

    @activity.defn
    async def release_agent(asked: ReleaseAgent) -> c.ReportRelease:
        return c.ReportRelease(effect=asked.effect, agent=asked.agent)

    @activity.defn
    async def evaluate(asked: Evaluate) -> c.ReportEvaluation:
        criteria = {criterion.key: 100 for criterion in READ.methodology.rubric.criteria}
        return c.ReportEvaluation(effect=asked.effect, duty=asked.duty, total=100, passed=True, band="excellent",
                                  criteria=criteria, network_before={}, network_after={})  # fmt: skip

    @activity.defn
    async def issue_licence(asked: IssueLicence) -> c.ReportLicence:
        return c.ReportLicence(effect=asked.effect, number="KH-1", code="A", issued_on=asked.issued_on,
                               valid_until=add_months(asked.issued_on, asked.months))  # fmt: skip

    return [propose_agent, assign_agent, release_agent, evaluate, issue_licence]
