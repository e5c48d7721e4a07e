"""What a cluster asks of services: beside the loop, after sealing, until answered; a poison one becomes a person's."""

import asyncio

import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.ledger import LedgerActivities
from domain.commands import ReportCandidates
from domain.effects import ProposeAgent
from domain.events import Candidate
from tests.scripted import TEXT
from tests.workflow.office import CLUSTER, Gate, real_office
from workflows import chapter
from workflows.chapter import stream_of


class Agents:
    """A registry whose answer the test holds back; it counts how often it was asked."""

    def __init__(self, ledger, *, answer=None):
        self.ledger, self.answer = ledger, answer
        self.asked: list[ProposeAgent] = []
        self.heads: list[int] = []
        self.may_answer, self.is_asked = asyncio.Event(), asyncio.Event()

    @activity.defn
    async def propose_agent(self, asked: ProposeAgent) -> ReportCandidates:
        self.asked.append(asked)
        self.heads.append(self.ledger.head(stream_of(CLUSTER)).seq)
        self.is_asked.set()
        await self.may_answer.wait()
        if self.answer:
            raise self.answer
        found = Candidate(agent="p-agent", points=10, reasons={"province": 10})
        return ReportCandidates(effect=asked.effect, candidates=(found,))

    def worker(self, office, **options):
        done = [LedgerActivities(options.pop("appends", office.ledger)).append, self.propose_agent]
        return office.worker(activities=done, **options)


async def test_a_service_is_asked_after_its_fact_is_sealed_and_answers_by_a_fact(tmp_path):
    async with real_office(tmp_path) as office:
        agents = Agents(office.ledger)
        async with agents.worker(office):
            await office.enter("approved_to_start")
            await agents.is_asked.wait()
            [asked] = agents.asked
            assert int(asked.effect.split("/")[1]) <= agents.heads[0]
            # It holds nothing up: commands are sealed while it thinks.
            await office.programme.submit(office.reminder(duty="cda_contract"))
            agents.may_answer.set()
            answer = await office.fact("agent.proposed")
            assert (answer.actor.person, answer.cause.kind, answer.cause.ref) == ("svc:agents", "effect", asked.effect)
            assert (await office.cluster()).effects == {}
            assert await office.check() == 1


async def test_a_question_outlives_the_chapter_that_asked_it(monkeypatch, tmp_path):
    monkeypatch.setattr(chapter, "UPDATES_A_CHAPTER", 3)
    async with real_office(tmp_path) as office:
        agents = Agents(office.ledger)
        async with agents.worker(office):
            await office.enter("approved_to_start")
            for _ in range(4):
                await office.programme.submit(office.reminder(duty="cda_contract"))
            agents.may_answer.set()
            await office.fact("agent.proposed")
            assert len({asked.effect for asked in agents.asked}) == 1
            assert [fact.type for fact in office.facts()].count("agent.proposed") == 1
            assert await office.check() >= 2


async def test_an_answer_is_heard_after_the_file_was_closed(tmp_path):
    async with real_office(tmp_path) as office:
        agents = Agents(office.ledger)
        async with agents.worker(office):
            await office.enter("approved_to_start")
            await agents.is_asked.wait()
            await office.programme.submit(office.asks("WithdrawCluster", reason=TEXT))
            agents.may_answer.set()
            await office.fact("agent.proposed")
            assert (await office.cluster()).effects == {}
            assert await office.check() == 1


async def test_a_service_that_gives_up_leaves_a_duty_to_a_person(tmp_path):
    async with real_office(tmp_path) as office:
        agents = Agents(office.ledger, answer=ApplicationError("poison", non_retryable=True))
        agents.may_answer.set()
        async with agents.worker(office):
            await office.enter("approved_to_start")
            failed = await office.fact("effect.failed")
            assert failed.data["reason"] == "gave_up"
            assert (await office.cluster()).effects == {}
            assert await office.check() == 1


@pytest.mark.parametrize("cached", [1_000, 0])
async def test_an_answer_waits_with_the_ledger_and_is_not_lost(cached, tmp_path):
    gate = Gate()
    async with real_office(tmp_path) as office:
        agents = Agents(office.ledger)
        async with agents.worker(office, appends=gate.before(office.ledger), max_cached_workflows=cached):
            await office.enter("approved_to_start")
            await agents.is_asked.wait()
            gate.close()
            agents.may_answer.set()
            await gate.reached()
            gate.open()
            await office.fact("agent.proposed")
            assert await office.check() == 1
