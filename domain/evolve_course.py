"""What facts make of the cluster's course: its file, stages, gates, bodies, agent and term."""

from __future__ import annotations

from typing import Any

from domain import events as e
from domain.cluster import Cluster
from domain.recording import Fact, persons_of
from domain.records import Agent, Clock, Duty, Extension, GateState, Profile, Seat, StageState, changed


def change(c: Cluster, event: Any, fact: Fact) -> dict[str, Any] | None:
    """The fields of the state that a fact about the course replaces; None for a fact about something else."""
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
            return {"stages": changed(c.stages, event.stage, ended_on=day)}
        case e.StartConfirmed():
            change: dict[str, Any] = {"stages": changed(c.stages, event.stage, started_on=event.started_on)}
            change["file_on"] = c.calendar.day_of(fact.recorded_at)
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
        case e.BodySeated():
            seat = Seat(members=event.members, quorum=event.quorum, until=event.until)
            return {"bodies": {**c.bodies, event.body: seat}, "duties": _votes_void(c, event.body)}
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
            led_by = dict.fromkeys((*c.led_by, event.agent))
            agent = Agent(person=event.agent, since=day)
            return {"agent": agent, "candidates": (), "interim": None, "led_by": tuple(led_by)}
        case e.AgentNoticeGiven() if c.agent:
            return {"agent": c.agent.model_copy(update={"notice_on": day})}
        case e.AgentReleased():
            return {"agent": None, "interim": None, "agent_left": True}
        case e.InterimNamed():
            return {"interim": event.person, "led_by": tuple(dict.fromkeys((*c.led_by, event.person)))}
        case e.ExtensionAsked():
            return {"extension": Extension(months=event.months, by=persons_of(fact.actor))}
        case e.ExtensionDecided() if c.extension:
            granted = (*c.extension.granted_by, event.role)
            return {"extension": c.extension.model_copy(update={"granted_by": granted}) if event.granted else None}
    return None


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


def _votes_void(c: Cluster, body: str) -> dict[str, Duty]:
    """Votes of a former seating do not count: who sits there now has to answer."""
    return {
        key: duty.model_copy(update={"votes": {}}) if duty.owner == body and duty.votes else duty
        for key, duty in c.duties.items()
    }


def _decided(c: Cluster, event: e.GateDecided, day: Any) -> GateState:
    before = c.gates.get(event.gate, GateState(state="asked", on=day))
    if event.passed:
        return GateState(state="passed", on=day, let_by=(*before.let_by, event.role), waived=before.waived)
    if event.holds_until is not None:
        return GateState(state="held", on=day, holds_until=event.holds_until, waived=before.waived)
    found = c.methodology.gate_by_key.get(event.gate)
    answer = found[1].answer(event.answer) if found else None
    if answer is not None and answer.does == "pass":
        return before.model_copy(update={"let_by": (*before.let_by, event.role)})
    return GateState(state="reworked", on=day, waived=before.waived)
