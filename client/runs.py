"""What the engine says of a cluster: its runs along their chain, and the open one's own answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import (
    Client,
    RPCError,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCStatusCode

from client.run_history import Events, run_of
from ledger.reconciliation import Engine, Run
from workflows.chapter import Chapter
from workflows.cluster_development import ClusterDevelopment

ANSWERS_WITHIN = timedelta(seconds=10)

History = Callable[[str, str], Awaitable[Events | None]]
"""Stream and run → the events of its history, or None when nobody has it."""


async def nobody(stream: str, run: str) -> Events | None:  # noqa: ARG001 - a History
    """No histories but the engine's own."""
    return None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the engine says, the chapters its runs began with, and how long the last run's history was."""

    engine: Engine
    chapters: tuple[Chapter, ...] = ()
    run: str = ""
    is_open: bool = False
    length: int = 0


async def seen(client: Client, stream: str, kept: History = nobody) -> Seen:
    """All of it. `kept` finds histories that the engine itself has no more."""
    described = await _described(client, stream)
    if described is None:
        return Seen(Engine())
    # The open run's answer first: what it has sealed by then is in its history.
    is_open = described.status == WorkflowExecutionStatus.RUNNING
    answer = await _answer(client, stream) if is_open else {}
    runs, chapters, lost = await _chain(client, stream, described.run_id or "", kept)
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
    handle = client.get_workflow_handle_for(ClusterDevelopment.run, stream)
    try:
        return await handle.query(ClusterDevelopment.state, rpc_timeout=ANSWERS_WITHIN)
    except (WorkflowQueryFailedError, RPCError):
        return {}  # no worker, or one that cannot replay it


async def _chain(client: Client, stream: str, run: str, kept: History) -> tuple[list[Run], list[Chapter], str]:
    """The runs from the first that can be read to `run`, their chapters, and the run that nobody has any more."""
    runs: list[Run] = []
    chapters: list[Chapter] = []
    while run:
        events = await _events(client, stream, run) or await kept(stream, run)
        if not events:
            return runs, chapters, run
        told, chapter = run_of(stream, run, events)
        runs.insert(0, told)
        chapters = [chapter, *chapters] if chapter else chapters
        run = events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return runs, chapters, ""


async def _events(client: Client, stream: str, run: str) -> Events | None:
    try:
        return (await client.get_workflow_handle(stream, run_id=run).fetch_history()).events
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise
