"""Agents for clusters: proposed with reasons, counted in and out, once for each effect."""

from __future__ import annotations

from typing import Protocol

from temporalio import activity

from domain.commands import ReportAssignment, ReportCandidates, ReportRelease
from domain.effects import AssignAgent, ProposeAgent, ReleaseAgent
from domain.events import Candidate


class Registry(Protocol):
    """The office's registry of agents; every call may be repeated after an interruption."""

    def propose(self, asked: ProposeAgent) -> tuple[Candidate, ...]:
        """Who may lead the cluster, best first."""

    def assign(self, asked: AssignAgent) -> str | None:
        """None when the cluster is in the agent's load, otherwise the code of the reason."""

    def release(self, asked: ReleaseAgent) -> None:
        """The cluster is not in the agent's load."""


class AgentActivities:
    """Run in an executor of threads: the registry blocks."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    @activity.defn
    def propose_agent(self, asked: ProposeAgent) -> ReportCandidates:
        return ReportCandidates(effect=asked.effect, candidates=self._registry.propose(asked))

    @activity.defn
    def assign_agent(self, asked: AssignAgent) -> ReportAssignment:
        refused = self._registry.assign(asked)
        return ReportAssignment(effect=asked.effect, agent=asked.agent, refused=refused)

    @activity.defn
    def release_agent(self, asked: ReleaseAgent) -> ReportRelease:
        self._registry.release(asked)
        return ReportRelease(effect=asked.effect, agent=asked.agent)
