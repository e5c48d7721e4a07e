"""What a cluster-year costs the engine, against the formula of the budget."""

from __future__ import annotations

from bench.figure import Figure
from bench.life import live


async def run() -> list[Figure]:
    lived = await live()
    years = lived.days / 365
    commands, alarms = lived.commands / years, lived.alarms / years
    note = f"{commands:.0f} commands and {alarms:.0f} alarms a year, {lived.days} days, {len(lived.facts)} facts"
    return [
        Figure(what="events of a cluster-year", reached=lived.events / years, unit="events", bound="≤",
               budget=13 * commands + 8 * alarms + 60, note=f"{note}; budget 13c + 8a + 60"),
        Figure(what="billable actions of a cluster-year", reached=lived.actions / years, unit="actions", bound="≤",
               budget=4 * commands + 3 * alarms + 20, note=f"{note}; budget 4c + 3a + 20"),
        Figure(what="the longest run", reached=max(len(history.events) for history in lived.histories), unit="events",
               bound="≤", budget=4_000, note=f"{len(lived.histories)} runs"),
    ]  # fmt: skip
