"""A history as it is kept: protobuf, compressed, named by the digest of these bytes; and what stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import zstandard
from google.protobuf.message import DecodeError
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import WorkflowHistory

from client.connection import CONVERTER
from domain.recording import Fact
from workflows.chapter import Chapter
from workflows.outbound import append

LEVEL = 10
MOST_BYTES = 256 * 2**20
"""A history has at most 50 MB at the server; what claims to be so much larger is none."""

CLOSING = {
    "WORKFLOW_EXECUTION_COMPLETED", "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_EXECUTION_TIMED_OUT",
    "WORKFLOW_EXECUTION_CANCELED", "WORKFLOW_EXECUTION_TERMINATED", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
}  # fmt: skip
"""The events a run ends with; `HistoryArchived.closed` has the last part, in lower case."""


class HistoryUnfit(Exception):
    """Not what a history has to be. `code`: unreadable, gap, not_started, not_ended, foreign (no chapter of it)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


class Batch(NamedTuple):
    """Facts that a run handed to the ledger, to follow entry `after`."""

    after: int
    facts: list[Fact]


class Links(NamedTuple):
    """Where a run stands in the chain of its workflow."""

    first_run: str
    before: str | None
    after: str | None
    closed: str | None


def packed(history: WorkflowHistory) -> bytes:
    """The bytes that are kept."""
    record = History(events=history.events).SerializeToString(deterministic=True)
    return zstandard.ZstdCompressor(level=LEVEL, write_content_size=True).compress(record)


def unpacked(stored: bytes) -> WorkflowHistory:
    """HistoryUnfit `unreadable` for what was never packed, `not_started` for what has no beginning."""
    try:
        if not 0 < zstandard.frame_content_size(stored) <= MOST_BYTES:
            raise HistoryUnfit("unreadable", "size")
        record = History.FromString(zstandard.ZstdDecompressor().decompress(stored))
    except (zstandard.ZstdError, DecodeError) as fault:
        raise HistoryUnfit("unreadable", str(fault)) from None
    return WorkflowHistory(_started(record.events).workflow_id, list(record.events))


def check(events: Sequence[HistoryEvent]) -> None:
    """HistoryUnfit unless begun as a run does and numbered from 1 without a gap."""
    _started(events)
    for place, event in enumerate(events, 1):
        if event.event_id != place:
            raise HistoryUnfit("gap", f"event {place} is numbered {event.event_id}")


def check_whole(events: Sequence[HistoryEvent]) -> None:
    """HistoryUnfit unless ended as a run does."""
    check(events)
    if links(events).closed is None:
        raise HistoryUnfit("not_ended", _type(events[-1]))


def links(events: Sequence[HistoryEvent]) -> Links:
    """The run's place, from its first event and its last."""
    started, last = _started(events), events[-1]
    closed = _type(last) if _type(last) in CLOSING else ""
    return Links(
        first_run=started.first_execution_run_id,
        before=started.continued_execution_run_id or None,
        after=last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id or None,
        closed=closed.removeprefix("WORKFLOW_EXECUTION_").lower() or None,
    )


def chapter_of(events: Sequence[HistoryEvent]) -> Chapter:
    """The input of the recorded run; HistoryUnfit `foreign` where it is no chapter of ours."""
    try:
        (chapter,) = CONVERTER.payload_converter.from_payloads(_started(events).input.payloads, [Chapter])
    except Exception as fault:
        raise HistoryUnfit("foreign", str(fault)[:200]) from fault
    if not isinstance(chapter, Chapter):
        raise HistoryUnfit("foreign", type(chapter).__name__)
    return chapter


def batches_in(events: Sequence[HistoryEvent]) -> list[Batch]:
    """What the recorded run handed to the ledger, in its order."""
    return list(handed_over(events).values())


def handed_over(events: Sequence[HistoryEvent]) -> dict[int, Batch]:
    """The same, each by the id of the event that asked the ledger."""
    found = {}
    for event in events:
        if event.HasField("activity_task_scheduled_event_attributes"):
            asked = event.activity_task_scheduled_event_attributes
            if asked.activity_type.name == append.__name__:
                types: list[Any] = [str, int, list[Fact]]
                _, after, facts = CONVERTER.payload_converter.from_payloads(asked.input.payloads, types)
                found[event.event_id] = Batch(after, facts)
    return found


def build_of(events: Sequence[HistoryEvent]) -> str:
    """The build that carried out the last recorded task; empty when none was."""
    for event in reversed(events):
        if event.HasField("workflow_task_completed_event_attributes"):
            done = event.workflow_task_completed_event_attributes
            return str(done.deployment_version.build_id or done.worker_version.build_id)
    return ""


def moment_of(event: HistoryEvent) -> datetime:
    return event.event_time.ToDatetime(UTC)


def _started(events: Sequence[HistoryEvent]) -> Any:
    if not events or not events[0].HasField("workflow_execution_started_event_attributes"):
        raise HistoryUnfit("not_started")
    return events[0].workflow_execution_started_event_attributes


def _type(event: HistoryEvent) -> str:
    return EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
