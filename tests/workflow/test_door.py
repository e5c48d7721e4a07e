"""What comes in by the door, what does not, and what strays around it without effect."""

import asyncio
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from client.ids import command_id
from client.programme import Programme
from client.signing import Signer
from domain.recording import Actor
from domain.refusals import Refused
from tests.workflow.office import CLUSTER, QUEUE, Gate, real_office
from workflows.cluster_development import ClusterDevelopment


def kind_of(error):
    assert isinstance(error.cause, ApplicationError)
    return error.cause.type


async def refused(sending):
    with pytest.raises(Refused) as told:
        await sending
    return told.value.code


async def test_an_unsigned_command_is_refused_and_leaves_no_event(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        before = len((await office.handle().fetch_history()).events)
        with pytest.raises(WorkflowUpdateFailedError) as failed:
            await office.handle().execute_update(ClusterDevelopment.submit, office.reminder())
        assert kind_of(failed.value) == "Refused:signature_missing"
        stranger = Programme(office.env.client, office.ledger, Signer(Ed25519PrivateKey.generate(), "test"),
                             office.clock, task_queue=QUEUE)  # fmt: skip
        assert await refused(stranger.submit(office.reminder())) == "signature_wrong"
        unknown = Programme(office.env.client, office.ledger, Signer(Ed25519PrivateKey.generate(), "other"),
                            office.clock, task_queue=QUEUE)  # fmt: skip
        assert await refused(unknown.submit(office.reminder())) == "signature_unknown_key"
        assert len((await office.handle().fetch_history()).events) == before
        assert await office.check() == 1


async def test_the_same_command_sent_at_once_and_again_is_done_once(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        command = office.reminder()
        receipts = await asyncio.gather(*(office.programme.submit(command) for _ in range(4)))
        receipts.append(await office.programme.submit(command))
        assert len({(receipt.seq, receipt.count) for receipt in receipts}) == 1
        assert sum(fact.command.id == command.id for fact in office.facts()) == receipts[0].count
        assert await office.check() == 1


async def test_an_id_cannot_be_used_for_another_command(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        command = office.reminder()
        await office.programme.submit(command)
        other = command.model_copy(update={"data": {"duty": "priority_score"}})
        assert await refused(office.programme.submit(other)) == "id_reused"
        assert await office.check() == 1


async def test_a_refusal_is_on_record_once_and_asking_again_is_none(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        reader = Actor(person="p-nobody", role="national_office", scope="province/qom")
        command = office.reminder(actor=reader)
        assert await refused(office.programme.submit(command)) == "out_of_scope"
        assert await refused(office.programme.submit(command)) == "out_of_scope"
        [row] = office.ledger.refusals()
        assert (row["command_id"], row["code"], row["cluster_id"]) == (command.id, "out_of_scope", CLUSTER)
        assert await refused(office.programme.submit(office.reminder(cluster="never-opened"))) == "not_found"


async def test_strays_change_nothing(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        await office.handle().signal("no_such_signal", {"any": "thing"})
        with pytest.raises(WorkflowUpdateFailedError):
            await office.handle().execute_update("no_such_update", 1)
        with pytest.raises(WorkflowUpdateFailedError):
            await office.handle().execute_update("submit", {"not": "an envelope"})
        await office.handle().signal(ClusterDevelopment.nudge)
        facts = len(office.facts())
        receipt = await office.programme.submit(office.reminder())
        assert receipt.seq == facts + 1
        assert await office.check() == 1


async def test_a_stray_cancel_is_survived_and_recorded(tmp_path):
    gate = Gate()
    async with real_office(tmp_path) as office, office.worker(gate.before(office.ledger)):
        await office.open()
        gate.close()
        sending = asyncio.create_task(office.programme.submit(office.reminder()))
        await gate.reached()
        # In the middle of an append, which is where it would hurt.
        await office.handle().cancel()
        gate.open()
        receipt = await sending
        later = await office.programme.submit(office.reminder())
        types = [fact.type for fact in office.facts()]
        assert types.count("engine.cancel_ignored") == 1
        assert receipt.seq < later.seq
        assert await office.check() == 1


async def test_the_ninth_command_at_once_is_asked_to_come_again(tmp_path):
    gate = Gate()
    async with real_office(tmp_path) as office, office.worker(gate.before(office.ledger)):
        await office.open()
        gate.close()
        waiting = [await office.start(office.reminder()) for _ in range(8)]
        with pytest.raises(WorkflowUpdateFailedError) as failed:
            await office.send(office.reminder())
        assert kind_of(failed.value) == "Busy"
        gate.open()
        assert len({receipt.seq for receipt in await asyncio.gather(*(one.result() for one in waiting))}) == 8
        assert await office.check() == 1


async def test_an_id_from_the_future_is_refused_as_it_would_make_honest_ones_too_old(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        ahead = office.reminder(id=command_id(office.clock() + timedelta(minutes=6)))
        assert await refused(office.programme.submit(ahead)) == "in_the_future"


async def test_what_could_not_be_carried_or_sealed_is_refused_at_the_door(monkeypatch, tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        monkeypatch.setattr("workflows.door.STATE_BYTES", 100)
        assert await refused(office.programme.submit(office.reminder())) == "too_large"


async def test_a_lone_command_costs_few_events_and_an_alarm_that_did_not_move_none(tmp_path):
    async with real_office(tmp_path) as office, office.worker():
        await office.open()
        await office.programme.submit(office.reminder())
        before = len((await office.handle().fetch_history()).events)
        for _ in range(5):
            await office.programme.submit(office.reminder())
        events = (await office.handle().fetch_history()).events
        assert len(events) - before <= 5 * 13
        assert sum(event.HasField("timer_started_event_attributes") for event in events) == 1
