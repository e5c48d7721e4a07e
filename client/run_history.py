"""One run of a cluster's workflow as its history tells it: what it sealed, what came in, and how it ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent

from client.connection import CONVERTER
from client.history import HistoryUnfit, chapter_of, handed_over
from domain.recording import Envelope, Fact, Head, Receipt
from ledger.entry import Leaf, seal
from ledger.reconciliation import Run, Status
from workflows.chapter import Chapter
from workflows.options import CONFLICT

UPDATE = "submit"
OURS = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})#[0-9a-f]{6}")
"""How `client.programme` names each attempt to send a command."""

Events = Sequence[HistoryEvent]

ENDS: dict[str, Status] = {
    "workflow_execution_continued_as_new": "continued",
    "workflow_execution_terminated": "terminated",
    "workflow_execution_canceled": "cancelled",
    "workflow_execution_failed": "failed",
    "workflow_execution_timed_out": "timed_out",
    "workflow_execution_completed": "completed",
}


class Answered(NamedTuple):
    """Facts that a run handed to the ledger behind entry `after`, and the answer: a head, a no, or none (yet)."""

    after: int
    facts: list[Fact]
    head: Head | None
    is_refused: bool


def run_of(stream: str, run: str, events: Events) -> tuple[Run, Chapter | None]:
    """The run, and the chapter it began with; None when that is none of ours."""
    chapter = _chapter(events)
    begins = chapter.head if chapter else Head(seq=0)
    leaves, refused, told = _sealed(stream, begins, _batches(events))
    commands, strangers = _updates(events)
    status, ended_by = _end(events)
    found = Run(
        id=run, status=status, begins=begins, from_fold=bool(chapter and chapter.from_fold), leaves=leaves,
        refused=refused, told=told, commands=commands, strangers=strangers if chapter else ("start", *strangers),
        resets=tuple(_resets(events)), ended_by=ended_by,
    )  # fmt: skip
    return found, chapter


def _chapter(events: Events) -> Chapter | None:
    try:
        return chapter_of(events)
    except HistoryUnfit:
        return None


def _sealed(stream: str, begins: Head, batches: Sequence[Answered]) -> tuple[dict[int, Leaf], dict[int, Leaf], int]:
    """What was sealed and what the ledger refused, by seq; and where it first answered with another head."""
    leaves: dict[int, Leaf] = {}
    refused: dict[int, Leaf] = {}
    told = 0
    for batch in batches:
        before = leaves[batch.after].digest if batch.after in leaves else begins.digest
        made: dict[int, Leaf] = {}
        for fact in batch.facts:
            made[fact.seq] = seal(stream, before, fact)
            before = made[fact.seq].digest
        if batch.head is not None:
            leaves |= made
            refused = {}
            told = told or (batch.head.seq if batch.head.digest != before else 0)
        elif batch.is_refused:
            refused = made
    return leaves, refused, told


def _batches(events: Events) -> list[Answered]:
    """What the run handed to the ledger, in its order, with the answers."""
    done = {told.scheduled_event_id: told for event in events if (told := _told(event, "activity_task_completed"))}
    failed = {told.scheduled_event_id: told for event in events if (told := _told(event, "activity_task_failed"))}
    found = []
    for id, (after, facts) in handed_over(events).items():
        head = _read(done[id].result.payloads, [Head])[0] if id in done else None
        is_refused = id in failed and failed[id].failure.application_failure_info.type == CONFLICT
        found.append(Answered(after, facts, head, is_refused))
    return found


def _updates(events: Events) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The commands whose facts must be sealed, and the updates that no client of ours sent."""
    over = {told.accepted_event_id: told.outcome for event in events
            if (told := _told(event, "workflow_execution_update_completed"))}  # fmt: skip
    commands, strangers = [], []
    for event in events:
        if accepted := _told(event, "workflow_execution_update_accepted"):
            id = _command(accepted)
            if not id:
                strangers.append(accepted.protocol_instance_id)
            elif event.event_id not in over or _has_facts(over[event.event_id]):
                commands.append(id)
    return tuple(dict.fromkeys(commands)), tuple(strangers)


def _command(accepted: Any) -> str:
    """The command that an update of ours carries; empty when it is none of ours."""
    named = OURS.fullmatch(accepted.protocol_instance_id)
    asked = accepted.accepted_request.input
    if named is None or asked.name not in ("", UPDATE):
        return ""
    if not asked.args.payloads:  # one that a reset brought in again stands without its content
        return named[1]
    (envelope,) = _read(asked.args.payloads, [Envelope])
    return named[1] if envelope.id == named[1] else ""


def _has_facts(outcome: Any) -> bool:
    """A failed update has said no, or that it is not known: then the cluster is frozen, and that is told."""
    return bool(outcome.HasField("success") and _read(outcome.success.payloads, [Receipt])[0].count)


def _resets(events: Events) -> Iterator[str]:
    """Why somebody set the run back, as they said it themselves."""
    for event in events:
        failed = _told(event, "workflow_task_failed")
        if failed and failed.cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW:
            yield failed.failure.message


def _end(events: Events) -> tuple[Status, str]:
    """How the run ended, and who ended it, for which reason."""
    for name, status in ENDS.items():
        if end := _told(events[-1], name):
            by = (getattr(end, "identity", ""), getattr(end, "reason", ""))
            return status, ": ".join(word for word in by if word)
    return "open", ""


def _told(event: HistoryEvent, name: str) -> Any:
    """The attributes of an event of that kind; None for any other."""
    field = f"{name}_event_attributes"
    return getattr(event, field) if event.HasField(field) else None  # type: ignore[arg-type]  # each is a field


def _read(payloads: Any, types: list[Any]) -> list[Any]:
    return CONVERTER.payload_converter.from_payloads(payloads, types)
