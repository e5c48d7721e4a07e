"""What Temporal itself costs: a workflow written by hand that does the same operations and decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.common import SearchAttributeKey

QUEUE = "bench-floor"
STAGE = SearchAttributeKey.for_keyword("KhStage")
LONG = timedelta(days=30)


@activity.defn
async def nothing(text: str) -> str:
    """What came."""
    return text


@workflow.defn
class Floor:
    """Waits for ever; `noop` answers at once, `same` does what one command of a cluster does to the engine."""

    @workflow.init
    def __init__(self) -> None:
        self._alarm: asyncio.Task[None] | None = None
        self._n = 0

    @workflow.run
    async def run(self) -> None:
        self._arm()
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def noop(self, text: str) -> str:
        return text

    @workflow.update
    async def same(self, text: str) -> str:
        """One activity, the alarm made anew, one upsert."""
        self._n += 1
        self._arm()
        done: str = await workflow.execute_activity(nothing, text, start_to_close_timeout=timedelta(seconds=5))
        workflow.upsert_search_attributes([STAGE.value_set(f"stage-{self._n}")])
        return done

    def _arm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.create_task(workflow.sleep(LONG))


def counted(events: Sequence[HistoryEvent]) -> dict[str, int]:
    """How often each kind of event stands in a history, without the common prefix of their names."""
    found: dict[str, int] = {}
    for event in events:
        name = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
        found[name] = found.get(name, 0) + 1
    return found
