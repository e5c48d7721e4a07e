"""Three years of one cluster on virtual time, everybody doing what is offered, and the histories it leaves."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from temporalio import activity
from temporalio.client import WorkflowHistory

from activities.ledger import LedgerActivities
from bench.floor import counted
from domain.cluster import Cluster
from domain.commands import ReportAssignment, ReportCandidates, ReportEvaluation, ReportLicence, ReportRelease
from domain.duties import next_due
from domain.effects import AssignAgent, Evaluate, IssueLicence, ProposeAgent, ReleaseAgent
from domain.events import Candidate
from domain.evolution import load
from domain.jalali import add_months
from domain.offers import offers
from domain.recording import Fact
from domain.rulebook import unpack
from tests.workflow.office import CLUSTER, RULEBOOK, Office, rehearsing_office
from workflows.chapter import stream_of

YEARS = 3
PATIENCE = 500
AFTER_OPENING = timedelta(hours=7)
CRITERIA = [criterion.key for criterion in unpack(RULEBOOK).methodology.rubric.criteria]


@dataclass(frozen=True)
class Lived:
    """One history a chapter, the oldest first, and the facts that were sealed meanwhile."""

    histories: Sequence[WorkflowHistory]
    facts: Sequence[Fact]
    days: int

    @property
    def commands(self) -> int:
        """How many requests of people were decided."""
        return len({fact.command.id for fact in self.facts if fact.authenticated_by != "engine"})

    @property
    def alarms(self) -> int:
        return sum(counted(history.events).get("TIMER_FIRED", 0) for history in self.histories)

    @property
    def events(self) -> int:
        return sum(len(history.events) for history in self.histories)

    @property
    def actions(self) -> int:
        """What Temporal Cloud would bill: runs, updates, activities, timers and upserts."""
        kinds: Counter[str] = Counter()
        for history in self.histories:
            kinds.update(counted(history.events))
        return sum(kinds[kind] for kind in (
            "WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_UPDATE_ACCEPTED", "ACTIVITY_TASK_SCHEDULED",
            "TIMER_STARTED", "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES", "WORKFLOW_EXECUTION_SIGNALED",
        ))  # fmt: skip


class Reading(Office):
    """Asks the ledger and never the cluster: the test server loses a query that meets the end of a chapter."""

    async def cluster(self, cluster: str = CLUSTER) -> Cluster:
        snapshot = self.ledger.snapshot(stream_of(cluster))
        assert snapshot is not None
        await asyncio.sleep(0)
        return load(snapshot.state_json, unpack(RULEBOOK))

    async def sleep_until(self, moment: datetime) -> None:
        await self.env.sleep(moment - await self.env.get_current_time())
        self.now = moment
        for _ in range(PATIENCE):
            due = next_due(await self.cluster())
            if due is None or due > moment:
                return
            await asyncio.sleep(0.01)


async def live(*, people: bool = True, years: int = YEARS) -> Lived:
    """A cluster lives; without people, only time passes. The same one again within a process."""
    if (people, years) not in _kept():
        _kept()[people, years] = await _live(people=people, years=years)
    return _kept()[people, years]


@cache
def _kept() -> dict[tuple[bool, int], Lived]:
    return {}


async def _live(*, people: bool, years: int) -> Lived:
    with TemporaryDirectory(prefix="khoosheh-bench-") as folder:
        async with rehearsing_office(Path(folder)) as office:
            office.__class__ = Reading
            activities = [LedgerActivities(office.ledger).append, *SERVICES]
            async with office.worker(activities=activities):
                await office.open()
                start = office.clock()
                cluster = await _act(office, people=people)
                while (due := next_due(cluster)) is not None and due <= start + timedelta(days=365 * years):
                    await office.sleep_until(max(due, office.clock()) + AFTER_OPENING)
                    cluster = await _act(office, people=people)
                return Lived(await _histories(office), office.facts(), (office.clock() - start).days)


async def _act(office: Office, *, people: bool) -> Cluster:
    """Everything offered is done, and every service has answered."""
    while True:
        cluster = await office.cluster()
        if cluster.effects:
            await asyncio.sleep(0.01)
            continue
        if not people or not any(offer.forward for offer in offers(cluster, cluster.calendar.day_of(office.clock()))):
            return cluster
        await office.do_what_is_offered()


async def _histories(office: Office) -> list[WorkflowHistory]:
    """Every run's, the first one first. Not by describing the run: the test server's answer cannot be read."""
    found: list[WorkflowHistory] = []
    run = None
    while not found or run:
        handle = office.env.client.get_workflow_handle(stream_of(CLUSTER), run_id=run)
        found.insert(0, await handle.fetch_history())
        run = found[0].events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return found


@activity.defn(name="propose_agent")
async def _propose(asked: ProposeAgent) -> ReportCandidates:
    agent = Candidate(agent=f"p-agent-{asked.effect.split('/')[1]}", points=10, reasons={"province": 10})
    return ReportCandidates(effect=asked.effect, candidates=(agent,))


@activity.defn(name="assign_agent")
async def _assign(asked: AssignAgent) -> ReportAssignment:
    return ReportAssignment(effect=asked.effect, agent=asked.agent)


@activity.defn(name="release_agent")
async def _release(asked: ReleaseAgent) -> ReportRelease:
    return ReportRelease(effect=asked.effect, agent=asked.agent)


@activity.defn(name="evaluate")
async def _evaluate(asked: Evaluate) -> ReportEvaluation:
    return ReportEvaluation(effect=asked.effect, duty=asked.duty, total=100, passed=True, band="excellent",
                            criteria=dict.fromkeys(CRITERIA, 100), network_before={}, network_after={})  # fmt: skip


@activity.defn(name="issue_licence")
async def _issue(asked: IssueLicence) -> ReportLicence:
    return ReportLicence(effect=asked.effect, number="KH-1", code="A", issued_on=asked.issued_on,
                         valid_until=add_months(asked.issued_on, asked.months))  # fmt: skip


SERVICES = (_propose, _assign, _release, _evaluate, _issue)
