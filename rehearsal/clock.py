"""Virtual years that begin on a day of the script, on an engine whose clock begins at the real now.

The time-skipping server cannot be told when to begin. So its worker adds one constant to every time the server
tells a workflow: the workflow is the real one and sees the script's dates, and timers, being durations, fit.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import _Definition


class ShiftedRunner(WorkflowRunner):
    """Runs workflows without a sandbox, on the server's clock plus `shift`."""

    def __init__(self, shift: timedelta) -> None:
        self._shift = shift
        self._plain = UnsandboxedWorkflowRunner()

    def prepare_workflow(self, defn: _Definition) -> None:
        self._plain.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        info = replace(
            det.info,
            start_time=det.info.start_time + self._shift,
            workflow_start_time=det.info.workflow_start_time + self._shift,
        )
        return cast("WorkflowInstance", _Shifted(self._plain.create_instance(replace(det, info=info)), self._shift))


class _Shifted:
    """One run whose activations come later than the server says."""

    def __init__(self, run: WorkflowInstance, shift: timedelta) -> None:
        self._run = run
        self._nanoseconds = shift // timedelta(microseconds=1) * 1000

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if act.HasField("timestamp"):
            act.timestamp.FromNanoseconds(act.timestamp.ToNanoseconds() + self._nanoseconds)
        return self._run.activate(act)

    def __getattr__(self, name: str) -> object:
        return getattr(self._run, name)
