"""What a cluster went through outlives the engine's memory of it: chapters are archived as they end, or found later."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHistory

from cli import doctor_archive
from cli.office import Office
from cli.output import Screen
from client import history as kept
from client.archiving import HistoryDiffers, HistoryGone
from client.office_work import ROUND, keep_round
from client.sweeping import unarchived
from ledger import archive
from ledger.archive import is_archived
from ledger.entry import digest_of, state_digest
from ledger.objects import ObjectsUnusable
from tests.builds import build_with
from tests.replay.people import until
from tests.workflow.kept import COMMANDS, RETENTION, Kept, kept_office
from tests.workflow.office import CLUSTER, QUEUE
from workflows import chapter


@pytest.fixture
def short_chapters(monkeypatch, tmp_path):
    """Where the code lies whose chapters are short: those who replay run in processes of their own."""
    monkeypatch.setattr(chapter, "UPDATES_A_CHAPTER", COMMANDS)
    limit = "UPDATES_A_CHAPTER = "
    return build_with(tmp_path / "build", "workflows/chapter.py", f"{limit}1_500", f"{limit}{COMMANDS}")


async def test_a_chapter_that_ends_is_archived_whole_by_the_one_that_follows(short_chapters, tmp_path):
    async with kept_office(tmp_path, short_chapters) as here, here.worker():
        await here.office.open()
        for _ in range(3):
            await here.a_chapter()
        await here.has_archived(3)
        chain = [handle.run_id for handle in reversed(await here.office.chapters())]
        first, *_ = runs = here.runs()
        assert [run.run for run in runs] == chain[: len(runs)]
        assert [run.number for run in runs] == [n for n, _ in enumerate(runs, 1)]
        beside = list(zip([None, *chain], chain[1:], strict=False))
        assert [(run.before, run.after) for run in runs] == beside[: len(runs)]
        assert {(run.kind, run.verdict, run.closed, run.first_run) for run in runs} == {
            ("whole", "same", "continued_as_new", chain[0])
        }
        stored = here.objects.get(archive.name_of(first.digest))
        assert (digest_of(stored), len(stored)) == (first.digest, first.size)
        theirs = await here.office.env.client.get_workflow_handle(first.workflow, run_id=first.run).fetch_history()
        assert list(kept.unpacked(stored).events) == list(theirs.events)
        assert (first.first_event, first.last_event, first.events) == (1, len(theirs.events), len(theirs.events))
        assert first.seq == len([f for b in kept.batches_in(theirs.events) for f in b.facts])
        assert await here.office.check() > 3


async def test_an_archive_that_is_away_delays_no_command_and_is_filled_when_it_is_back(
    short_chapters, monkeypatch, tmp_path
):
    async with kept_office(tmp_path, short_chapters) as here:
        here.objects.away = True
        async with here.worker():
            await here.office.open()
            for _ in range(3):
                await here.a_chapter()
            assert here.runs() == []
            here.objects.away = False
            # The chapter at work now asks for all that ended before it.
            await here.has_archived(3)
        assert [run.number for run in here.runs()] == [1, 2, 3]


async def test_the_sweep_finds_what_was_terminated_behind_our_back(tmp_path):
    async with kept_office(tmp_path) as here:
        await here.office.open()
        await here.terminated()
        run = (await here.office.handle().describe()).run_id
        assert (await here.sweep()).archived == 1
        (found,) = here.runs()
        assert (found.run, found.kind, found.closed, found.verdict) == (run, "whole", "terminated", "same")
        assert (await here.sweep()).archived == 0
        assert len(here.office.ledger.entries(archive.STREAM)) == 1


async def test_a_running_chapter_is_kept_weekly_and_the_whole_begins_with_it(tmp_path):
    async with kept_office(tmp_path) as here:
        await here.office.open()
        await here.is_listed()
        assert (await here.sweep()).prefixes == 0
        here.now += timedelta(days=8)
        assert (await here.sweep()).prefixes == 1
        (prefix,) = here.runs()
        assert (prefix.kind, prefix.closed, prefix.verdict) == ("prefix", None, "same")
        assert (await here.sweep()).prefixes == 0
        here.now += timedelta(days=8)
        assert (await here.sweep()).prefixes == 0  # nothing was sealed since
        await here.office.programme.submit(here.office.reminder())
        assert (await here.sweep()).prefixes == 1
        (longer,) = here.runs()
        assert longer.last_event > prefix.last_event
        await here.terminated()
        assert (await here.sweep()).archived == 1
        (whole,) = here.runs()
        assert (whole.kind, whole.run) == ("whole", prefix.run)
        assert whole.last_event > longer.last_event


async def test_a_history_that_no_longer_begins_as_it_was_kept_is_refused_and_told(tmp_path):
    async with kept_office(tmp_path) as here:
        await here.office.open()
        await here.is_listed()
        here.now += timedelta(days=8)
        await here.sweep()
        (known,) = here.runs()
        events = kept.unpacked(here.objects.get(archive.name_of(known.digest))).events
        events[-1].event_time.seconds += 1
        (tmp_path / "archive" / archive.name_of(known.digest)).unlink()
        here.objects.put(archive.name_of(known.digest), kept.packed(WorkflowHistory("x", events)))
        await here.terminated()
        told = await here.sweep()
        assert (told.archived, [why[:14] for why in told.failed.values()]) == (0, ["HistoryDiffers"])
        with pytest.raises(HistoryDiffers):
            await here.archivist.archive(CLUSTER, known.run)
        assert here.runs() == [known]


async def gone(cluster, run):
    raise HistoryGone(cluster)


async def test_what_ended_long_ago_and_is_not_archived_is_told_before_the_engine_lets_it_go(
    tmp_path, monkeypatch, caplog
):
    async with kept_office(tmp_path) as here:
        await here.office.open()
        await here.terminated()
        here.objects.away = True
        with pytest.raises(ObjectsUnusable):
            await here.sweep()
        client, ledger = here.office.env.client, here.office.ledger
        assert await unarchived(client, ledger, here.now - RETENTION / 4) == []
        here.now += RETENTION / 4
        (late,) = await unarchived(client, ledger, here.now - RETENTION / 4)
        assert (late.cluster, is_archived(ledger, late.cluster, late.run)) == (CLUSTER, False)
        office = Office(tmp_path, Screen("en", json=True, quiet=False))
        (line,) = await doctor_archive.late(office, client)
        assert line.state == "ok"
        monkeypatch.setattr(doctor_archive, "now", here.clock)
        (line,) = await doctor_archive.late(office, client)
        assert (line.state, line.detail) == ("broken", f"archive_late: 1; {late}")
        here.objects.away = False
        monkeypatch.setattr(here.archivist, "archive", gone)
        told = await here.sweep()
        assert (told.late, list(told.failed)) == ((str(late),), [str(late)])
        assert "archive_late" in [record.message for record in caplog.records]


async def test_the_office_makes_its_round_by_a_schedule_that_is_made_once(tmp_path):
    async with kept_office(tmp_path) as here, here.worker():
        await here.office.open()
        await here.terminated()
        for _ in range(2):
            await keep_round(here.office.env.client, QUEUE)
        schedule = here.office.env.client.get_schedule_handle(ROUND)
        (interval,) = (await schedule.describe()).schedule.spec.intervals
        assert interval.every == timedelta(minutes=15)
        await schedule.trigger()
        await here.has_archived(1)

        async def is_over():
            actions = (await schedule.describe()).info.recent_actions
            return bool(actions) and not (await schedule.describe()).info.running_actions

        await until(is_over, "the round")
        last = (await schedule.describe()).info.recent_actions[-1].action.workflow_id
        done = here.office.env.client.get_workflow_handle(last)
        assert (await done.describe()).status == WorkflowExecutionStatus.COMPLETED
        assert await done.result() == []


async def test_two_who_archive_the_same_run_put_it_on_record_once(tmp_path):
    async with kept_office(tmp_path) as here:
        await here.office.open()
        await here.terminated()
        run = (await here.office.handle().describe()).run_id
        other = Kept(here.office, tmp_path)
        await asyncio.gather(here.archivist.archive(CLUSTER, run), other.archivist.archive(CLUSTER, run))
        assert len(here.office.ledger.entries(archive.STREAM)) == 1
        snapshot = here.office.ledger.snapshot(f"cluster/{CLUSTER}")
        assert here.runs()[0].state_digest == snapshot.state_digest == state_digest(snapshot.state_json)


async def test_a_history_whose_replay_breaks_is_kept_all_the_same_and_says_so(tmp_path):
    (tmp_path / "client").mkdir()
    (tmp_path / "client" / "replaying.py").write_text("import no_such_package\n")
    async with kept_office(tmp_path, tmp_path) as here:
        await here.office.open()
        await here.terminated()
        assert (await here.sweep()).archived == 1
        assert [(run.kind, run.verdict, run.seq) for run in here.runs()] == [("whole", "failed", None)]
