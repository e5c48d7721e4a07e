"""One alarm: nobody does anything for a year, and time alone is told, sealed and shown."""

from __future__ import annotations

from bench.figure import Figure
from bench.floor import counted
from bench.life import live

BY_HAND = 11
"""A timer that fires, is made anew and sends one activity: 1 + 3 workflow task + 1 timer + 3 activity + 3 task."""


async def run() -> list[Figure]:
    lived = await live(people=False, years=1)
    opened = 3 + 2  # the run and its first task, its update
    tasks = sum(counted(history.events).get("WORKFLOW_TASK_COMPLETED", 0) for history in lived.histories)
    return [
        Figure(what="events of an alarm", reached=(lived.events - opened) / lived.alarms, unit="events", bound="≤",
               budget=8, floor=BY_HAND, floor_is="a timer, one activity and the timer anew, by hand",
               note=f"{lived.alarms} alarms in {lived.days} days of silence, on the time-skipping server"),
        Figure(what="workflow tasks of an alarm", reached=tasks / lived.alarms, unit="tasks"),
    ]  # fmt: skip
