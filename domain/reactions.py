"""What a fact asks of others: effects the engine runs beside its loop, and notices people find in their inbox."""

from __future__ import annotations

from typing import Any

from domain import events as e
from domain.cluster import Cluster
from domain.records import Effect
from domain.values import Frozen


class Notice(Frozen):
    """One message for a role of the cluster (or one person), in words found by key at delivery."""

    role: str
    person: str | None
    rung: str
    level: str
    subject: str
    words_key: str


def effects_of(event: Any, cluster_id: str, seq: int) -> tuple[Effect, ...]:
    """The services to ask once this event is sealed; each answers with a report naming the effect's key."""

    def effect(kind: Any, ref: str = "") -> tuple[Effect, ...]:
        return (Effect(key=f"{cluster_id}/{seq}/{kind}", kind=kind, ref=ref),)

    match event:
        case e.AgentSought():
            return effect("propose_agent")
        case e.AgentChosen():
            return effect("assign_agent", event.agent)
        case e.AgentNoticeGiven() | e.AgentReleased():
            return effect("release_agent", event.agent)
        case e.EvaluationWanted():
            return effect("evaluate", event.duty)
        case e.ServiceAskedAgain():
            return effect(event.service, event.ref)
        case e.LicenceWanted():
            return effect("issue_licence")
    return ()


def notices_of(event: Any, cluster: Cluster) -> tuple[Notice, ...]:
    """Who finds this in the inbox; `cluster` is the state after the fact."""
    match event:
        case e.RungFired():
            duty = cluster.duties.get(event.duty)
            return tuple(
                Notice(role=role, person=duty.person if duty and role == duty.owner else None, rung=event.rung,
                       level=event.level, subject=event.duty, words_key=f"rung.{event.rung}")
                for role in event.to
            )  # fmt: skip
        case e.DutyReminded():
            duty = cluster.duties.get(event.duty)
            return (_to(duty.owner, event.duty, "reminded"),) if duty else ()
        case e.DeliverableReturned():
            return (_to(_owner(cluster, event.deliverable), event.duty, "returned"),)
        case e.DeliverableApproved():
            return (_to(_owner(cluster, event.deliverable), event.duty, "approved"),)
        case e.GateDecided():
            stage, _ = cluster.methodology.gate_by_key[event.gate]
            return (_to(stage.owner, event.gate, "gate_decided"),)
        case e.AgentAssigned() if not cluster.is_over:
            return (_to(cluster.methodology.term.agent_role, "agent", "agent_assigned"),)
        case e.LicenceIssued():
            return (
                _to(
                    cluster.methodology.stage_by_key[cluster.methodology.term.exit_stage].owner,
                    "licence",
                    "licence_issued",
                ),
            )
        case e.EffectFailed():
            return (_to(cluster.methodology.term.term_answered_by, event.effect, "effect_failed"),)
    return ()


def _to(role: str, subject: str, words: str) -> Notice:
    return Notice(role=role, person=None, rung="", level="", subject=subject, words_key=f"notice.{words}")


def _owner(cluster: Cluster, deliverable: str) -> str:
    _, kind = cluster.methodology.deliverable_by_key[deliverable]
    return kind.owner
