"""The oracle of a rehearsal: the same script over decide and evolve alone, sealed in a ledger, without an engine."""

from __future__ import annotations

from datetime import datetime

from activities.trust_network import before_and_after
from adapters.agents import AgentRegistry
from adapters.ledger_sql import SqlLedger
from adapters.licences import LicenceRegister
from domain import commands as c
from domain.cluster import Cluster, new_cluster
from domain.decisions import decide
from domain.duties import next_due
from domain.effects import AssignAgent, IssueLicence, ProposeAgent, ReleaseAgent
from domain.evolution import evolve_all
from domain.recording import Cause, Envelope, Fact
from domain.records import Effect, Evaluation
from domain.requests import ENGINE, Request, own_request, request_of
from domain.rubric import combine
from domain.rulebook import Rulebook
from domain.values import Frozen
from ledger.entry import fact_of
from workflows.chapter import own_id, stream_of

BUILD = "rehearsal"


class PureEngine:
    """`rehearsal.life.Engine` in one process: alarms ring, services answer, at once and in order."""

    def __init__(self, ledger: SqlLedger, rulebook: Rulebook) -> None:
        self._ledger, self._rulebook = ledger, rulebook
        self._registry, self._licences = AgentRegistry(ledger, BUILD), LicenceRegister(ledger, BUILD)
        self.clusters: dict[str, Cluster] = {}
        self._answered: set[str] = set()

    async def advance(self, to: datetime) -> None:
        for cluster in sorted(self.clusters):
            while (due := next_due(self.clusters[cluster])) is not None and due <= to:
                before = self.clusters[cluster]
                at = max(due, before.last_at or due)
                what = f"alarm/{before.seq + 1}"
                self._own(cluster, c.PassTime(until=at), what, at,
                          cause=Cause(kind="rung", ref=what), person=ENGINE.person)  # fmt: skip
                assert self.clusters[cluster].seq > before.seq, f"{cluster}: the alarm of {due} changed nothing"

    async def open(self, envelope: Envelope) -> None:
        self.clusters[envelope.cluster] = new_cluster(envelope.cluster, self._rulebook)
        await self.submit(envelope)

    async def submit(self, envelope: Envelope) -> None:
        signed = request_of(envelope, BUILD).model_copy(update={"authenticated_by": "local_key"})
        self._decide(envelope.cluster, signed, envelope.occurred_at)

    def _own(self, cluster: str, command: Frozen, what: str, at: datetime, *, cause: Cause, person: str) -> None:
        own = own_request(command, id=own_id(cluster, what), at=at, build=BUILD, person=person, cause=cause)
        self._decide(cluster, own, at)

    def _decide(self, cluster: str, request: Request, at: datetime) -> None:
        facts = decide(self.clusters[cluster], request, at)
        if not facts:
            return
        self._ledger.append(stream_of(cluster), facts[0].seq - 1, facts)
        self.clusters[cluster] = evolve_all(self.clusters[cluster], facts)
        for effect in list(self.clusters[cluster].effects.values()):
            if effect.key not in self._answered:
                self._answered.add(effect.key)
                self._fulfil(cluster, effect, at)

    def _fulfil(self, cluster: str, effect: Effect, at: datetime) -> None:
        state, key = self.clusters[cluster], effect.key
        assert state.profile is not None
        province, product = state.profile.province, state.profile.product
        report: Frozen
        person = "svc:agents"
        match effect.kind:
            case "propose_agent":
                report = c.ReportCandidates(effect=key, candidates=self._registry.propose(ProposeAgent(
                    effect=key, cluster=cluster, province=province, product=product, at=at)))  # fmt: skip
            case "assign_agent":
                refused = self._registry.assign(AssignAgent(effect=key, cluster=cluster, agent=effect.ref, at=at))
                report = c.ReportAssignment(effect=key, agent=effect.ref, refused=refused)
            case "release_agent":
                self._registry.release(ReleaseAgent(effect=key, cluster=cluster, agent=effect.ref, at=at))
                report = c.ReportRelease(effect=key, agent=effect.ref)
            case "evaluate":
                person = "svc:evaluation"
                sheets = state.evaluations.get(effect.ref, Evaluation())
                marks = combine(sheets.sheets, sheets.moderated, state.methodology.rubric)
                before, after = before_and_after(self._facts(cluster))
                report = c.ReportEvaluation(effect=key, duty=effect.ref, **marks.model_dump(),
                                            network_before=before, network_after=after)  # fmt: skip
            case "issue_licence":
                person = "svc:licences"
                issued = self._licences.issue(IssueLicence(
                    effect=key, cluster=cluster, province=province, at=at,
                    months=state.methodology.term.licence_months, issued_on=state.calendar.day_of(at)))  # fmt: skip
                report = c.ReportLicence(**issued.model_dump(exclude={"cluster"}))
        self._own(cluster, report, f"answer/{key}", at, cause=Cause(kind="effect", ref=key), person=person)

    def _facts(self, cluster: str) -> list[Fact]:
        return [fact_of(leaf) for leaf in self._ledger.entries(stream_of(cluster))]
