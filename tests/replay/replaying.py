"""Replays the golden histories in this process and prints what became of each, as JSON."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from temporalio import workflow
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import (
    Interceptor,
    Replayer,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)  # fmt: skip

from domain.recording import Fact
from tests.replay.stored import Golden, committed, sealed_in
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


async def outcome(golden: Golden) -> str:
    """`same`, or what is different: `other facts`, or the kind of the error."""
    replayer = Replayer(
        workflows=[ClusterDevelopment], workflow_runner=sandbox(), data_converter=pydantic_data_converter,
        interceptors=[Listening()],
    )  # fmt: skip
    RETOLD.clear()
    history = golden.history
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    if result.replay_failure is not None:
        return type(result.replay_failure).__name__
    return "same" if sealed_in(history) == RETOLD else "other facts"


async def main() -> None:
    print(json.dumps({golden.path.name: await outcome(golden) for golden in committed()}))


if __name__ == "__main__":
    asyncio.run(main())
