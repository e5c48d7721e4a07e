"""One office for a test: an engine, a ledger file, a signer, workers that can be stopped and started."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Container, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError, WorkflowUpdateStage
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from activities.ledger import LedgerActivities
from activities.ports import Appends
from adapters.ledger_sql import SqlLedger
from adapters.ledger_sqlite import SqliteLedger
from adapters.reference_calendar import load_calendar
from adapters.reference_methodology import load
from client.connection import start_local, start_time_skipping
from client.ids import command_id, repeatable_id
from client.programme import Programme
from client.signing import Signer
from domain import evolution
from domain.cluster import Cluster
from domain.offers import offers
from domain.recording import Actor, Envelope, Fact, Head, Receipt
from domain.rulebook import pack, unpack
from ledger.chain import verify_chain
from ledger.entry import fact_of
from ledger.projections import PROJECTIONS
from tests.scripted import answered
from workflows.chapter import stream_of
from workflows.cluster_development import ClusterDevelopment
from workflows.options import sandbox
from workflows.trust import trust

ROOT = Path(__file__).parents[2]
RULEBOOK = pack(
    load(ROOT / "reference/methodology/isipo-unido-default/1.0").methodology,
    load_calendar(ROOT / "reference/calendar/iran"),
)
CLUSTER = "qom-footwear"
QUEUE = "khoosheh"
TEXT = "hmac-sha256:" + "0" * 64
COORDINATOR = Actor(person="p-coordinator", role="provincial_coordinator", scope="province/qom")
IDENTITY: dict[str, Any] = {"name_fa": "کفش قم", "name_en": "Qom footwear", "province": "qom", "product": "footwear"}


class Office:
    """What a test holds: everything real but the people."""

    def __init__(self, env: WorkflowEnvironment, ledger: SqlLedger, *, rehearsal: bool) -> None:
        self.env, self.ledger, self.rehearsal = env, ledger, rehearsal
        self.signer = Signer(Ed25519PrivateKey.generate(), "test")
        self.now: datetime | None = None
        trust({"test": self.signer.public_key})
        self.programme = self.client()
        self._sent = 0

    def client(self, **options: Any) -> Programme:
        return Programme(self.env.client, self.ledger, self.signer, self.clock, task_queue=QUEUE, **options)

    def clock(self) -> datetime:
        return self.now or datetime.now(UTC)

    def worker(self, appends: Appends | None = None, **options: Any) -> Worker:
        activities = options.pop("activities", [LedgerActivities(appends or self.ledger).append])
        return Worker(
            self.env.client, task_queue=QUEUE, workflows=[ClusterDevelopment], activities=activities,
            workflow_runner=sandbox(), build_id="test", graceful_shutdown_timeout=timedelta(0), **options,
        )  # fmt: skip

    def asks(
        self, kind: str, actor: Actor = COORDINATOR, *, id: str = "", cluster: str = CLUSTER, **data: Any
    ) -> Envelope:
        self._sent += 1
        at = self.clock()
        made = repeatable_id("test", cluster, self._sent) if self.rehearsal else command_id(at)
        return Envelope(id=id or made, cluster=cluster, type=kind, occurred_at=at, actor=actor, data=data)

    def finding(self, **options: Any) -> Envelope:
        """A remark of the national office, of which a cluster takes only so many at once."""
        office = Actor(person="p-office", role="national_office", scope="nation")
        return self.asks("OpenFinding", office, level="note", text=TEXT, **options)

    def reminder(self, *, duty: str = "cluster_profile", **options: Any) -> Envelope:
        """A small command that is accepted as long as the duty is owed, again and again."""
        return self.asks("RemindNow", duty=duty, **options)

    async def open(self, cluster: str = CLUSTER) -> Receipt:
        identify = self.asks("IdentifyCluster", cluster=cluster, **IDENTITY)
        return await self.programme.open(identify, RULEBOOK, rehearsal=self.rehearsal)

    async def enter(self, status: str) -> Receipt:
        """The cluster enters with a past."""
        entering = self.asks("ImportCluster", **IDENTITY, status=status)
        return await self.programme.open(entering, RULEBOOK, rehearsal=self.rehearsal)

    async def fact(self, kind: str, cluster: str = CLUSTER) -> Fact:
        """The first fact of that type, once it is sealed."""
        while True:
            found = next((fact for fact in self.facts(cluster) if fact.type == kind), None)
            if found is not None:
                return found
            await self.handle(cluster).query(ClusterDevelopment.state)  # each time the engine has a say

    def signed(self, envelope: Envelope) -> Envelope:
        return self.signer.signed(envelope, self.clock())

    async def start(self, envelope: Envelope) -> Any:
        """The command is accepted; its receipt is still awaited."""
        return await self.handle(envelope.cluster).start_update(
            ClusterDevelopment.submit, self.signed(envelope), wait_for_stage=WorkflowUpdateStage.ACCEPTED
        )

    async def send(self, envelope: Envelope) -> Receipt:
        """One attempt, past the client's patience."""
        return await self.handle(envelope.cluster).execute_update(ClusterDevelopment.submit, self.signed(envelope))

    async def again(self, envelope: Envelope) -> Receipt:
        """Sent once more past what the client could know, trying as often as a chapter ends meanwhile."""
        while True:
            with suppress(WorkflowUpdateFailedError):
                return await self.send(envelope)

    async def cluster(self, cluster: str = CLUSTER) -> Cluster:
        live = await self.handle(cluster).query(ClusterDevelopment.state)
        return evolution.load(live["state"], unpack(RULEBOOK))

    async def sleep_until(self, moment: datetime) -> None:
        """Virtual time passes, and everything due on the way happens and is sealed."""
        await self.env.sleep(moment - await self.env.get_current_time())
        self.now = moment
        stream = stream_of(CLUSTER)
        while (await self.handle().query(ClusterDevelopment.state))["seq"] != self.ledger.head(stream).seq:
            pass

    async def do_what_is_offered(self) -> None:
        """The first thing that brings the cluster forward is done by whoever may."""
        cluster = await self.cluster()
        offer = next(o for o in offers(cluster, cluster.calendar.day_of(self.clock())) if o.forward)
        role = cluster.methodology.role_by_key[offer.role]
        scope = {"nation": "nation", "province": "province/qom", "cluster": f"cluster/{CLUSTER}"}[role.scope]
        not_by = {person for field in offer.missing for person in field.get("not_by", ())}
        names = (f"p-{offer.role.replace('_', '-')}-{n}" for n in range(9))
        person = next(iter(offer.persons), "") or next(name for name in names if name not in not_by)
        data = answered(offer.model_dump(mode="json"), [f"p-member-{n}" for n in range(5)])
        await self.programme.submit(self.asks(offer.type, Actor(person=person, role=offer.role, scope=scope), **data))

    def handle(self, cluster: str = CLUSTER) -> WorkflowHandle[Any, Any]:
        return self.env.client.get_workflow_handle(stream_of(cluster))

    def facts(self, cluster: str = CLUSTER) -> list[Fact]:
        return [fact_of(leaf) for leaf in self.ledger.entries(stream_of(cluster))]

    async def chapters(self, cluster: str = CLUSTER) -> list[WorkflowHandle[Any, Any]]:
        """Every run of the cluster, the last first, found along its chain."""
        client, run = self.env.client, (await self.handle(cluster).describe()).run_id
        runs: list[WorkflowHandle[Any, Any]] = []
        while run:
            runs.append(client.get_workflow_handle(stream_of(cluster), run_id=run))
            first = (await runs[-1].fetch_history()).events[0]
            run = first.workflow_execution_started_event_attributes.continued_execution_run_id
        return runs

    def check_record(self, cluster: str = CLUSTER) -> None:
        """The chain of the cluster's facts is unbroken."""
        stream = stream_of(cluster)
        head = verify_chain(stream, self.ledger.entries(stream))
        assert head == self.ledger.head(stream)

    async def check(self, cluster: str = CLUSTER) -> int:
        """The record is whole, the fold is the live state, and every chapter replays. The number of chapters."""
        self.check_record(cluster)
        stream = stream_of(cluster)
        live = await self.handle(cluster).query(ClusterDevelopment.state)
        snapshot = self.ledger.snapshot(stream)
        assert snapshot is not None
        assert (live["seq"], live["digest"]) == (snapshot.seq, snapshot.state_digest)
        runs = await self.chapters(cluster)
        replayer = Replayer(
            workflows=[ClusterDevelopment], workflow_runner=sandbox(), data_converter=pydantic_data_converter
        )
        for run in runs:
            await replayer.replay_workflow(await run.fetch_history())
        return len(runs)


