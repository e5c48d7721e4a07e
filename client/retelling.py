"""Replaying kept histories with the workflow of this build: what it hands to the ledger, and its state at the end.

The engine's own replayer compares the course alone (which timers and activities, in which order), and not what an
activity was given. So it is listened to.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, NamedTuple, cast

from temporalio import workflow
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    StartActivityInput,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
    WorkflowRunner,
)  # fmt: skip

from client.connection import CONVERTER
from client.history import Batch, batches_in
from ledger.archive import Verdict
from workflows.cluster_development import ClusterDevelopment
from workflows.outbound import append


class Retold(NamedTuple):
    """What became of one history. `seq` and `digest` are of the state at its end; None when it did not get there."""

    verdict: Verdict
    detail: str
    batches: Sequence[Batch]
    seq: int | None
    digest: str | None


class _Heard:
    """What the run that is replayed now has said. One run is replayed at a time."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.told: ClusterDevelopment | None = None
        self.seq: int | None = None
        self.digest: str | None = None


_NOW: list[_Heard] = [_Heard()]


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 - the base says so
        _NOW[0].told = workflow.instance()
        return await super().execute_workflow(input)


class _Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002 - the base says so
        if input.activity == append.__name__:
            _, after, facts = input.args
            _NOW[0].batches.append(Batch(after, list(facts)))
        return super().start_activity(input)


class _Listening(Interceptor):
    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[_Inbound]:  # noqa: A002, ARG002 - as above
        return _Inbound


class _Asking(WorkflowRunner):
    """Runs as `runner` does, and asks each run for its state before it is thrown out of memory."""

    def __init__(self, runner: WorkflowRunner) -> None:
        self._runner = runner

    def prepare_workflow(self, defn: workflow._Definition) -> None:
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return cast("WorkflowInstance", _Asked(self._runner.create_instance(det)))


class _Asked:
    def __init__(self, run: WorkflowInstance) -> None:
        self._run = run

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        heard = _NOW[0]
        if heard.told is not None and any(job.HasField("remove_from_cache") for job in act.jobs):
            state = heard.told.state()
            heard.seq, heard.digest, heard.told = state["seq"], state["digest"], None
        return self._run.activate(act)

    def __getattr__(self, name: str) -> object:
        return getattr(self._run, name)


async def retold(histories: Iterable[WorkflowHistory], runner: WorkflowRunner | None = None) -> AsyncIterator[Retold]:
    """Each history as the workflow tells it again, in their order. Without a `runner`, outside the sandbox."""
    replayer = Replayer(
        workflows=[ClusterDevelopment], workflow_runner=_Asking(runner or UnsandboxedWorkflowRunner()),
        data_converter=CONVERTER, interceptors=[_Listening()], debug_mode=True,
    )  # fmt: skip

    async def _one_by_one() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            _NOW[0] = _Heard()
            yield history

    async with replayer.workflow_replay_iterator(_one_by_one()) as results:
        async for result in results:
            heard = _NOW[0]
            if result.replay_failure is not None:
                detail = f"{type(result.replay_failure).__name__}: {result.replay_failure}"
                yield Retold("failed", detail, heard.batches, None, None)
                continue
            sealed = [fact for batch in batches_in(result.history.events) for fact in batch.facts]
            # What was decided after the last recorded task is not in the history.
            told = [fact for batch in heard.batches for fact in batch.facts][: len(sealed)]
            yield Retold("same" if sealed == told else "other_facts", "", heard.batches, heard.seq, heard.digest)
