"""The office's round: what is done for the whole programme every quarter of an hour, one thing after the other."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from workflows import options, outbound


@workflow.defn
class OfficeRound:
    """Started by a schedule; a step that fails keeps no other from being done."""

    @workflow.run
    async def run(self) -> list[str]:
        """The steps that failed: the next round does them again."""
        failed = []
        for step in outbound.ROUND:
            try:
                await workflow.execute_activity(step, **options.ROUND)
            except FailureError as failure:
                workflow.logger.error("round_step_failed", extra={"step": step.__name__, "why": str(failure.cause)})
                failed.append(step.__name__)
        return failed
