"""One command, its facts, one alarm: from the client through the engine into the ledger and back, on both servers."""

from datetime import timedelta

import pytest

from domain.duties import next_due
from tests.workflow.office import CLUSTER, OFFICES, rehearsing_office


@pytest.mark.parametrize("kind", OFFICES)
async def test_a_command_is_sealed_before_its_receipt(kind, tmp_path):
    async with OFFICES[kind](tmp_path) as office, office.worker():
        receipt = await office.open()
        facts = office.facts()
        assert facts[0].type == "cluster.identified"
        assert facts[0].data["rehearsal"] is office.rehearsal
        assert (receipt.seq, receipt.count, receipt.head) == (1, len(facts), office.ledger.head(f"cluster/{CLUSTER}"))
        assert await office.check() == 1


async def test_an_alarm_rings_at_the_moment_something_is_due_and_is_recorded_as_of_then(tmp_path):
    async with rehearsing_office(tmp_path) as office, office.worker():
        await office.open()
        due = next_due(await office.cluster())
        assert due is not None
        await office.sleep_until(due + timedelta(hours=1))
        rung = next(fact for fact in office.facts() if fact.type == "rung.fired")
        assert (rung.recorded_at, rung.actor.person, rung.build) == (due, "svc:engine", "rehearsal")
        assert await office.check() == 1


async def test_three_months_of_silence_are_told_rung_by_rung(tmp_path):
    async with rehearsing_office(tmp_path) as office, office.worker():
        await office.open()
        await office.sleep_until(office.clock() + timedelta(days=90))
        rungs = [(fact.data["duty"], fact.data["rung"]) for fact in office.facts() if fact.type == "rung.fired"]
        assert len(rungs) > 3
        assert len(set(rungs)) == len(rungs)
        alarms = {fact.command.id for fact in office.facts() if fact.actor.person == "svc:engine"}
        history = await office.handle().fetch_history()
        fired = sum(event.HasField("timer_fired_event_attributes") for event in history.events)
        assert fired == len(alarms)
        assert await office.check() == 1
