"""A workflow made from the ledger's fold: it stands still until two people have signed, and then is the cluster."""

from datetime import UTC, datetime

import pytest

from adapters.objects_folder import ObjectFolder
from client.archived import RecordedArchive
from client.reconciling import Reconciler
from client.recovering import Recovery, RepairFirst, chapter_from
from client.signatories import Signed
from domain.recording import Actor
from domain.refusals import Refused
from domain.rulebook import content_of
from ledger.entry import state_digest
from tests.workflow.office import CLUSTER, QUEUE, RULEBOOK, TEXT, real_office
from workflows.chapter import stream_of
from workflows.cluster_development import ClusterDevelopment

STREAM = stream_of(CLUSTER)
FIRST = Actor(person="p-first", role="national_office", scope="nation")
SIGNED = Signed(FIRST, "p-second")


def reconciler(office, folder):
    return Reconciler(office.env.client, office.ledger, RecordedArchive(office.ledger, lambda: ObjectFolder(folder)))


def recovery(office, folder):
    return Recovery(office.env.client, office.ledger, office.programme, reconciler(office, folder),
                    clock=lambda: datetime.now(UTC), task_queue=QUEUE)  # fmt: skip


async def begun_anew(office):
    """The old run is gone, and the new one waits for its two people."""
    await office.handle().terminate()
    chapter = chapter_from(office.ledger.inspected(STREAM), content_of(RULEBOOK), number=7)
    await office.env.client.start_workflow(ClusterDevelopment.run, chapter, id=STREAM, task_queue=QUEUE)
    return chapter


def asked(office, state, **options):
    data = {"reason": "engine_lost", "second": "p-second", "state": state}
    return office.asks("Recover", FIRST, **data, **options)


async def code_of(sending):
    with pytest.raises(Refused) as refused:
        await sending
    return refused.value.code


async def test_what_is_made_anew_stands_still_until_two_have_signed_for_this_very_state(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        chapter = await begun_anew(office)
        await office.handle().signal(ClusterDevelopment.nudge)
        live = await office.handle().query(ClusterDevelopment.state)
        assert (live["seq"], live["frozen"], live["digest"]) == (
            chapter.head.seq, True, office.ledger.inspected(STREAM).state,
        )  # fmt: skip
        assert await code_of(office.programme.submit(office.reminder())) == "frozen"
        assert await code_of(office.programme.submit(asked(office, f"sha256:{'0' * 64}"))) == "stale"
        receipt = await office.programme.submit(asked(office, state_digest(chapter.state.encode())))
        assert receipt.seq == chapter.head.seq + 1
        await office.programme.submit(office.reminder())
        assert await code_of(office.programme.submit(asked(office, live["digest"]))) == "not_awaited"
        assert await office.check() == 1


async def test_no_alarm_rings_and_no_service_is_asked_before(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        await office.handle().terminate()
        inspected = office.ledger.inspected(STREAM)
        chapter = chapter_from(inspected, content_of(RULEBOOK), number=1)
        assert chapter.opened().duties
        handle = await office.env.client.start_workflow(
            ClusterDevelopment.run, chapter, id=STREAM, task_queue=QUEUE
        )  # fmt: skip
        await handle.query(ClusterDevelopment.state)
        kinds = {event.event_type for event in (await handle.fetch_history()).events}
        timer_started, activity_scheduled = 17, 10
        assert not kinds & {timer_started, activity_scheduled}


async def test_a_recovered_cluster_remembers_what_it_was_sent_before(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        first, other = office.reminder(), office.finding()
        receipts = [await office.programme.submit(one) for one in (first, other)]
        facts = len(office.facts())
        await office.handle().terminate()
        await recovery(office, tmp_path / "archive").recover(CLUSTER, SIGNED, "terminated")
        again = [await office.programme.submit(one) for one in (first, other)]
        assert [(one.seq, one.count) for one in again] == [(one.seq, one.count) for one in receipts]
        assert [fact.type for fact in office.facts()[facts:]] == ["cluster.recovered"]
        assert await office.check() == 1


async def test_a_recovery_broken_off_goes_on_and_is_on_record_once(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        await begun_anew(office)
        ours = reconciler(office, tmp_path / "archive")
        assert [one.code for one in (await ours.check(STREAM)).findings] == ["unsigned"]
        before = (await office.handle().describe()).run_id
        await recovery(office, tmp_path / "archive").recover(CLUSTER, SIGNED, "engine_lost")
        assert (await office.handle().describe()).run_id == before
        assert (await ours.check(STREAM)).findings == []
        assert [fact.type for fact in office.facts()].count("cluster.recovered") == 1


async def test_nothing_is_recovered_from_a_record_that_is_not_whole(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        await office.handle().terminate()
        with office.ledger._writer.begin() as connection:
            connection.exec_driver_sql("DELETE FROM portfolio")
        with pytest.raises(RepairFirst):
            await recovery(office, tmp_path / "archive").recover(CLUSTER, SIGNED, "terminated")
        office.ledger.rebuild(STREAM)
        await recovery(office, tmp_path / "archive").recover(CLUSTER, SIGNED, "terminated")
        assert await office.check() == 1


async def test_a_recovery_that_would_be_refused_ends_no_run(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        assert await code_of(recovery(office, tmp_path / "a").recover(CLUSTER, SIGNED, "conflict")) == "not_awaited"
        assert await code_of(recovery(office, tmp_path / "a").recover("never-was", SIGNED, "conflict")) == "not_found"
        await office.handle().signal("no_such_signal")
        await office.programme.submit(office.asks("OpenFinding", FIRST, level="note", text=TEXT))
        assert await office.check() == 1
