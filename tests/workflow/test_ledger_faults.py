"""The ledger is away, fails at the worst moment, or holds something else: nothing lost, nothing doubled."""

import asyncio

import pytest
from temporalio.client import WorkflowExecutionStatus

from client.programme import Unknown
from domain.refusals import Refused
from ledger.store import LedgerConflict
from tests.workflow.office import CLUSTER, CutOff, Failing, Gate, real_office, rehearsing_office
from workflows.chapter import stream_of
from workflows.cluster_development import ClusterDevelopment


async def test_a_ledger_that_is_away_for_a_while_loses_nothing(tmp_path):
    async with rehearsing_office(tmp_path) as office:
        away = Failing(office.ledger, range(1, 5))
        async with office.worker(away):
            await office.open()
            receipts = [await office.programme.submit(office.reminder()) for _ in range(4)]
            assert away.calls > 5
            assert [receipt.seq for receipt in receipts] == sorted({receipt.seq for receipt in receipts})
            assert office.ledger.duplicates == 0
            assert await office.check() == 1


async def test_failing_after_the_commit_a_hundred_times_seals_everything_once(tmp_path):
    async with real_office(tmp_path) as office:
        cut = CutOff(office.ledger)
        clusters = [f"cluster-{n}" for n in range(10)]
        async with office.worker(cut):
            await asyncio.gather(*(office.open(cluster) for cluster in clusters))

            async def send(cluster):
                for _ in range(9):
                    await office.programme.submit(office.reminder(cluster=cluster))

            await asyncio.gather(*map(send, clusters))
            assert len(cut.cut) == 100
            for cluster in clusters:
                assert len({fact.command.id for fact in office.facts(cluster)}) == 10
                assert await office.check(cluster) == 1
        assert office.ledger.duplicates >= 100


async def test_a_worker_that_dies_between_commit_and_report_is_replaced_without_a_trace(tmp_path):
    async with real_office(tmp_path) as office:
        gate = Gate()
        async with office.worker(gate.after(office.ledger)):
            await office.open()
            gate.close()
            sending = asyncio.create_task(office.programme.submit(office.reminder()))
            await gate.reached()
        gate.open()
        async with office.worker():
            receipt = await sending
            assert office.ledger.head(stream_of(CLUSTER)).seq == receipt.seq + receipt.count - 1
            assert office.ledger.duplicates >= 1
            assert await office.check() == 1


async def test_other_facts_in_the_ledger_freeze_the_cluster_until_somebody_has_looked(tmp_path):
    async with real_office(tmp_path) as office:
        conflict = Failing(office.ledger, {1}, LedgerConflict(stream_of(CLUSTER), 3))
        async with office.worker(conflict):
            await office.open()
            command = office.reminder()
            with pytest.raises(Unknown):
                await office.programme.submit(command)
            with pytest.raises(Refused) as refused:
                await office.programme.submit(office.reminder())
            assert refused.value.code == "frozen"
            assert (await office.handle().query(ClusterDevelopment.state))["frozen"]
            assert (await office.handle().describe()).status == WorkflowExecutionStatus.RUNNING
            await office.handle().signal(ClusterDevelopment.nudge)
            receipt = await office.programme.submit(command)
            assert [fact.command.id for fact in office.facts()][receipt.seq - 1] == command.id
            assert await office.check() == 1
