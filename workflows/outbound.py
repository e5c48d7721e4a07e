"""What a cluster asks of the world, as declarations without bodies; `activities` has the bodies.

All but `append` and `archive_run` are effects: they may run more than once under one key, and answer with the report
that the cluster then decides about.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from temporalio import activity

from domain.cluster import Cluster
from domain.commands import ReportAssignment, ReportCandidates, ReportEvaluation, ReportLicence, ReportRelease
from domain.effects import ArchiveRun, AssignAgent, Evaluate, IssueLicence, ProposeAgent, ReleaseAgent
from domain.recording import Fact, Head
from domain.records import Effect
from domain.values import Frozen
from ledger.archive import Swept
from ledger.repairs import Reconciled


@activity.defn
async def append(stream: str, after: int, facts: list[Fact]) -> Head:
    """`ledger.store.Ledger.append`, by whoever holds the ledger."""
    raise NotImplementedError


@activity.defn
async def propose_agent(asked: ProposeAgent) -> ReportCandidates:
    """Ranked candidates, with the reasons for the ranks."""
    raise NotImplementedError


@activity.defn
async def assign_agent(asked: AssignAgent) -> ReportAssignment:
    """The cluster counts into the agent's load, or the reason why not."""
    raise NotImplementedError


@activity.defn
async def release_agent(asked: ReleaseAgent) -> ReportRelease:
    """The cluster counts no longer into the agent's load."""
    raise NotImplementedError


@activity.defn
async def evaluate(asked: Evaluate) -> ReportEvaluation:
    """The rubric's totals and the network's figures."""
    raise NotImplementedError


@activity.defn
async def issue_licence(asked: IssueLicence) -> ReportLicence:
    """A completion licence, in the register under its number."""
    raise NotImplementedError


@activity.defn
async def archive_run(asked: ArchiveRun) -> None:
    """The history of an ended run is in the archive, whatever it takes."""
    raise NotImplementedError


EFFECTS: dict[str, tuple[Callable[[Any], Awaitable[Frozen]], str]] = {
    "propose_agent": (propose_agent, "svc:agents"),
    "assign_agent": (assign_agent, "svc:agents"),
    "release_agent": (release_agent, "svc:agents"),
    "evaluate": (evaluate, "svc:evaluation"),
    "issue_licence": (issue_licence, "svc:licences"),
}
"""Kind of effect → the activity, and the service that signs for its answer."""


@activity.defn
async def sweep() -> Swept:
    """Ended runs that nobody archived are archived, and of running ones what they have so far, once a week."""
    raise NotImplementedError


@activity.defn
async def reconcile() -> Reconciled:
    """Engine and ledger are held against each other where something happened, and everywhere once a week."""
    raise NotImplementedError


ROUND: tuple[Callable[[], Awaitable[Frozen]], ...] = (sweep, reconcile)
"""What the office's round does, in this order. A further one: its declaration above, and its name here."""

DECLARED: tuple[Callable[..., Any], ...] = (append, *(asked for asked, _ in EFFECTS.values()))
"""What clusters' workers do."""

OF_OFFICE: tuple[Callable[..., Any], ...] = (archive_run, *ROUND)
"""What the office's worker does, on a queue of its own: however much it is, it takes no place from an append."""


def office_queue(task_queue: str) -> str:
    """Where the office's worker polls, beside the clusters' workers of `task_queue`."""
    return f"{task_queue}-office"


def question(effect: Effect, cluster: Cluster, at: datetime) -> Frozen:
    """What `effect` asks, with what the service needs to know of the cluster."""
    place = cluster.profile
    assert place is not None  # noqa: S101 - the first fact gives the profile, and effects follow from facts
    match effect.kind:
        case "propose_agent":
            before = (cluster.agent.person,) if cluster.agent else ()
            return ProposeAgent(
                effect=effect.key, cluster=cluster.id, province=place.province, product=place.product,
                excluded=before, at=at,
            )  # fmt: skip
        case "assign_agent":
            return AssignAgent(effect=effect.key, cluster=cluster.id, agent=effect.ref, at=at)
        case "release_agent":
            return ReleaseAgent(effect=effect.key, cluster=cluster.id, agent=effect.ref, at=at)
        case "evaluate":
            return Evaluate(effect=effect.key, cluster=cluster.id, duty=effect.ref, at=at)
        case "issue_licence":
            return IssueLicence(
                effect=effect.key, cluster=cluster.id, province=place.province, at=at,
                months=cluster.methodology.term.licence_months, issued_on=cluster.calendar.day_of(at),
            )  # fmt: skip
