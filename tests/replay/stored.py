"""Histories as they are committed: protobuf, compressed, beside a manifest that says where each comes from."""

from __future__ import annotations

import lzma
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from google.protobuf.message import Message
from temporalio.api.history.v1 import History
from temporalio.client import WorkflowHistory

FOLDER = Path(__file__).parent / "histories"
MANIFEST, SUFFIX = "manifest.toml", ".pb.xz"
OF_A_MACHINE = ("identity", "stack_trace")
"""What names the machine that recorded; no replay looks at it."""


@dataclass(frozen=True)
class Golden:
    """One recorded chapter. `bad`: recorded by a workflow that is not ours, so that its replay must fail."""

    path: Path
    server: str
    sdk: str
    stage: str
    events: int
    sha256: str
    bad: bool

    @property
    def history(self) -> WorkflowHistory:
        return read(self.path.read_bytes())


def write(history: WorkflowHistory, preset: int = 9 | lzma.PRESET_EXTREME) -> bytes:
    """The same history gives the same bytes."""
    record = History(events=history.events)
    _forget_machine(record)
    return lzma.compress(record.SerializeToString(deterministic=True), preset=preset)


def read(compressed: bytes) -> WorkflowHistory:
    record = History.FromString(lzma.decompress(compressed))
    started = record.events[0].workflow_execution_started_event_attributes
    return WorkflowHistory(started.workflow_id, list(record.events))


def committed() -> list[Golden]:
    """Every golden history of every released version, from the manifests beside them."""
    return [
        Golden(path=manifest.parent / one.pop("file"), server=told["server"], sdk=told["sdk"], **one)
        for manifest in sorted(FOLDER.glob(f"*/{MANIFEST}"))
        for told in tomllib.loads(manifest.read_text("utf-8"))["recording"]
        for one in told["history"]
    ]


def digest(compressed: bytes) -> str:
    return sha256(compressed).hexdigest()


def _forget_machine(message: Message) -> None:
    for field, value in message.ListFields():
        if field.name in OF_A_MACHINE and field.type == field.TYPE_STRING:
            message.ClearField(field.name)
        elif field.type == field.TYPE_MESSAGE:
            _forget_each(field, value)


def _forget_each(field: Any, value: Any) -> None:
    if isinstance(value, Message):
        _forget_machine(value)
        return
    values = value.values() if field.message_type.GetOptions().map_entry else value
    for one in values:
        if isinstance(one, Message):
            _forget_machine(one)