@asynccontextmanager
async def real_office(folder: Path) -> AsyncIterator[Office]:
    """On the real server, in memory."""
    ledger = SqliteLedger(folder / "ledger.sqlite", PROJECTIONS)
    async with await start_local() as env:
        yield Office(env, ledger, rehearsal=False)
    ledger.close()


@asynccontextmanager
async def rehearsing_office(folder: Path) -> AsyncIterator[Office]:
    """On virtual time, where commands are given at 15:00 of the office's days."""
    ledger = SqliteLedger(folder / "ledger.sqlite", PROJECTIONS, rehearsal=True)
    async with await start_time_skipping() as env:
        office = Office(env, ledger, rehearsal=True)
        office.now = (await env.get_current_time()).replace(hour=11, minute=30, second=0, microsecond=0)
        yield office
    ledger.close()


class Failing:
    """A ledger that cannot be reached at the appends `fails` names, counted from 0."""

    def __init__(self, ledger: Appends, fails: Container[int], error: Exception | None = None) -> None:
        self._ledger, self._fails = ledger, fails
        self._error = error or ConnectionError("the ledger is away")
        self.calls = 0

    def append(self, stream: str, after: int, facts: Sequence[Fact]) -> Head:
        n, self.calls = self.calls, self.calls + 1
        if n in self._fails:
            raise self._error
        return self._ledger.append(stream, after, facts)


