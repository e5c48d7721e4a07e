"""The programme in figures: what all clusters of the report add up to."""

from __future__ import annotations

from collections import Counter
from typing import Any

from domain.methodology import Methodology
from exports.case import Case
from exports.wording import Wording

MONEY = ("budget", "spent", "planned", "released", "accounted")


class Programme:
    """Counts case by case; nothing of a cluster but its row of the contents is kept."""

    def __init__(self, words: Wording) -> None:
        self._words = words
        self._counts: Counter[str] = Counter()
        self._stages: Counter[str] = Counter()
        self._provinces: dict[str, Counter[str]] = {}
        self._methodology: Methodology | None = None

    def add(self, case: Case) -> None:
        cluster = case.cluster
        self._methodology = cluster.methodology
        overdue = sum(duty.is_overdue(case.today) for duty in cluster.duties.values())
        milestones, tranches = cluster.milestones.values(), cluster.tranches.values()
        released = [one for one in tranches if one.released_on]
        self._counts.update({
            "clusters": 1, "open": cluster.is_open, "agents": cluster.agent is not None and not cluster.agent_left,
            "licences": cluster.licence is not None and cluster.licence.number is not None,
            "handed_over": cluster.handed_over_on is not None, "owed": len(cluster.duties), "overdue": overdue,
            "on_time": cluster.on_time, "late": cluster.late, "facts": case.head.seq,
            "budget": sum(one.budget for one in milestones), "spent": sum(one.spent for one in milestones),
            "planned": sum(one.amount for one in tranches), "released": sum(one.amount for one in released),
            "accounted": sum(one.amount for one in released if one.accounted),
        })  # fmt: skip
        if cluster.is_open:
            self._stages[cluster.stage] += 1
        province = cluster.profile.province if cluster.profile else ""
        row = self._provinces.setdefault(province, Counter())
        row.update({"clusters": 1, "open": cluster.is_open, "overdue": overdue})

    def figures(self) -> dict[str, Any]:
        """`counts` and `money` by key, and rows by stage in the methodology's order and by province."""
        keys = [stage.key for stage in self._methodology.stages] if self._methodology else []
        return {
            "counts": self._counts,
            "money": {key: self._counts[key] for key in MONEY},
            "stages": [(self._words.title("stage", key), self._stages[key]) for key in keys if self._stages[key]],
            "provinces": sorted((self._words.place(key), row) for key, row in self._provinces.items()),
        }  # fmt: skip
