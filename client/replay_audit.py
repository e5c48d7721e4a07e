"""One cluster's years told three ways: the fold of its record, the replay of its histories, its living workflow.

The histories are those of the archive and, where an engine answers, what it still has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any, NamedTuple

from temporalio.client import Client, RPCError, WorkflowHandle
from temporalio.service import RPCStatusCode

from client.archiving import Living
from client.history import HistoryUnfit, links, packed
from client.replay_findings import Finding, faults_of_chain, faults_of_facts
from client.replayers import ReplayerEnded, Replayers, Run
from domain.recording import Head
from ledger.archive import HistoryArchived, name_of
from ledger.chain import verify_chain
from ledger.entry import Leaf, digest_of
from ledger.objects import Objects
from ledger.parting import digests_at
from ledger.store import Entries
from workflows.chapter import stream_of
from workflows.cluster_development import ClusterDevelopment

QUERY = timedelta(seconds=30)
UNANSWERED = (RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)


@dataclass
class Told:
    """One cluster. `beyond` counts facts that were sealed after the last history that is kept.

    `live_digest` is of the living workflow or, where no engine answers, what was said when the last history was kept.
    """

    id: str
    runs: int = 0
    history_events: int = 0
    facts: int = 0
    beyond: int = 0
    ledger_digest: str | None = None
    replay_digest: str | None = None
    live_digest: str | None = None
    builds: list[str] = field(default_factory=list)
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.findings


class Kept(NamedTuple):
    """A history to be replayed, and what was known of it when it was kept."""

    run: str
    content: bytes
    build: str
    living: Living = Living(None, None)


class Live(NamedTuple):
    """What an engine has of a cluster: its runs that are not archived whole, and its state where a worker answers."""

    kept: list[Kept]
    state: Living


class ReplayAudit:
    """`client` None: no engine is asked. `replayers` may be of another build."""

    def __init__(
        self, ledger: Entries, archived: dict[str, list[HistoryArchived]], objects: Callable[[], Objects],
        replayers: Replayers, client: Client | None = None,
    ) -> None:  # fmt: skip
        self._ledger, self._archived, self._objects = ledger, archived, objects
        self._replayers, self._client = replayers, client

    async def told(self, cluster: str) -> Told:
        """The three ways of one cluster, held against each other."""
        began, told = monotonic(), Told(cluster)
        kept = await asyncio.to_thread(self._from_archive, cluster, told)
        live = await self._live(cluster)
        if live is not None:
            known = {one.run for one in live.kept}
            kept = [*(one for one in kept if one.run not in known), *live.kept]
        # After the histories: what they hold is sealed by now.
        leaves = await asyncio.to_thread(self._ledger.entries, stream_of(cluster))
        if kept:
            await self._replay(told, kept, leaves, live)
        else:
            told.findings.append(Finding("no_history"))
        told.facts, told.seconds = len(leaves), monotonic() - began
        return told

    def _from_archive(self, cluster: str, told: Told) -> list[Kept]:
        found = []
        for one in self._archived.get(cluster, []):
            try:
                content = self._objects().get(name_of(one.digest))
            except LookupError:
                told.findings.append(Finding("object_missing", name_of(one.digest), one.number))
                continue
            if digest_of(content) != one.digest:
                told.findings.append(Finding("object_differs", name_of(one.digest), one.number))
                continue
            found.append(Kept(one.run, content, one.build, Living(one.seq, one.state_digest)))
        return found

    async def _live(self, cluster: str) -> Live | None:
        """None where no engine knows the cluster."""
        if self._client is None:
            return None
        whole = {one.run for one in self._archived.get(cluster, []) if one.kind == "whole"}
        handle, kept = self._client.get_workflow_handle(stream_of(cluster)), list[Kept]()
        try:
            run: str | None = (await handle.describe()).run_id
            state = await self._state(handle)
            while run and run not in whole:
                history = await self._client.get_workflow_handle(stream_of(cluster), run_id=run).fetch_history()
                kept.insert(0, Kept(run, packed(history), "live"))
                run = links(history.events).before
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return None
            raise
        return Live(kept, Living(state.get("seq"), state.get("digest")))

    async def _state(self, handle: WorkflowHandle[Any, Any]) -> dict[str, Any]:
        """Empty where no worker is there to answer."""
        try:
            return dict(await handle.query(ClusterDevelopment.state, rpc_timeout=QUERY))
        except RPCError as error:
            if error.status in UNANSWERED:
                return {}
            raise

    async def _replay(self, told: Told, kept: Sequence[Kept], leaves: Sequence[Leaf], live: Live | None) -> None:
        try:
            runs = await self._replayers.replay([one.content for one in kept])
        except HistoryUnfit as unfit:
            told.findings.append(Finding("history_unfit", f"{unfit.code} {unfit.detail}".strip()))
            return
        except ReplayerEnded as ended:
            told.findings.append(Finding("replayer_ended", str(ended)))
            return
        by_place = sorted(zip(kept, runs, strict=True), key=lambda pair: pair[1].number)
        told.runs, told.history_events = len(runs), sum(run.events for run in runs)
        told.builds = sorted({one.build for one in kept})
        chain = [(one.run, run) for one, run in by_place]
        told.findings += faults_of_chain(told.id, chain, is_whole=self._client is not None)
        told.findings += faults_of_facts([run for _, run in by_place], leaves)
        await asyncio.to_thread(self._compare, told, by_place[-1], leaves, live)

    def _compare(self, told: Told, last_kept: tuple[Kept, Run], leaves: Sequence[Leaf], live: Live | None) -> None:
        """The digests of the three, each against the fold at its own entry."""
        kept, last = last_kept
        living = live.state if live else kept.living
        stream = stream_of(told.id)
        if not isinstance(broken := verify_chain(stream, leaves), Head):
            told.findings.append(Finding("chain", broken[0].kind, seq=broken[0].seq))
            return
        told.replay_digest = last.digest
        wanted = {seq for seq in (last.seq, living.seq) if seq}
        at = digests_at(told.id, leaves, self._ledger.text, wanted)
        if last.seq is not None:
            told.ledger_digest = at.get(last.seq)
            told.beyond = max(len(leaves) - last.seq, 0)
            if last.closed is not None and last.seq > len(leaves):
                told.findings.append(Finding("ahead", seq=len(leaves) + 1))
            elif told.ledger_digest is not None and told.ledger_digest != last.digest:
                told.findings.append(Finding("state_differs", seq=last.seq))
        if living.seq is not None:
            told.live_digest = living.digest
            if living.seq in at and at[living.seq] != living.digest:
                told.findings.append(Finding("live_differs", seq=living.seq))
