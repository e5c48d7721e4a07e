"""Who may ask for what: one table, and the rules about persons that no role can lift."""

from __future__ import annotations

from domain import commands as c
from domain.cluster import Cluster
from domain.recording import Actor, persons_of
from domain.refusals import Refused
from domain.values import Frozen

OWN_ROLES = ("service", "engine")

MAY: dict[type[Frozen], tuple[str, ...]] = {
    c.IdentifyCluster: ("provincial_coordinator", "national_office"),
    c.ImportCluster: ("provincial_coordinator", "national_office"),
    c.ConfirmStart: ("provincial_coordinator", "national_office"),
    c.StateLicence: ("provincial_coordinator", "national_office"),
    c.SubmitDeliverable: ("@owner",),
    c.ApproveDeliverable: ("@approver",),
    c.ReturnDeliverable: ("@approver",),
    c.CastVote: ("@seated",),
    c.DecideGate: ("@decides",),
    c.WaiveCondition: ("@waives",),
    c.SeatBody: ("provincial_coordinator", "national_office"),
    c.ConfirmAgent: ("@owner",),
    c.GiveNotice: ("cda", "provincial_ceo"),
    c.NameInterim: ("provincial_coordinator", "provincial_ceo"),
    c.ListInventory: ("provincial_coordinator", "cda"),
    c.CompleteMilestone: ("@owner",),
    c.ScoreEvaluation: ("@owner",),
    c.ModerateEvaluation: ("@owner",),
    c.OpenFinding: ("technical_supervisor", "senior_supervisor", "evaluator", "national_office"),
    c.AnswerFinding: ("@owner",),
    c.CloseFinding: ("technical_supervisor", "senior_supervisor", "evaluator", "national_office"),
    c.AskExtension: ("provincial_coordinator", "national_office"),
    c.DecideExtension: ("@owner",),
    c.EndProgramme: ("national_office",),
    c.ReviewStall: ("@owner",),
    c.AskAgain: ("national_office",),
    c.WithdrawCluster: ("provincial_coordinator", "national_office"),
    c.RemindNow: ("provincial_coordinator", "technical_supervisor", "national_office"),
    c.Snooze: ("@owner",),
    c.Recover: ("national_office",),
}
"""Command → roles. `@…` is a relation the decision resolves: who owes the duty, approves, sits, decides, waives."""


def check_role(cluster: Cluster, command: Frozen, actor: Actor) -> None:
    """Refused unless the table lets the actor ask; relations are checked where the duty is known."""
    if type(command) not in MAY:  # the engine's own requests; no client can send them
        if actor.role not in OWN_ROLES:
            raise Refused("role_may_not", "actor.role")
        return
    if any(person.startswith("svc:") for person in persons_of(actor)):
        raise Refused("role_may_not", "actor.person")  # a service never acts for a person
    allowed = MAY[type(command)]
    known = cluster.methodology.role_by_key.get(actor.role)
    if known is None or not known.writes or (not allowed[0].startswith("@") and actor.role not in allowed):
        raise Refused("role_may_not", "actor.role", "", tuple(r for r in allowed if not r.startswith("@")))
    if not covers(cluster, actor):
        raise Refused("out_of_scope", "actor.scope")


def covers(cluster: Cluster, actor: Actor) -> bool:
    """True when the actor's scope holds this cluster and fits the role: nation, its province, or itself."""
    level, _, place = actor.scope.partition("/")
    role = cluster.methodology.role_by_key.get(actor.role)
    if role is not None and role.scope != level:
        return False
    match level:
        case "province":
            return cluster.profile is None or place == cluster.profile.province
        case "cluster":
            return place == cluster.id
    return True


def may_act_as(cluster: Cluster, actor: Actor, role: str) -> bool:
    """True when the actor acts in `role`; the agent's role only for the agent of this cluster, or who stands in."""
    if actor.role != role:
        return False
    if role == cluster.methodology.term.agent_role:
        return actor.person in (cluster.agent.person if cluster.agent else None, cluster.interim)
    return True


def check_four_eyes(authors: tuple[str, ...], actor: Actor) -> None:
    """Refused when the actor, or whom the actor stands in for, made what is to be judged."""
    if any(person in authors for person in persons_of(actor)):
        raise Refused("own_work", "actor.person")


def roles_that_may(command: type[Frozen]) -> tuple[str, ...]:
    """The roles the table names for a command; none where a relation decides."""
    return tuple(role for role in MAY[command] if not role.startswith("@"))
