"""How long activities may take and how they are tried again, and which modules the sandbox passes through."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy, VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import WorkerDeploymentConfig, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions


class Options(TypedDict):
    """What `start_activity` takes besides the arguments."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


CONFLICT = "LedgerConflict"
NEVER_SEALED = ("NotCanonical", "NotAnEntry")
"""Facts of no sealable form are stopped at the door; should one pass, trying it again changes nothing."""

APPEND: Options = {
    "start_to_close_timeout": timedelta(seconds=5),
    # Without end: what is decided must be sealed. The cap is how late answers come after an outage.
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        backoff_coefficient=2,
        maximum_interval=timedelta(seconds=15),
        non_retryable_error_types=[CONFLICT, *NEVER_SEALED],
    ),
}

EFFECT: Options = {
    "start_to_close_timeout": timedelta(seconds=30),
    # With an end, about three hours: then a person is asked.
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2,
        maximum_interval=timedelta(minutes=15),
        maximum_attempts=20,
    ),
}

UNFIT = ("HistoryUnfit", "HistoryDiffers", "ObjectDiffers")
"""What stays wrong however often it is tried: people are told by the office's round and the doctor."""

ARCHIVE: Options = {
    "start_to_close_timeout": timedelta(minutes=5),
    # With an end, about a day: then the office's round goes on trying.
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=2),
        backoff_coefficient=2,
        maximum_interval=timedelta(minutes=15),
        maximum_attempts=100,
        non_retryable_error_types=[*UNFIT],
    ),
}


class Reported(Options):
    """Of an activity that says again and again that it is alive."""

    heartbeat_timeout: timedelta


ROUND: Reported = {
    "start_to_close_timeout": timedelta(minutes=10),
    "heartbeat_timeout": timedelta(minutes=1),
    # The next round comes in a quarter of an hour.
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=10), maximum_attempts=2),
}

PASSED_THROUGH = (
    "domain", "ledger", "pydantic", "pydantic_core", "annotated_types", "orjson", "cryptography",
    "workflows.attributes", "workflows.beside", "workflows.chapter", "workflows.door", "workflows.options",
    "workflows.outbound", "workflows.outbox", "workflows.seen", "workflows.trust",
)  # fmt: skip
"""Loaded once a process and not once a run: one class each for every record, a third of the memory."""


class Runs(TypedDict):
    """What a worker takes to carry out our workflows, besides where it polls."""

    workflow_runner: WorkflowRunner
    build_id: str | None
    deployment_config: WorkerDeploymentConfig | None


def runs(build: str, deployment: str = "", runner: WorkflowRunner | None = None) -> Runs:
    """Workers of `deployment` keep each run on the build it began with; without one, workers have no versions.

    Workflows run in the sandbox unless there is another `runner`.
    """
    pinned = WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment, build),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )
    return {
        "workflow_runner": runner or sandbox(),
        "build_id": None if deployment else build,
        "deployment_config": pinned if deployment else None,
    }


def sandbox() -> SandboxedWorkflowRunner:
    """The runner of workers, replays and tests: it catches clock and chance in the workflow itself."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))
