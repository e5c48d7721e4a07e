"""What each fact makes of the state. Total: a fact whose ground is missing changes nothing and never fails."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from domain import events as e
from domain.cluster import (
    Agent,
    Clock,
    Cluster,
    Duty,
    Evaluation,
    Extension,
    Finding,
    GateState,
    Licence,
    Measure,
    Milestone,
    Profile,
    Seat,
    Sent,
    StageState,
    Tranche,
    deliverable_of,
)  # fmt: skip
from domain.reactions import effects_of
from domain.recording import Fact
from domain.rulebook import Rulebook


def evolve(cluster: Cluster, fact: Fact) -> Cluster:
    """The state after one more fact."""
    cls = e.TYPES.get(fact.type)
    if cls is None:
        return cluster.model_copy(update={"seq": fact.seq, "last_at": fact.recorded_at})
    return apply(cluster, cls.model_validate(fact.data), fact)


def evolve_all(cluster: Cluster, facts: Iterable[Fact]) -> Cluster:
    """The state after these facts, in their order."""
    for fact in facts:
        cluster = evolve(cluster, fact)
    return cluster


def load(state_json: bytes | str, rulebook: Rulebook) -> Cluster:
    """A state as `dump` wrote it, under the rulebook it was decided with."""
    return Cluster.model_validate({**json.loads(state_json), "rulebook": rulebook})


def dump(cluster: Cluster) -> bytes:
    """The state as JSON, without the rulebook; equal states give equal bytes."""
    return cluster.model_dump_json(exclude_defaults=True).encode()


def apply(cluster: Cluster, event: Any, fact: Fact) -> Cluster:
    """The state after `event`, recorded as `fact`."""
    change = _change(cluster, event, fact)
    effects = cluster.effects
    if key := getattr(event, "effect", None):
        effects = _without(effects, key)
    for effect in effects_of(event, cluster.id, fact.seq):
        effects = {**effects, effect.key: effect}
    if effects is not cluster.effects:
        change["effects"] = effects
    return cluster.model_copy(update={"seq": fact.seq, "last_at": fact.recorded_at, **change})


def _change(c: Cluster, event: Any, fact: Fact) -> dict[str, Any]:
    day = c.calendar.day_of(fact.occurred_at)
    match event:
        case e.ClusterIdentified() | e.ClusterImported():
            return {
                "state": "open",
                "profile": _profile(event),
                "file_on": c.calendar.day_of(fact.recorded_at),
            }
        case e.StageEntered():
            return _entered(c, event)
        case e.StageLeft():
            return {"stages": _changed(c.stages, event.stage, ended_on=day)}
        case e.StartConfirmed():
            change = {"stages": _changed(c.stages, event.stage, started_on=event.started_on)}
            if event.stage == c.methodology.term.exit_stage:
                change["handed_over_on"] = event.started_on
            return change
        case e.ClockStarted():
            return {"clock": Clock(started_on=event.started_on, ends_on=event.ends_on)}
        case e.TermExtended() if c.clock:
            months = c.clock.extended_months + event.months
            clock = c.clock.model_copy(update={"ends_on": event.ends_on, "extended_months": months})
            return {"clock": clock, "extension": None}
        case e.ClusterWithdrawn():
            return {"state": "withdrawn"}
        case e.ProgrammeEnded():
            return {"state": "ended"}
        case e.DutyOpened():
            return _opened(c, event, fact)
        case e.DutyClosed():
            return _closed(c, event)
        case e.DueChanged():
            return {"duties": _changed(c.duties, event.duty, due_on=event.due_on, provisional=event.provisional,
                                       reason=event.reason)}  # fmt: skip
        case e.RungFired() | e.RungSkipped() if event.duty in c.duties:
            rungs = (*c.duties[event.duty].rungs, event.rung)
            return {"duties": _changed(c.duties, event.duty, rungs=rungs)}
        case e.NoticesSnoozed():
            return {"duties": _changed(c.duties, event.duty, snoozed_until=event.until)}
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
            evaluations = _without(c.evaluations, event.duty)
            return {"sent": _without(c.sent, event.duty), "evaluations": evaluations}
        case e.DeliverableApproved():
            count = c.approved.get(event.deliverable, 0) + 1
            return {
                "sent": _without(c.sent, event.duty),
                "approved": {**c.approved, event.deliverable: count},
            }
        case e.DeliverableReopened():
            return {"approved": _without(c.approved, event.deliverable)}
        case e.BodySeated():
            seat = Seat(members=event.members, quorum=event.quorum, until=event.until)
            return {"bodies": {**c.bodies, event.body: seat}}
        case e.VoteCast() if event.duty in c.duties:
            votes = {**c.duties[event.duty].votes, fact.actor.person: event.answer}
            return {"duties": _changed(c.duties, event.duty, votes=votes)}
        case e.GateAsked():
            waived = c.gates[event.gate].waived if event.gate in c.gates else ()
            return {"gates": {**c.gates, event.gate: GateState(state="asked", on=day, waived=waived)}}
        case e.GateDecided():
            return {"gates": {**c.gates, event.gate: _decided(c, event, day)}}
        case e.ConditionWaived():
            gate = c.gates.get(event.gate, GateState(state="reworked", on=day))
            gate = gate.model_copy(update={"waived": (*gate.waived, event.condition)})
            return {"gates": {**c.gates, event.gate: gate}}
        case e.AgentSought():
            return {"sought": event.attempt, "candidates": ()}
        case e.AgentsProposed():
            return {"candidates": tuple(candidate.agent for candidate in event.candidates)}
        case e.AgentAssigned():
            return {"agent": Agent(person=event.agent, since=day), "candidates": ()}
        case e.AgentNoticeGiven() if c.agent:
            return {"agent": c.agent.model_copy(update={"notice_on": day})}
        case e.AgentReleased():
            return {"agent": None, "agent_left": True}
        case e.MilestonesPlanned():
            rows = {
                row.milestone: Milestone(owner=row.owner, due_on=row.due_on, budget=row.budget) for row in event.rows
            }
            return {"milestones": rows, "plan_version": event.version}
        case e.MilestoneReached():
            return {"milestones": _changed(c.milestones, event.milestone, done_on=event.done_on, spent=event.spent)}
        case e.TranchesPlanned():
            tranches = {row.tranche: Tranche(amount=row.amount, planned_on=row.planned_on) for row in event.rows}
            return {"tranches": tranches}
        case e.TrancheReleased():
            return {"tranches": _changed(c.tranches, event.tranche, released_on=day)}
        case e.AccountsAccepted():
            return {"tranches": _changed(c.tranches, event.tranche, accounted=True)}
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
        case e.EvaluationScored():
            sheet = {key: score.points if score.evidence else 0 for key, score in event.scores.items()}
            evaluation = c.evaluations.get(event.duty, Evaluation())
            sheets = {**evaluation.sheets, fact.actor.person: sheet}
            return {"evaluations": {**c.evaluations, event.duty: evaluation.model_copy(update={"sheets": sheets})}}
        case e.EvaluationModerated():
            return {"evaluations": _changed(c.evaluations, event.duty, moderated=event.scores)}
        case e.EvaluationCompleted():
            evaluations = _changed(c.evaluations, event.duty, total=event.total)
            return {"evaluations": evaluations, "evaluation_total": event.total}
        case e.FindingOpened():
            finding = Finding(level=event.level, by=fact.actor.person)
            return {"findings": {**c.findings, event.finding: finding}, "findings_opened": event.finding}
        case e.FindingAnswered():
            return {"findings": _changed(c.findings, event.finding, answered=True)}
        case e.FindingClosed():
            return {"findings": _without(c.findings, event.finding)}
        case e.ExtensionAsked():
            return {"extension": Extension(months=event.months, by=fact.actor.person)}
        case e.ExtensionDecided() if c.extension:
            granted = (*c.extension.granted_by, event.role)
            return {"extension": c.extension.model_copy(update={"granted_by": granted}) if event.granted else None}
        case e.LicenceIssued():
            return {"licence": Licence(number=event.number, valid_until=event.valid_until)}
        case e.LicenceRenewed() if c.licence:
            return {"licence": c.licence.model_copy(update={"valid_until": event.valid_until})}
        case e.LicenceStated():
            return {"licence": Licence(number=event.number, valid_until=event.valid_until)}
        case e.SustainabilityJudged():
            return {"verdict": event.verdict}
    return {}


def _profile(event: e.ClusterIdentified | e.ClusterImported) -> Profile:
    imported = isinstance(event, e.ClusterImported)
    return Profile(
        name_fa=event.name_fa, name_en=event.name_en, province=event.province, county=event.county,
        product=event.product, rehearsal=event.rehearsal, imported=imported,
        status=event.status if isinstance(event, e.ClusterImported) else "",
    )  # fmt: skip


def _entered(c: Cluster, event: e.StageEntered) -> dict[str, Any]:
    stages = {**c.stages, event.stage: StageState(started_on=event.started_on)}
    stage = c.methodology.stage_by_key.get(event.stage)
    if stage is None or stage.track == "parallel":
        return {"stages": stages}
    change: dict[str, Any] = {"stages": stages, "stage": event.stage}
    if event.stage == c.methodology.term.exit_stage:
        change["handed_over_on"] = event.started_on
    return change


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
    change: dict[str, Any] = {"duties": _without(c.duties, event.duty)}
    if event.outcome == "stage_left":
        change["sent"] = _without(c.sent, event.duty.partition(":")[0])
    return change


def _decided(c: Cluster, event: e.GateDecided, day: Any) -> GateState:
    before = c.gates.get(event.gate, GateState(state="asked", on=day))
    if event.passed:
        return GateState(state="passed", on=day, let_by=(*before.let_by, event.role), waived=before.waived)
    if event.holds_until is not None:
        return GateState(state="held", on=day, holds_until=event.holds_until, waived=before.waived)
    _, gate = c.methodology.gate_by_key[event.gate]
    answer = gate.answer(event.answer)
    if answer is not None and answer.does == "pass":
        return before.model_copy(update={"let_by": (*before.let_by, event.role)})
    return GateState(state="reworked", on=day, waived=before.waived)


def _measured(c: Cluster, values: dict[str, str], day: Any) -> dict[str, Measure]:
    measures = dict(c.measures)
    for key, value in values.items():
        baseline = measures[key].baseline if key in measures else value
        measures[key] = Measure(baseline=baseline, latest=value, measured_on=day)
    return measures


def _kept(c: Cluster, event: e.DeliverableSubmitted) -> dict[str, Any]:
    """The values the engine still needs at approval; prose and survey tables stay in the record only."""
    _, kind = c.methodology.deliverable_by_key[event.deliverable]
    tables = kind.yields in ("milestones", "tranches")
    return {key: value for key, value in event.values.items()
            if not _is_commitment(value) and (tables or not isinstance(value, list))}  # fmt: skip


def _is_commitment(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("hmac-sha256:")


def _changed(records: dict[Any, Any], key: Any, **change: Any) -> dict[Any, Any]:
    return {**records, key: records[key].model_copy(update=change)} if key in records else records


def _without(records: dict[Any, Any], key: Any) -> dict[Any, Any]:
    return {k: v for k, v in records.items() if k != key} if key in records else records
