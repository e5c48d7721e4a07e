"""A cluster's runs follow each other and nobody who talks to it sees the seam."""

import asyncio

import pytest

from domain.refusals import Refused
from tests.workflow.office import CLUSTER, OFFICES, real_office, rehearsing_office
from workflows import chapter


@pytest.fixture
def short_chapters(monkeypatch):
    monkeypatch.setattr(chapter, "UPDATES_A_CHAPTER", 12)


@pytest.mark.parametrize("cached", [1_000, 0])
async def test_chapters_change_under_steady_traffic_and_nothing_is_lost_or_doubled(short_chapters, cached, tmp_path):
    async with real_office(tmp_path) as office, office.worker(max_cached_workflows=cached):
        await office.open()

        async def send(n):
            commands = [office.reminder() for _ in range(n)]
            return [(command.id, await office.programme.submit(command)) for command in commands]

        sent = [pair for pairs in await asyncio.gather(*(send(20) for _ in range(3))) for pair in pairs]
        by_command: dict[str, list[int]] = {}
        for fact in office.facts():
            by_command.setdefault(fact.command.id, []).append(fact.seq)
        for id, receipt in sent:
            assert by_command[id] == list(range(receipt.seq, receipt.seq + receipt.count))
        assert len({id for id, _ in sent}) == 60
        assert await office.check() >= 5


@pytest.mark.parametrize("kind", OFFICES)
async def test_a_command_sent_again_in_a_later_chapter_gets_its_first_receipt(short_chapters, kind, tmp_path):
    async with OFFICES[kind](tmp_path) as office, office.worker():
        await office.open()
        first = office.reminder()
        receipt = await office.client().submit(first)
        for _ in range(12):
            await office.programme.submit(office.reminder())
        facts = len(office.facts())
        again = await office.again(first)
        assert (again.seq, again.count) == (receipt.seq, receipt.count)
        assert len(office.facts()) == facts
        assert await office.check() == 2


async def test_a_command_too_old_to_be_remembered_is_answered_by_the_ledger(short_chapters, monkeypatch, tmp_path):
    monkeypatch.setattr("workflows.seen.KEPT", 4)
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        first, never = office.reminder(), office.reminder()
        receipt = await office.programme.submit(first)
        for _ in range(6):
            await office.programme.submit(office.reminder())
        again = await office.programme.submit(first)
        assert (again.seq, again.count) == (receipt.seq, receipt.count)
        with pytest.raises(Refused) as refused:
            await office.programme.submit(never)
        assert refused.value.code == "too_old"
        assert await office.check() == 1


async def test_the_next_stage_of_the_main_track_begins_a_new_chapter(tmp_path):
    async with rehearsing_office(tmp_path) as office, office.worker():
        await office.open()
        before = (await office.cluster()).stage
        while (await office.cluster()).stage == before:
            await office.do_what_is_offered()
        assert await office.check() == 2
        first = [fact.seq for fact in office.facts() if fact.type == "stage.entered"]
        assert len(first) == 2


async def test_a_cluster_evicted_from_memory_goes_on_as_if_nothing_was(tmp_path):
    async with rehearsing_office(tmp_path) as office, office.worker(max_cached_workflows=0):
        await office.open()
        for _ in range(5):
            await office.programme.submit(office.reminder())
        assert len({fact.command.id for fact in office.facts()}) == 6
        assert await office.check() == 1
        assert CLUSTER in {name.removeprefix("cluster/") for name, _ in office.ledger.streams("cluster/")}
