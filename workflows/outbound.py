"""What a cluster asks of the world, as declarations without bodies; `activities` has the bodies.

All but `append` are effects: they take the wish, who the cluster is and the moment of asking, may run more than
once under one key, and answer with the report that the cluster then decides about.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from temporalio import activity

from domain.commands import ReportAssignment, ReportCandidates, ReportEvaluation, ReportLicence
from domain.recording import Fact, Head
from domain.records import Effect, Profile
from domain.values import Frozen


@activity.defn
async def append(stream: str, after: int, facts: list[Fact]) -> Head:
    """`ledger.store.Ledger.append`, by whoever holds the ledger."""
    raise NotImplementedError


@activity.defn
async def propose_agent(effect: Effect, profile: Profile, at: datetime) -> ReportCandidates:
    """Ranked candidates, with the reasons for the ranks."""
    raise NotImplementedError


@activity.defn
async def assign_agent(effect: Effect, profile: Profile, at: datetime) -> ReportAssignment:
    """The cluster counts into the load of the agent `effect.ref`, or the reason why not."""
    raise NotImplementedError


@activity.defn
async def release_agent(effect: Effect, profile: Profile, at: datetime) -> ReportAssignment:
    """The cluster counts no longer into the load of the agent `effect.ref`."""
    raise NotImplementedError


@activity.defn
async def evaluate(effect: Effect, profile: Profile, at: datetime) -> ReportEvaluation:
    """The rubric's totals and the network's figures for the duty `effect.ref`."""
    raise NotImplementedError


@activity.defn
async def issue_licence(effect: Effect, profile: Profile, at: datetime) -> ReportLicence:
    """A completion licence, in the register under its number."""
    raise NotImplementedError


EFFECTS: dict[str, tuple[Callable[..., Awaitable[Frozen]], str]] = {
    "propose_agent": (propose_agent, "svc:agents"),
    "assign_agent": (assign_agent, "svc:agents"),
    "release_agent": (release_agent, "svc:agents"),
    "evaluate": (evaluate, "svc:evaluation"),
    "issue_licence": (issue_licence, "svc:licences"),
}
"""Kind of effect → the activity, and the service that signs for its answer."""

DECLARED: tuple[Callable[..., Any], ...] = (append, *(asked for asked, _ in EFFECTS.values()))
