"""What a gate, or an approval with conditions, still lacks. Predicates are a closed set over the state."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.cluster import Cluster
from domain.stages import Condition, Gate
from domain.values import Frozen


class Missing(Frozen):
    """One condition that does not hold: what there is, and what is needed."""

    condition: int
    predicate: str
    of: str
    have: str
    need: str


def missing(cluster: Cluster, gate: Gate, today: date) -> tuple[Missing, ...]:
    """The conditions of the gate that neither hold nor are waived."""
    state = cluster.gates.get(gate.key)
    waived = state.waived if state else ()
    return tuple(m for m in unmet(cluster, gate.conditions, today) if m.condition not in waived)


def unmet(cluster: Cluster, conditions: tuple[Condition, ...], today: date) -> tuple[Missing, ...]:
    """The conditions that do not hold."""
    found = []
    for place, condition in enumerate(conditions):
        have, need = _have_and_need(cluster, condition, today)
        if have is None or have < need:
            shown = "—" if have is None else f"{have.normalize():f}"
            found.append(Missing(condition=place, predicate=condition.predicate, of=condition.of,
                                 have=shown, need=f"{need.normalize():f}"))  # fmt: skip
    return tuple(found)


def _have_and_need(c: Cluster, condition: Condition, today: date) -> tuple[Decimal | None, Decimal]:
    at_least = Decimal(condition.at_least) if condition.at_least is not None else Decimal(1)
    match condition.predicate:
        case "approved" | "count":
            return Decimal(c.approved.get(condition.of, 0)), at_least
        case "value":
            return value_of(c, condition.of), at_least
        case "delta":
            measure = c.measures.get(condition.of)
            return (Decimal(measure.latest) - Decimal(measure.baseline) if measure else None), at_least
        case "seated":
            seat = c.bodies.get(condition.of)
            return Decimal(seat is not None and seat.until >= today), Decimal(1)
        case "assigned":
            return Decimal(c.agent is not None and c.agent.notice_on is None), Decimal(1)
        case "gate_passed":
            gate = c.gates.get(condition.of)
            return Decimal(gate is not None and gate.state == "passed"), Decimal(1)
        case "no_critical_finding":
            return Decimal(not has_critical_finding(c)), Decimal(1)
        case "accounts_closed":
            open_accounts = any(t.released_on and not t.accounted for t in c.tranches.values())
            return Decimal(not open_accounts), Decimal(1)


def value_of(c: Cluster, measure: str) -> Decimal | None:
    """The present value of a measure of state or an indicator, or None while nobody has measured it."""
    match measure:
        case "council_attendance":
            present, seated = c.attendance
            return Decimal(100 * present // seated) if seated else None
        case "milestones_done_share":
            done = sum(1 for m in c.milestones.values() if m.done_on)
            return Decimal(100 * done // len(c.milestones)) if c.milestones else None
        case "evaluation_total":
            return None if c.evaluation_total is None else Decimal(c.evaluation_total)
        case "evaluation_passed":
            return Decimal(c.evaluation_passed)
        case "umbrella_share":
            return None if c.umbrella_share is None else Decimal(c.umbrella_share)
        case "networks":
            return Decimal(c.networks)
    found = c.measures.get(measure)
    return Decimal(found.latest) if found else None


def has_critical_finding(c: Cluster) -> bool:
    """True while a critical finding is open: it stops money and licence."""
    return any(finding.level == "critical" for finding in c.findings.values())
