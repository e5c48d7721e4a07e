"""Drills: either half from yesterday, both from different days, something lost. The same heads, or a named finding.

Chapters are short here, so that there are ended ones in the archive; the log is sealed by `seal`, as `up` does.
"""

import asyncio
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.place import Place
from tests.faults.short_chapters import UPDATES
from tests.oracle import judge_live
from workflows.office_round import OfficeRound
from workflows.outbound import office_queue

pytestmark = pytest.mark.timeout(600)
LEDGER, ENGINE = "ledger.sqlite", "engine.sqlite"
BESIDE = ("", "-wal", "-shm", "-journal")
OLD, NEW = "old-cluster", "new-cluster"
RECOVER = ("--as", "p-0001", "--second", "p-0004", "--reason", "engine_restored")


class Drill(Place):
    """An office whose files of earlier days are kept."""

    def __init__(self, data, kept):
        self.kept, self.published = kept, 0
        super().__init__(data)

    def begin(self):
        self.machine.run_as_worker("-m", "tests.faults.short_chapters")
        super().begin()

    def stopped(self):
        """Nothing runs, and nothing is lost by it."""
        asyncio.run(self.machine.stop())

    def keep(self, day):
        """The files of that day are on the shelf; the office goes on."""
        self.stopped()
        for name in self.files(self.machine.data, LEDGER, ENGINE):
            (self.kept / day).mkdir(parents=True, exist_ok=True)
            shutil.copy(self.machine.data / name, self.kept / day / name)
        self.begin()

    def restored(self, day, name):
        """The file as it was that day; nothing runs yet."""
        for each in self.files(self.machine.data, name):
            (self.machine.data / each).unlink()
        for each in self.files(self.kept / day, name):
            shutil.copy(self.kept / day / each, self.machine.data / each)

    def files(self, folder, *names):
        return [name + end for name in names for end in BESIDE if (folder / (name + end)).exists()]

    def sheet(self, person):
        """A sheet with one person more."""
        place = self.kept / f"{person}.csv"
        place.write_text(f"person,role,scope\n{person},evaluator,nation\n", "utf-8")
        return place

    def sealed(self):
        return self.line("seal", "--once")

    def heads(self):
        with self.machine.ledger() as ledger:
            return {stream: head for stream, head in ledger.streams() if stream.startswith("cluster/")}

    def log(self, size):
        with self.machine.ledger() as ledger:
            return [(one.place, one.stream, one.seq, one.leaf) for one in ledger.log(0, size)]

    def size(self):
        with self.machine.ledger() as ledger:
            return ledger.log_size()

    def archived(self):
        """The office's round is made once: every ended chapter is in the archive."""

        async def make_a_round():
            queue = office_queue(self.machine.settings.task_queue)
            client = await self.machine.connected()
            await client.execute_workflow(OfficeRound.run, id="round-of-a-drill", task_queue=queue)

        asyncio.run(make_a_round())

    def all_findings(self, code=1):
        told = self.line("audit", "reconcile", "--all", code=code)
        return {(one["cluster"], one["kind"], one["code"]) for one in told["findings"]}

    def check(self):
        """Nothing is to be found, and every cluster lives as it is sealed."""
        assert self.all_findings(code=0) == set()

        async def judged():
            with self.machine.ledger() as ledger:
                return await judge_live(await self.machine.connected(), ledger)

        assert asyncio.run(judged()) == []


@pytest.fixture
def drill(tmp_path):
    """Monday: a cluster. Tuesday: it goes on. Today: a new one, a person more, and something no checkpoint covers."""
    (tmp_path / "office").mkdir()
    drill = Drill(tmp_path / "office", tmp_path / "kept")
    drill.opened(OLD, UPDATES + 2)
    drill.sealed()
    drill.keep("monday")
    drill.reminded(OLD)
    drill.sealed()
    drill.keep("tuesday")
    for _ in range(UPDATES):
        drill.reminded(OLD)
    drill.opened(NEW, UPDATES + 2)
    drill.line("directory", "import", drill.sheet("p-0901"))
    drill.published = drill.sealed()["sealed"]["size"]
    drill.reminded(NEW)
    yield drill
    drill.stopped()


def test_an_office_at_work_shows_no_difference_while_chapters_end(drill):
    with ThreadPoolExecutor() as threads:
        calling = [threads.submit(drill.commanded, cluster, 5 * UPDATES) for cluster in (OLD, NEW)]
        looked = 0
        while looked < 3 or not all(one.done() for one in calling):
            assert drill.all_findings(code=0) == set()
            looked += 1
        assert [one.result() for one in calling] == [5 * UPDATES] * 2
    drill.check()


def test_a_ledger_from_yesterday_gets_back_every_entry_at_its_place(drill):
    heads, log = drill.heads(), drill.log(drill.published)
    drill.stopped()
    drill.restored("monday", LEDGER)
    assert drill.heads() != heads
    refilled = drill.line("ledger", "refill")
    assert refilled["repaired"][0]["repair"] == "log.refilled"
    assert drill.log(drill.published) == log
    drill.begin()
    assert (NEW, "behind", "not_in_ledger") in drill.all_findings()
    drill.line("ledger", "repair", "--all")
    assert drill.heads() == heads
    drill.check()
    drill.sealed()  # the signer remembers the younger log, and finds it extended
    drill.reminded(OLD)
    drill.reminded(NEW)
    drill.check()


