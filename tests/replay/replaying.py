"""Replays the golden histories, or those in a folder, and prints what became of each as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import (
    Interceptor,
    Replayer,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)  # fmt: skip

from client.ending import run_to_end
from domain.recording import Fact
from tests.replay.stored import SUFFIX, committed, read, sealed_in
from workflows import chapter
from workflows.cluster_development import ClusterDevelopment
from workflows.options import sandbox
from workflows.outbound import append

RETOLD: list[Fact] = []
"""What the replayed run handed to the ledger this time. The replayer itself compares no activity's input."""


class Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(Outbound(outbound))


class Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002 - the base says so
        if input.activity == append.__name__:
            RETOLD.extend(input.args[2])
        return super().start_activity(input)


class Listening(Interceptor):
    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[Inbound]:  # noqa: A002
        return Inbound


async def outcome(history: WorkflowHistory) -> str:
    """`same`, or what is different: `other facts`, or the kind of the error."""
    replayer = Replayer(
        workflows=[ClusterDevelopment], workflow_runner=sandbox(), data_converter=pydantic_data_converter,
        interceptors=[Listening()],
    )  # fmt: skip
    RETOLD.clear()
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    if result.replay_failure is not None:
        return type(result.replay_failure).__name__
    sealed = sealed_in(history)  # what was decided after the last recorded task is not in it
    return "same" if sealed == RETOLD[: len(sealed)] else "other facts"


async def main(places: list[Path]) -> None:
    print(json.dumps({place.name: await outcome(read(place.read_bytes())) for place in places}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--updates-a-chapter", type=int, default=chapter.UPDATES_A_CHAPTER)
    given = parser.parse_args()
    chapter.UPDATES_A_CHAPTER = given.updates_a_chapter  # recorded with shorter chapters, told with them
    folder: Path | None = given.folder
    places = sorted(folder.glob(f"*{SUFFIX}")) if folder else [golden.path for golden in committed()]
    run_to_end(lambda: asyncio.run(main(places)))
