"""What facts make of the results: plan, money, measures, networks, findings, licence."""

from __future__ import annotations

from typing import Any

from domain import events as e
from domain.cluster import Cluster
from domain.recording import Fact, persons_of
from domain.records import Finding, Licence, Measure, Milestone, Tranche, changed, without


def change(c: Cluster, event: Any, fact: Fact) -> dict[str, Any] | None:
    """The fields of the state that a fact about results replaces; None for a fact about something else."""
    day = c.calendar.day_of(fact.occurred_at)
    match event:
        case e.MilestonesPlanned():
            rows = {
                row.milestone: Milestone(owner=row.owner, due_on=row.due_on, budget=row.budget) for row in event.rows
            }
            return {"milestones": rows, "plan_version": event.version}
        case e.MilestoneReached():
            return {"milestones": changed(c.milestones, event.milestone, done_on=event.done_on, spent=event.spent)}
        case e.TranchesPlanned():
            tranches = {row.tranche: Tranche(amount=row.amount, planned_on=row.planned_on) for row in event.rows}
            return {"tranches": tranches}
        case e.TrancheReleased():
            return {"tranches": changed(c.tranches, event.tranche, released_on=day)}
        case e.AccountsAccepted():
            return {"tranches": changed(c.tranches, event.tranche, accounted=True)}
        case e.MeasuresRecorded():
            return {"measures": _measured(c, event.values, event.measured_on)}
        case e.TrustPulseTaken():
            return {"measures": _measured(c, {"trust": event.trust}, day)}
        case e.NetworkFormed():
            share = event.share_of_firms if event.umbrella else c.umbrella_share
            return {"networks": c.networks + 1, "umbrella_share": share}
        case e.MeetingHeld():
            return {"attendance": (c.attendance[0] + event.present, c.attendance[1] + event.seated)}
        case e.LessonPublished():
            return {"lessons": c.lessons + 1}
        case e.FindingOpened():
            finding = Finding(level=event.level, by=fact.actor.person)
            return {"findings": {**c.findings, event.finding: finding}, "findings_opened": event.finding}
        case e.FindingAnswered():
            return {"findings": changed(c.findings, event.finding, answered_by=persons_of(fact.actor))}
        case e.FindingClosed():
            return {"findings": without(c.findings, event.finding)}
        case e.LicenceIssued():
            return {"licence": Licence(number=event.number, valid_until=event.valid_until)}
        case e.LicenceRenewed() if c.licence:
            return {"licence": c.licence.model_copy(update={"valid_until": event.valid_until})}
        case e.LicenceStated():
            return {"licence": Licence(number=event.number, valid_until=event.valid_until)}
        case e.SustainabilityJudged():
            return {"verdict": event.verdict}
    return None


def _measured(c: Cluster, values: dict[str, str], day: Any) -> dict[str, Measure]:
    measures = dict(c.measures)
    for key, value in values.items():
        baseline = measures[key].baseline if key in measures else value
        measures[key] = Measure(baseline=baseline, latest=value, measured_on=day)
    return measures
