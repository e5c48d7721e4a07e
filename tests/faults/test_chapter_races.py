"""Two hundred chapters of one cluster end while eight clients send, and nobody's command is lost or done twice."""

import asyncio

import pytest

from tests.oracle import Answer, judge, judge_live, keep_histories, replayed
from tests.workflow.office import CLUSTER, Office, real_office
from workflows import chapter
from workflows.chapter import stream_of

UPDATES, SWITCHES, CLIENTS = 12, 100, 8
SENT_AGAIN = 10


async def send(office: Office, enough: asyncio.Event) -> list[tuple[Answer, Answer | None]]:
    """What one client was told, and for one command in ten what it was told when it sent that again."""
    programme = office.client()
    told: list[tuple[Answer, Answer | None]] = []
    while not enough.is_set():
        envelope = office.reminder()
        receipt = await programme.submit(envelope)
        first = Answer(envelope.id, CLUSTER, receipt.seq, receipt.count)
        again = None
        if len(told) % SENT_AGAIN == 0:
            receipt = await programme.submit(envelope)
            again = Answer(envelope.id, CLUSTER, receipt.seq, receipt.count)
        told.append((first, again))
    return told


async def switched(office: Office, enough: asyncio.Event) -> None:
    """So many chapters have ended."""
    runs: set[str | None] = set()
    while len(runs) <= SWITCHES:
        runs.add((await office.handle().describe()).run_id)
        await asyncio.sleep(0.02)
    enough.set()


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("cached", [1_000, 0])
async def test_chapters_that_end_under_eight_clients_lose_and_double_nothing(cached, monkeypatch, tmp_path):
    monkeypatch.setattr(chapter, "UPDATES_A_CHAPTER", UPDATES)
    async with real_office(tmp_path) as office, office.worker(max_cached_workflows=cached):
        opened = await office.open()
        enough = asyncio.Event()
        sending = [asyncio.create_task(send(office, enough)) for _ in range(CLIENTS)]
        await switched(office, enough)
        told = [pair for pairs in await asyncio.gather(*sending) for pair in pairs]
        sent = [first.id for first, _ in told]
        first_id = office.facts()[opened.seq - 1].command.id
        judgement = judge(office.ledger, [first for first, _ in told], [first_id, *sent])
        differ = [first.id for first, again in told if again is not None and again != first]
        live = await judge_live(office.env.client, office.ledger)
        kept = await keep_histories(office.env.client, [stream_of(CLUSTER)], tmp_path / "histories")
    told_again = replayed(tmp_path / "histories", "--updates-a-chapter", str(UPDATES))
    outcomes = {outcome for each in told_again for outcome in each.values()}
    print(f"\n{kept - 1} chapter switches, {CLIENTS} clients, {len(told)} commands, {len(judgement.lost)} lost, "
          f"{len(judgement.doubled)} doubled, {sum(again is not None for _, again in told)} sent again, "
          f"{len(differ)} answered otherwise; {kept} histories replay (cache of {cached})")  # fmt: skip
    assert judgement.is_clean, judgement
    assert (differ, live, outcomes) == ([], [], {"same"})
    assert kept > SWITCHES