class CutOff:
    """A ledger whose answer gets lost, once for each batch, after the batch is committed."""

    def __init__(self, ledger: Appends) -> None:
        self._ledger = ledger
        self.cut: set[tuple[str, int]] = set()

    def append(self, stream: str, after: int, facts: Sequence[Fact]) -> Head:
        head = self._ledger.append(stream, after, facts)
        if (stream, after) not in self.cut:
            self.cut.add((stream, after))
            raise ConnectionError("committed, and cut off")
        return head


class Gate:
    """Holds appends while it is closed, before or after they are committed."""

    def __init__(self) -> None:
        self._may_pass, self._is_reached = threading.Event(), threading.Event()
        self._may_pass.set()

    def close(self) -> None:
        self._is_reached.clear()
        self._may_pass.clear()

    def open(self) -> None:
        self._may_pass.set()

    async def reached(self) -> None:
        await asyncio.to_thread(self._is_reached.wait)

    def pass_through(self) -> None:
        self._is_reached.set()
        self._may_pass.wait()

    def before(self, ledger: Appends) -> Appends:
        return Gated(ledger, before=self.pass_through)

    def after(self, ledger: Appends) -> Appends:
        return Gated(ledger, after=self.pass_through)


class Gated:
    def __init__(
        self, ledger: Appends, *, before: Callable[[], object] = bool, after: Callable[[], object] = bool
    ) -> None:
        self._ledger, self._before, self._after = ledger, before, after

    def append(self, stream: str, after: int, facts: Sequence[Fact]) -> Head:
        self._before()
        head = self._ledger.append(stream, after, facts)
        self._after()
        return head


OFFICES: dict[str, Callable[[Path], Any]] = {"real": real_office, "rehearsing": rehearsing_office}
