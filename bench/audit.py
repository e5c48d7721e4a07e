"""`audit replay` against the engine's own replayer on the same histories, which checks the course alone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from adapters.ledger_sqlite import SqliteReader
from adapters.objects_folder import ObjectFolder
from bench.figure import Figure, middle
from bench.office import cpu
from client.connection import CONVERTER
from client.history import unpacked
from client.replay_audit import ReplayAudit
from client.replayers import Replayers
from ledger.archive import STREAM, HistoryArchived, archived_in, name_of
from workflows.cluster_development import ClusterDevelopment

ROOT = Path(__file__).parents[1]
SHEET = ROOT / "reference/clusters/iran.csv"
CLUSTERS, MONTHS, REPEATS = 6, 36, 3


async def run() -> list[Figure]:
    with TemporaryDirectory(prefix="khoosheh-bench-") as folder:
        data = Path(folder) / "data"
        _rehearse(data)
        with closing(SqliteReader(data / "ledger.sqlite")) as ledger:
            store = ObjectFolder(data / "archive")
            archived = archived_in(ledger.entries(STREAM))
            histories = [unpacked(store.get(name_of(run.digest))) for runs in archived.values() for run in runs]
            raw, audited, wall = [], [], []
            for _ in range(REPEATS):
                raw.append(await _raw(histories))
                one, all_ = await _audited(ledger, archived, store, 1), os.cpu_count() or 1
                audited.append(one[0])
                wall.append((await _audited(ledger, archived, store, all_))[1])
    events = sum(len(history.events) for history in histories)
    what = f"{len(archived)} clusters, {len(histories)} runs, {events} events"
    floor = middle(raw)[0]
    return [
        Figure(what=f"{what}: audit replay, of a second of processor time", reached=middle(audited)[0], unit="events",
               bound="≥", budget=0.9, of_ratio=True, floor=floor, floor_is="raw replayer", spread=middle(audited)[1],
               note="all processes; unpacked, replayed, sealed, folded, compared"),
        Figure(what="the same on all processors, by the clock", reached=middle(wall)[0], unit="events a second",
               spread=middle(wall)[1], note=f"{os.cpu_count()} processes"),
    ]  # fmt: skip


def _rehearse(data: Path) -> None:
    words = ["rehearse", str(SHEET), "--sample", str(CLUSTERS), "--months", str(MONTHS), "--keep", str(data), "--quiet"]
    subprocess.run([sys.executable, "starter.py", *words], cwd=ROOT, check=True)


async def _raw(histories: Sequence[WorkflowHistory]) -> float:
    """Events of a second of processor time, the engine's replayer used as its manual says."""
    replayer = Replayer(
        workflows=[ClusterDevelopment], workflow_runner=UnsandboxedWorkflowRunner(), data_converter=CONVERTER
    )
    began = time.process_time()
    for history in histories:
        await replayer.replay_workflow(history)
    return sum(len(history.events) for history in histories) / (time.process_time() - began)


async def _audited(
    ledger: SqliteReader, archived: dict[str, list[HistoryArchived]], store: ObjectFolder, processes: int
) -> tuple[float, float]:
    """Events of a second of processor time of all processes, and of a second of the clock; once they have started."""
    replayers = Replayers(processes)
    audit = ReplayAudit(ledger, archived, lambda: store, replayers)
    try:
        await asyncio.gather(*(replayers.replay([]) for _ in range(processes)))
        began = (time.process_time() + sum(cpu(pid).total_seconds() for pid in replayers.pids()), time.monotonic())
        told = await asyncio.gather(*map(audit.told, archived))
        used = time.process_time() + sum(cpu(pid).total_seconds() for pid in replayers.pids()) - began[0]
        assert all(one.ok for one in told), [one.findings for one in told]
        events = sum(one.history_events for one in told)
        return events / used, events / (time.monotonic() - began[1])
    finally:
        await replayers.close()
