"""What the engine says of a cluster: its runs along their chain, and the open one's own answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import (
    Client,
    RPCError,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCStatusCode

from client.archived import Archive, Found
from client.history import links, moment_of
from client.run_history import Events, run_of
from ledger.reconciliation import Engine, Run
from workflows.chapter import Chapter
from workflows.cluster_development import ClusterDevelopment

ANSWERS_WITHIN = timedelta(seconds=10)

SOON = timedelta(hours=1)
"""An ended run is archived by its successor at once, or by one of the next rounds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the engine says, the chapters its runs began with, and how long the last run's history was."""

    engine: Engine
    chapters: tuple[Chapter, ...] = ()
    run: str = ""
    is_open: bool = False
    length: int = 0


async def seen(client: Client, stream: str, archive: Archive) -> Seen:
    """All of it."""
    described = await _described(client, stream)
    if described is None:
        return Seen(Engine())
    # The open run's answer first: what it has sealed by then is in its history.
    is_open = described.status == WorkflowExecutionStatus.RUNNING
    answer = await _answer(client, stream) if is_open else {}
    runs, chapters, lost = await _chain(client, stream, described.run_id or "", archive)
    engine = Engine(tuple(runs), lost, int(answer.get("seq", 0)), answer.get("digest", ""), answer.get("frozen", False))
    return Seen(engine, tuple(chapters), described.run_id or "", is_open, described.history_length)


async def last_run(client: Client, stream: str) -> tuple[str, int]:
    """The id of the last run and how many events it has; empty when there is none."""
    described = await _described(client, stream)
    return (described.run_id or "", described.history_length) if described else ("", 0)


async def open_clusters(client: Client) -> Iterator[str]:
    """Every cluster that the engine knows an open run of, also one that the ledger has never heard of."""
    named = f"WorkflowType = '{ClusterDevelopment.__name__}' AND ExecutionStatus = 'Running'"
    found = [one.id async for one in client.list_workflows(named)]
    return (id.removeprefix("cluster/") for id in sorted(found) if id.startswith("cluster/"))


async def _described(client: Client, stream: str) -> WorkflowExecutionDescription | None:
    try:
        return await client.get_workflow_handle(stream).describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise


async def _answer(client: Client, stream: str) -> dict[str, Any]:
    handle = client.get_workflow_handle(stream)
    try:
        return await handle.query(ClusterDevelopment.state, rpc_timeout=ANSWERS_WITHIN)
    except (WorkflowQueryFailedError, RPCError):
        return {}  # no worker, or one that cannot replay it


async def _chain(client: Client, stream: str, run: str, archive: Archive) -> tuple[list[Run], list[Chapter], str]:
    """The runs from the first that can be read to `run`, their chapters, and the run that nobody has any more."""
    runs: list[Run] = []
    chapters: list[Chapter] = []
    while run:
        events = await _events(client, stream, run)
        found = await archive.find(stream, run) if events is None or _has_ended(events) else Found("kept")
        read = events or found.events
        if not read:
            return runs, chapters, run
        told, chapter = run_of(stream, run, read)
        archived = "" if found.keeping == "kept" or _is_fresh(read, found.keeping) else found.keeping
        runs.insert(0, replace(told, archived=archived, in_engine=events is not None))
        chapters = [chapter, *chapters] if chapter else chapters
        run = read[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return runs, chapters, ""


def _has_ended(events: Events) -> bool:
    return links(events).closed is not None


def _is_fresh(events: Events, keeping: str) -> bool:
    """True of a run whose turn to be archived has only just come."""
    return keeping == "late" and datetime.now(UTC) - moment_of(events[-1]) < SOON


async def _events(client: Client, stream: str, run: str) -> Events | None:
    try:
        return (await client.get_workflow_handle(stream, run_id=run).fetch_history()).events
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise
