"""What an approved deliverable becomes: records the engine then runs. The list is closed and small."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain import events as e
from domain.jalali import add_months
from domain.records import Sent
from domain.stages import Deliverable
from domain.turn import Turn


def bring_forth(turn: Turn, duty_id: str, kind: Deliverable, sent: Sent) -> None:
    """The records of the deliverable's yield exist, and their duties are open."""
    match kind.yields:
        case "milestones":
            _milestones(turn, _table(kind, sent.values))
        case "tranches":
            _tranches(turn, _table(kind, sent.values))
        case "release":
            tranche = _number(duty_id)
            amount = turn.cluster.tranches[tranche].amount
            turn.record(e.TrancheReleased(tranche=tranche, amount=amount, plan_version=turn.cluster.plan_version))
        case "accounts":
            turn.record(e.AccountsAccepted(tranche=_number(duty_id)))
        case "measures":
            _measures(turn, sent.values)
        case "trust_pulse":
            trust = sent.values.get("avg_trust")
            if trust is not None:
                turn.record(e.TrustPulseTaken(trust=trust, baseline="trust" not in turn.cluster.measures))
            _measures(turn, sent.values)
        case "network":
            _network(turn, sent.values)
        case "meeting":
            turn.record(e.MeetingHeld(present=sent.values["present"], seated=sent.values["seated"]))
        case "visit":
            turn.record(e.VisitRecorded(visited_on=_day(turn, sent.values, "date")))
        case "lesson":
            turn.record(e.LessonPublished(lesson=duty_id))
        case "licence":
            _renewal(turn)


def _milestones(turn: Turn, rows: list[dict[str, Any]]) -> None:
    start = turn.happened_on
    planned = tuple(
        e.PlannedMilestone(milestone=n, owner=row["owner"], budget=row.get("budget", 0),
                           due_on=add_months(start, max(row.get("end_month", 1), 1)))
        for n, row in enumerate(rows, start=1)
    )  # fmt: skip
    for duty in [d for d in turn.cluster.duties.values() if d.kind == "milestone"]:
        turn.close_duty(duty.id, "superseded")  # of the version before
    turn.record(e.MilestonesPlanned(version=turn.cluster.plan_version + 1, rows=planned))
    for row in planned:
        turn.open_duty(f"milestone.{row.milestone}", "milestone", row.owner, due_on=row.due_on, reason="decision")


def _tranches(turn: Turn, rows: list[dict[str, Any]]) -> None:
    turn.record(e.TranchesPlanned(rows=tuple(
        e.PlannedTranche(tranche=n, amount=row["amount"],
                         planned_on=add_months(turn.happened_on, row.get("planned_month", 1)))
        for n, row in enumerate(rows, start=1)
    )))  # fmt: skip


def _measures(turn: Turn, values: dict[str, Any]) -> None:
    indicators = {indicator.key for indicator in turn.cluster.methodology.indicators}
    found = {key: str(value) for key, value in values.items() if key in indicators and not isinstance(value, bool)}
    if found:
        turn.record(e.MeasuresRecorded(
            values=found, source=values.get("source", "deliverable"), confidence=values.get("confidence", "medium"),
            measured_on=_day(turn, values, "measured_on"), baseline=not turn.cluster.measures,
        ))  # fmt: skip


def _network(turn: Turn, values: dict[str, Any]) -> None:
    turn.record(e.NetworkFormed(
        kind=values.get("type") or values.get("legal_form") or "association", members=values.get("members", 0),
        share_of_firms=values.get("share_of_firms"), umbrella="share_of_firms" in values,
    ))  # fmt: skip


def _renewal(turn: Turn) -> None:
    licence, months = turn.cluster.licence, turn.cluster.methodology.term.licence_months
    if licence is not None and licence.valid_until is not None:
        turn.record(e.LicenceRenewed(valid_until=add_months(licence.valid_until, months)))


def _table(kind: Deliverable, values: dict[str, Any]) -> list[dict[str, Any]]:
    key = next(field.key for field in kind.fields if field.kind == "table")
    rows: list[dict[str, Any]] = values[key]
    return rows


def _number(duty_id: str) -> int:
    return int(duty_id.partition(":")[0].partition(".")[2])


def _day(turn: Turn, values: dict[str, Any], key: str) -> date:
    return date.fromisoformat(values[key]) if key in values else turn.happened_on
