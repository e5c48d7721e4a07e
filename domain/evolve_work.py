"""What facts make of the work: what is owed, sent, judged and scored."""

from __future__ import annotations

from typing import Any

from domain import events as e
from domain.cluster import Cluster, deliverable_of
from domain.recording import Fact
from domain.records import Duty, Evaluation, Sent, changed, without


def change(c: Cluster, event: Any, fact: Fact) -> dict[str, Any] | None:
    """The fields of the state that a fact about work owed or sent replaces; None for a fact about something else."""
    match event:
        case e.DutyOpened():
            return _opened(c, event, fact)
        case e.DutyClosed():
            return _closed(c, event)
        case e.DueChanged():
            return {"duties": changed(c.duties, event.duty, due_on=event.due_on, provisional=event.provisional,
                                       reason=event.reason)}  # fmt: skip
        case e.RungFired() | e.RungSkipped() if event.duty in c.duties:
            rungs = (*c.duties[event.duty].rungs, event.rung)
            return {"duties": changed(c.duties, event.duty, rungs=rungs)}
        case e.NoticesSnoozed():
            return {"duties": changed(c.duties, event.duty, snoozed_until=event.until)}
        case e.DeliverableSubmitted():
            by = tuple(p for p in (fact.actor.person, fact.actor.on_behalf_of) if p)
            if event.duty in c.evaluations:  # the engine reports what the raters wrote: they are the authors
                by = tuple(c.evaluations[event.duty].sheets)
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
            evaluation = c.evaluations.get(event.duty, Evaluation())
            sheets = {**evaluation.sheets, fact.actor.person: sheet}
            return {"evaluations": {**c.evaluations, event.duty: evaluation.model_copy(update={"sheets": sheets})}}
        case e.EvaluationModerated():
            return {"evaluations": changed(c.evaluations, event.duty, moderated=event.scores)}
        case e.EvaluationCompleted():
            evaluations = changed(c.evaluations, event.duty, total=event.total)
            return {"evaluations": evaluations, "evaluation_total": event.total}
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


def _closed(c: Cluster, event: e.DutyClosed) -> dict[str, Any]:
    change: dict[str, Any] = {"duties": without(c.duties, event.duty)}
    if event.outcome == "stage_left":
        change["sent"] = without(c.sent, event.duty.partition(":")[0])
    return change


def _kept(c: Cluster, event: e.DeliverableSubmitted) -> dict[str, Any]:
    """The values the engine still needs at approval; prose and survey tables stay in the record only."""
    _, kind = c.methodology.deliverable_by_key[event.deliverable]
    tables = kind.yields in ("milestones", "tranches")
    return {key: value for key, value in event.values.items()
            if not _is_commitment(value) and (tables or not isinstance(value, list))}  # fmt: skip


def _is_commitment(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("hmac-sha256:")
