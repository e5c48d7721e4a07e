"""The server of the ledger goes away in the middle of a cluster's life and comes back: nothing lost or doubled."""

import asyncio

from activities.ledger import LedgerActivities
from adapters.ledger_at import ledger_at, once_reached
from client.connection import start_local
from ledger.projections import PROJECTIONS
from ledger.store import LedgerUnusable
from tests.workflow.office import Office


class Watched:
    """A ledger that says when an append has failed."""

    def __init__(self, ledger):
        self._ledger, self._loop, self.failed = ledger, asyncio.get_running_loop(), asyncio.Event()

    def append(self, stream, after, facts):
        try:
            return self._ledger.append(stream, after, facts)
        except LedgerUnusable:
            self._loop.call_soon_threadsafe(self.failed.set)
            raise


class Told:
    """A log that remembers having warned twice."""

    def __init__(self):
        self.twice, self._warned = asyncio.Event(), 0

    def warning(self, code, **_):
        assert code == "ledger_unreachable"
        self._warned += 1
        if self._warned % 2 == 0:
            self.twice.set()


async def test_what_is_decided_while_the_server_is_away_is_sealed_once_when_it_is_back(server):
    ledger = ledger_at(server.database().writer, PROJECTIONS)
    async with await start_local() as env:
        office = Office(env, ledger, rehearsal=False)
        watched = Watched(ledger)
        async with office.worker(activities=[LedgerActivities(watched).append]):
            await office.open()
            await asyncio.to_thread(server.stop)
            sending = asyncio.create_task(office.programme.submit(office.reminder()))
            await watched.failed.wait()
            assert not sending.done()
            await asyncio.to_thread(server.start)
            receipt = await sending
            assert office.facts()[-1].seq == receipt.seq + receipt.count - 1
            assert await office.check() == 1
        assert ledger.duplicates == 0
    ledger.close()


async def test_who_is_started_during_an_outage_waits_for_its_end(server, monkeypatch):
    told = Told()
    monkeypatch.setattr("adapters.ledger_at.AGAIN_AFTER", 0.05)
    monkeypatch.setattr("adapters.ledger_at._log", told)
    stop = asyncio.Event()
    place = server.database().writer
    await asyncio.to_thread(server.stop)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(opened(place, stop))
        await told.twice.wait()
        assert not waiting.done()
        await asyncio.to_thread(server.start)
    assert waiting.result()
    await asyncio.to_thread(server.stop)
    async with asyncio.TaskGroup() as tasks:
        told.twice.clear()
        waiting = tasks.create_task(opened(place, stop))
        await told.twice.wait()
        stop.set()
    assert not waiting.result()


async def opened(place, stop):
    async with once_reached(place, {}, stop, rehearsal=False) as ledger:
        return ledger is not None
