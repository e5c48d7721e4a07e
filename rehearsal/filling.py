"""Forms filled in as people fill them: plausible, never twice the same, and within what the form allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from domain.values import Commitment
from rehearsal.chance import Chance

Asked = dict[str, Any]
Commit = Callable[[str], Commitment]
"""A text of the rehearsal becomes a document, and its commitment stands in the fact."""

SAMPLES = 3

USUAL: dict[str, tuple[int, int]] = {
    "firms_total": (60, 420), "est_firms": (60, 420), "critical_mass": (60, 420), "firms_active": (12, 55),
    "employment": (500, 6_000), "est_workers": (500, 6_000), "employment_women": (60, 480), "sales": (200, 9_000),
    "export_value": (0, 4_000_000), "export_firms": (0, 18), "certified_firms": (0, 25), "new_products": (0, 12),
    "networks_alive": (1, 5), "bds_providers": (2, 12), "bds_count": (3, 20), "consortia_export": (0, 2),
    "support_bodies_funding": (1, 6), "members": (8, 40), "board_members": (5, 7), "paid_staff": (1, 4),
    "share_of_firms": (45, 80), "self_funding_share": (35, 85), "firms": (4, 12), "participants": (14, 45),
    "present": (5, 7), "seated": (7, 7), "joint_decisions": (1, 6), "presence_days": (8, 20), "n": (12, 40),
    "team_members": (3, 5), "presence_days_month": (10, 18), "horizon_years": (5, 10), "links": (1, 12),
    "validated_by_firms": (12, 60), "spend": (100_000_000, 900_000_000), "joint_actions": (1, 9),
    "training_persondays": (40, 300), "networks_formed": (0, 2), "willingness_n": (20, 80),
    "stakeholder_sessions": (1, 4), "fee_total": (6_000_000_000, 12_000_000_000), "from": (0, 11), "to": (1, 14),
    "budget": (200_000_000, 3_000_000_000), "amount": (400_000_000, 2_500_000_000), "cost": (20_000_000, 400_000_000),
    "meetings_12m": (3, 14), "paying_members": (8, 40), "staff": (1, 4), "active_members": (8, 40),
    "open_contracts": (0, 4), "open_actions": (0, 9), "knowledge_items": (6, 60), "champions_found": (3, 9),
    "support_institutions": (3, 9), "expected_cost": (20_000_000_000, 60_000_000_000),
    "yearly": (300_000_000, 2_000_000_000), "spent": (200_000_000, 2_000_000_000), "start_month": (0, 8),
    "end_month": (9, 22), "planned_month": (1, 20),
}  # fmt: skip
"""What such a figure is in a cluster of middle size, by the key of its field; others lie in their upper half."""

TRUST = {"social_network_baseline": (20, 30), "baseline_indicators": (20, 30)}
TRUST_LATER = (31, 44)
"""Tenths of mean trust: low in the first survey, higher once people have worked together."""


class Form:
    """The values `who` gives in one request about `subject`. `members`: whom to name where it asks for persons."""

    def __init__(
        self, chance: Chance, today: date, commit: Commit, *,
        members: Sequence[str] = (), subject: str = "", who: str = "",
    ) -> None:  # fmt: skip
        self._chance, self._today, self._commit = chance, today, commit
        self._members, self._subject, self._who = list(members), subject, who

    def value(self, asked: Asked, *place: object) -> Any:
        """A value that the field's description allows."""
        key = str(asked.get("key") or asked.get("field", ""))
        at = (*place, key)
        match asked["kind"]:
            case "text" | "person" | "document":
                return self._commit(f"{key} · {self._chance.between(1, SAMPLES, *at, 'text')}")
            case "integer" | "percent" | "money":
                if "more_than_half_of" in asked:
                    return len(self._members) // 2 + 1
                return self._number(asked, key, at)
            case "decimal":
                return self._decimal(asked, key, at)
            case "date":
                return str(self._day(asked, at))
            case "choice":
                return self._chance.one_of(asked["choices"], *at)
            case "boolean":
                return self._chance.happens(80, *at)
            case "persons":
                return self._members
            case "scores":
                return self._scores(asked)
            case "table":
                return self._table(asked, at)
        raise ValueError(asked["kind"])

    def _number(self, asked: Asked, key: str, at: tuple[object, ...]) -> int:
        low, high = self._bounds(asked, key)
        return self._chance.between(low, high, *at)

    def _bounds(self, asked: Asked, key: str) -> tuple[int, int]:
        least, most = asked.get("min", 0), asked.get("max", 100)
        low, high = USUAL.get(key, (least + (most - least) // 2, most))
        return max(low, least), max(least, min(high, most))

    def _decimal(self, asked: Asked, key: str, at: tuple[object, ...]) -> str:
        if key in ("avg_trust", "trust_score"):
            tenths = self._chance.between(*TRUST.get(self._subject, TRUST_LATER), *at)
            return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)
        low, high = self._bounds(asked, key)
        return str(self._chance.between(low, high, *at))

    def _day(self, asked: Asked, at: tuple[object, ...]) -> date:
        if usual := asked.get("usual"):
            return date.fromisoformat(usual) - timedelta(days=self._chance.between(0, 6, *at))
        first = date.fromisoformat(asked["min"]) if "min" in asked else self._today
        last = date.fromisoformat(asked["max"]) if "max" in asked else first + timedelta(days=365)
        days = (last - first).days
        return first + timedelta(days=self._chance.between(days * 2 // 5, days * 3 // 5, *at))

    def _scores(self, asked: Asked) -> dict[str, Any]:
        """Raters see the same work: they are near each other, and sometimes not near enough."""
        scores: dict[str, Any] = {}
        for key in asked["keys"]:
            points = self._chance.between(66, 90, "seen", key) + self._chance.between(-11, 10, key, self._who)
            shown = {"points": points, "evidence": [self._commit(f"{key} · 1")]}
            scores[key] = shown if asked.get("evidence") else points
        return scores

    def _table(self, asked: Asked, at: tuple[object, ...]) -> list[dict[str, Any]]:
        """As few rows as are allowed, or a few more; choices take turns, so that each occurs that must."""
        columns = asked["columns"]
        least = max([asked.get("min", 1), *(len(c["choices"]) for c in columns if c.get("covers"))])
        rows = min(least + self._chance.between(0, 3, *at, "rows"), max(asked.get("max", least), least))
        return [
            {c["key"]: c["choices"][n % len(c["choices"])] if c["kind"] == "choice" else self.value(c, *at, n)
             for c in columns if c.get("required", True)}
            for n in range(rows)
        ]  # fmt: skip
