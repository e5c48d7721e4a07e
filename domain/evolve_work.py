"""What facts make of the work: what is owed, sent, judged and scored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import events as e
from domain.cluster import Cluster, deliverable_of
from domain.recording import Fact, persons_of
from domain.records import Duty, Evaluation, Sent, changed, without

COLUMNS = {"milestones": ("owner", "end_month", "budget"), "tranches": ("amount", "planned_month")}
"""What a yield reads of a row."""


def change(c: Cluster, event: Any, fact: Fact) -> dict[str, Any] | None:
    """The fields of the state that a fact about work owed or sent replaces; None for a fact about something else."""
    match event:
        case e.DutyOpened():
            return _opened(c, event, fact)
        case e.DutyClosed():
            return _closed(c, event)
        case e.DueChanged():
            return {"duties": _moved(c, event, fact)}
        case e.RungFired() | e.RungSkipped() if event.duty in c.duties:
            rungs = (*c.duties[event.duty].rungs, event.rung)
            return {"duties": changed(c.duties, event.duty, rungs=rungs)}
        case e.NoticesSnoozed():
            return {"duties": changed(c.duties, event.duty, snoozed_until=event.until)}
        case e.DeliverableSubmitted():
            by = persons_of(fact.actor)
            if event.duty in c.evaluations:  # the engine reports what the raters wrote: they are the authors
                by = c.evaluations[event.duty].raters
            sent = Sent(deliverable=event.deliverable, by=by, values=_kept(c, event), round=event.round,
                        on_time=event.on_time)  # fmt: skip
            late = 0 if event.on_time else 1
            return {
                "sent": {**c.sent, event.duty: sent},
                "on_time": c.on_time + 1 - late,
                "late": c.late + late,
            }
        case e.DeliverableReturned():
            evaluations = without(c.evaluations, event.duty)
            return {"sent": without(c.sent, event.duty), "evaluations": evaluations}
        case e.DeliverableApproved():
            count = c.approved.get(event.deliverable, 0) + 1
            return {
                "sent": without(c.sent, event.duty),
                "approved": {**c.approved, event.deliverable: count},
            }
        case e.DeliverableReopened():
            return {"approved": without(c.approved, event.deliverable)}
        case e.VoteCast() if event.duty in c.duties:
            votes = {**c.duties[event.duty].votes, fact.actor.person: event.answer}
            return {"duties": changed(c.duties, event.duty, votes=votes)}
        case e.EvaluationScored():
            sheet = {key: score.points if score.evidence else 0 for key, score in event.scores.items()}
            before = c.evaluations.get(event.duty, Evaluation())
            evaluation = before.model_copy(update={
                "sheets": {**before.sheets, fact.actor.person: sheet},
                "raters": (*before.raters, *persons_of(fact.actor)),
            })  # fmt: skip
            return {"evaluations": {**c.evaluations, event.duty: evaluation}}
        case e.EvaluationModerated():
            return {"evaluations": changed(c.evaluations, event.duty, moderated=event.scores)}
        case e.EvaluationCompleted():
            evaluations = changed(c.evaluations, event.duty, total=event.total)
            return {"evaluations": evaluations, "evaluation_total": event.total, "evaluation_passed": event.passed}
    return None


def _opened(c: Cluster, event: e.DutyOpened, fact: Fact) -> dict[str, Any]:
    duty = Duty(
        id=event.duty, kind=event.kind, ref=event.ref, owner=event.owner, person=event.person,
        opened_on=c.calendar.day_of(fact.recorded_at), due_on=event.due_on, reason=event.reason,
        provisional=event.provisional, ladder=event.ladder, round=event.round,
    )  # fmt: skip
    change: dict[str, Any] = {"duties": {**c.duties, event.duty: duty}}
    if event.kind == "deliverable" and event.round == 0:
        key = deliverable_of(event.duty)
        number = int(event.duty.partition(".")[2] or 1)
        change["opened"] = {**c.opened, key: max(number, c.opened.get(key, 0))}
        if event.cadence_on is not None:
            change["last_due"] = {**c.last_due, key: event.cadence_on}
    return change


def _moved(c: Cluster, event: e.DueChanged, fact: Fact) -> dict[str, Duty]:
    """After a pause what is left is left, and what was fired stays fired; any other new date is reminded of anew."""
    duty = c.duties.get(event.duty)
    if duty is None:
        return c.duties
    clock: dict[str, Any] = {"asked_on": c.calendar.day_of(fact.recorded_at), "rungs": ()}
    if event.reason == "pause":
        clock = {"asked_on": duty.since + (event.due_on - duty.due_on if duty.due_on else timedelta())}
    return changed(c.duties, duty.id, due_on=event.due_on, provisional=event.provisional, reason=event.reason, **clock)


def _closed(c: Cluster, event: e.DutyClosed) -> dict[str, Any]:
    change: dict[str, Any] = {"duties": without(c.duties, event.duty)}
    if event.outcome == "stage_left":
        change["sent"] = without(c.sent, event.duty.partition(":")[0])
    return change


def _kept(c: Cluster, event: e.DeliverableSubmitted) -> dict[str, Any]:
    """The values the engine still needs at approval; prose, survey tables and most columns stay in the record."""
    found = c.methodology.deliverable_by_key.get(event.deliverable)
    columns = COLUMNS.get(found[1].yields, ()) if found else ()
    kept: dict[str, Any] = {}
    for key, value in event.values.items():
        if isinstance(value, list):
            if columns:
                kept[key] = [{name: cell for name, cell in row.items() if name in columns} for row in value]
        elif not (isinstance(value, str) and value.startswith("hmac-sha256:")):
            kept[key] = value
    return kept