def test_an_engine_from_yesterday_is_made_anew_from_the_record(drill):
    heads = drill.heads()
    drill.stopped()
    drill.restored("monday", ENGINE)
    drill.begin()
    assert {(OLD, "ahead", "not_in_engine"), (NEW, "missing_run", "no_run")} <= drill.all_findings()
    for cluster in (OLD, NEW):
        drill.line("recover", cluster, *RECOVER)
    now = drill.heads()
    assert {stream: head.seq for stream, head in now.items()} == {s: head.seq + 1 for s, head in heads.items()}
    drill.reminded(OLD)
    drill.reminded(NEW)
    drill.check()


def test_both_from_different_days_end_with_the_record_of_today(drill):
    heads, log = drill.heads(), drill.log(drill.published)
    drill.stopped()
    drill.restored("monday", LEDGER)
    drill.restored("tuesday", ENGINE)
    drill.line("ledger", "refill")
    assert drill.log(drill.published) == log
    drill.begin()
    for cluster in (OLD, NEW):
        drill.line("recover", cluster, *RECOVER)
        drill.reminded(cluster)
    drill.check()
    # What neither a checkpoint nor an engine has any more is lost: the last command to the new cluster.
    sealed = {stream: head.seq for stream, head in heads.items()}
    assert {s: head.seq for s, head in drill.heads().items()} == {
        f"cluster/{OLD}": sealed[f"cluster/{OLD}"] + 2,
        f"cluster/{NEW}": sealed[f"cluster/{NEW}"] + 1,
    }


def test_what_was_sealed_on_a_ledger_from_yesterday_is_named_and_never_overwritten(drill):
    drill.stopped()
    drill.restored("monday", LEDGER)
    drill.line("directory", "import", drill.sheet("p-0902"))
    before = drill.log(drill.size())
    told = drill.line("ledger", "refill", code=1)
    assert [one["code"] for one in told["findings"]] == ["log_forked"]
    assert drill.log(drill.size()) == before


def test_lost_views_are_made_anew_from_the_entries_alone(drill):
    drill.stopped()
    path = drill.machine.data / LEDGER
    tables = ("portfolio", "duties", "notices", "people", "agents", "assignments", "refusals", "snapshots", "streams")
    before = contents(path, tables)
    raw = sqlite3.connect(path)
    for table in tables:
        raw.execute(f"DELETE FROM {table}")  # noqa: S608 - our tables
    raw.commit()
    raw.close()
    drill.line("ledger", "rebuild-views", *before["names"])
    again = contents(path, tables)
    for table in tables:
        ours = [row for row in again[table] if "repairs" not in row]
        assert ours == before[table], table
    drill.begin()
    drill.check()


def contents(path, tables):
    raw = sqlite3.connect(path)
    found = {table: sorted(map(str, raw.execute(f"SELECT * FROM {table}"))) for table in tables}  # noqa: S608 - our tables
    found["names"] = [name for (name,) in raw.execute("SELECT DISTINCT stream FROM entries ORDER BY 1")]
    raw.close()
    return found


def test_a_lost_document_is_named(drill):
    done = drill.line("do", OLD, "open-finding", "level=note", "text=the roof leaks", "--as", "p-0001")
    assert done["events"]
    drill.check()
    files = (place for place in (drill.machine.data / "documents").rglob("*") if place.is_file())
    place = next(place for place in files if b"roof leaks" in place.read_bytes())
    kept = place.read_bytes()
    place.unlink()
    assert drill.all_findings() == {(OLD, "conflict", "document_lost")}
    place.write_bytes(kept[:-1] + b"!")
    assert drill.all_findings() == {(OLD, "conflict", "document_lost")}
    place.write_bytes(kept)
    drill.check()


def test_a_lost_history_is_put_back_while_the_engine_has_it_and_named_when_it_has_not(drill):
    drill.archived()
    drill.check()
    histories = sorted((drill.machine.data / "archive" / "history").iterdir())
    assert len(histories) >= 3
    for place in histories:
        place.unlink()
    assert drill.all_findings() == {(OLD, "missing_run", "archive_missing"), (NEW, "missing_run", "archive_missing")}
    drill.line("ledger", "repair", "--all")
    assert sorted((drill.machine.data / "archive" / "history").iterdir()) == histories
    drill.check()
    first = asyncio.run(first_run(drill))
    drill.temporal("workflow", "delete", "-w", f"cluster/{OLD}", "--run-id", first, "--yes")
    asyncio.run(gone(drill, first))
    drill.check()  # the archive has it
    for place in histories:
        place.unlink()
    assert (OLD, "missing_run", "run_not_found") in drill.all_findings()


async def first_run(drill):
    client = await drill.machine.connected()
    events = (await client.get_workflow_handle(f"cluster/{OLD}").fetch_history()).events
    return events[0].workflow_execution_started_event_attributes.first_execution_run_id


async def gone(drill, run):
    client = await drill.machine.connected()
    while True:
        if run not in [one.run_id async for one in client.list_workflows(f"WorkflowId = 'cluster/{OLD}'")]:
            return
