"""What is said about a past that the sheet does not date: dates from the seed, in a file marked as a rehearsal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from domain.cluster import Cluster
from domain.jalali import add_months, jalali_of
from rehearsal.chance import Chance

STATED_PERCENT = 60
LONGEST_IN_STAGE = 700


def confirmed_start(c: Cluster, chance: Chance, today: date) -> dict[str, Any]:
    """When the stage began, somewhere within its planned days, and the agent's term the planned days before it."""
    term, stage = c.methodology.term, c.methodology.stage_by_key[c.stage]
    longest = min(stage.planned_days * 4 // 5, LONGEST_IN_STAGE)
    started_on = today - timedelta(days=chance.between(longest // 10, longest, "in stage"))
    said = {"started_on": str(started_on)}
    if c.methodology.reaches(c.stage, term.clock_starts) and c.stage != term.exit_stage:
        track = c.methodology.main_track
        first = track.index(c.methodology.stage_by_key[term.clock_starts])
        before = sum(s.planned_days for s in track[first : track.index(stage)])
        said["clock_started_on"] = str(started_on - timedelta(days=before))
    return said


def stated_licence(chance: Chance, today: date) -> dict[str, Any]:
    """The licence of a cluster finished earlier, or that it has none."""
    if not chance.happens(STATED_PERCENT, "licensed"):
        return {}
    valid_until = add_months(today, chance.between(-6, 30, "licence"))
    year = jalali_of(add_months(valid_until, -36)).year
    return {"number": f"R-{year}-{chance.between(1, 99, 'number'):02}", "valid_until": str(valid_until)}
