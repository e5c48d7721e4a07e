"""A cluster's workflow made anew from the ledger's fold, after two people have looked and say so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from client.ids import command_id
from client.programme import Programme
from client.reconciling import Checked, Reconciler
from client.signatories import Signed
from domain.cluster import Cluster, new_cluster
from domain.commands import Recover
from domain.decisions import decide
from domain.events import RecoveryReason
from domain.evolution import dump, evolve_all
from domain.recording import Envelope, Fact, Receipt
from domain.refusals import Refused
from domain.requests import OF_THE_ENGINE, request_of
from domain.rulebook import read, text_of
from ledger import archive
from ledger.archive import archived_in
from ledger.entry import state_digest
from ledger.inspection import Inspection
from ledger.store import Ledger
from workflows.chapter import Chapter, stream_of
from workflows.cluster_development import ClusterDevelopment
from workflows.seen import Place, Seen


class RepairFirst(Exception):
    """The ledger itself is not whole: nothing can be made from it. `checked` says what is to be put right."""

    def __init__(self, checked: Checked) -> None:
        super().__init__(checked.stream)
        self.checked = checked


class Recovery:
    """Makes workflows anew. Broken off, the same call goes on; a cluster that needs none is left alone."""

    def __init__(
        self, client: Client, ledger: Ledger, programme: Programme, reconciler: Reconciler,
        *, clock: Callable[[], datetime], task_queue: str,
    ) -> None:  # fmt: skip
        self._client, self._ledger, self._programme = client, ledger, programme
        self._reconciler, self._clock, self._task_queue = reconciler, clock, task_queue

    async def recover(self, cluster: str, signed: Signed, reason: RecoveryReason, id: str = "") -> Receipt:
        """The cluster lives on from its last sealed entry, and that is on record, as command `id` if one is named.

        Refused `not_found`, `not_awaited` (nothing calls for it), or as the decision refuses; RepairFirst.
        """
        checked = await self._reconciler.check(stream_of(cluster))
        _check_called_for(checked)
        chapter = await asyncio.to_thread(self._chapter, checked)
        state = state_digest(chapter.state.encode())
        asked = Recover(reason=reason, second=signed.second, state=state)
        at = self._clock()
        envelope = Envelope(
            id=id or command_id(at), cluster=cluster, type=Recover.__name__, occurred_at=at, actor=signed.first,
            expected_seq=chapter.head.seq, data=asked.model_dump(mode="json"),
        )  # fmt: skip
        _check_signed_by_two(chapter.opened(), envelope, at)
        if not _is_waiting(checked):
            await self._begin_anew(checked, chapter, envelope.id)
        return await self._programme.submit(envelope)

    async def _begin_anew(self, checked: Checked, chapter: Chapter, id: str) -> None:
        """The old run, if one is open, ends; the new one stands on the ledger's fold and waits for its command."""
        if checked.seen is not None and checked.seen.is_open:
            handle = self._client.get_workflow_handle(checked.stream, run_id=checked.seen.run)
            await handle.terminate(reason=f"recovery {id}")
        # What the old run could not seal froze the stream; the new one has nothing that is not sealed.
        await asyncio.to_thread(self._ledger.release, checked.stream)
        await self._client.start_workflow(
            ClusterDevelopment.run, chapter, id=checked.stream, task_queue=self._task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE, id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )  # fmt: skip

    def _chapter(self, checked: Checked) -> Chapter:
        content = self._ledger.text(rulebook_of(checked.ledger.facts))
        known = [chapter.number for chapter in checked.seen.chapters] if checked.seen else []
        # The archive remembers chapters of which the engine has lost every trace.
        kept = archived_in(self._ledger.entries(archive.STREAM)).get(checked.name, [])
        number = 1 + max([*known, *(history.number for history in kept)], default=0)
        return chapter_from(checked.ledger, content, number)


def chapter_from(ledger: Inspection, rulebook: bytes, number: int) -> Chapter:
    """A chapter that begins where the ledger ends, with what the cluster then remembers."""
    id = ledger.stream.removeprefix("cluster/")
    cluster = evolve_all(new_cluster(id, read(rulebook)), ledger.facts)
    seen = remembered(ledger.facts)
    return Chapter(
        cluster=id, rulebook=text_of(rulebook), rehearsal=bool(cluster.profile and cluster.profile.rehearsal),
        number=number, state=dump(cluster).decode(), head=ledger.head, seen=seen.carried(), forgotten=seen.forgotten,
        from_fold=True,
    )  # fmt: skip


def remembered(facts: Sequence[Fact]) -> Seen:
    """The commands of people among these facts, as far as a cluster remembers them. Their content is not known."""
    seen = Seen((), 0)
    for fact in facts:
        if fact.command.n == 1 and fact.authenticated_by != OF_THE_ENGINE:
            seen.remember(fact.command.id, Place(fact.seq, fact.command.of, ""))
    return seen


def rulebook_of(facts: Sequence[Fact]) -> str:
    """The digest of the rules the last fact was decided by."""
    named = facts[-1].methodology if facts else None
    if named is None:
        raise Refused("not_found", "cluster")
    return named.digest


def _check_called_for(checked: Checked) -> None:
    if any(one.repair in ("refill", "rebuild", "restore") for one in checked.findings):
        raise RepairFirst(checked)
    if not checked.ledger.facts:
        raise Refused("not_found", "cluster")
    if not any(one.repair == "recover" for one in checked.findings):
        raise Refused("not_awaited", "cluster")


def _check_signed_by_two(cluster: Cluster, envelope: Envelope, at: datetime) -> None:
    """Refused before anything is ended, as the cluster itself will refuse it."""
    decide(cluster, request_of(envelope, "client"), at)


def _is_waiting(checked: Checked) -> bool:
    """True when the run was begun anew before, from this very entry, and only its command is missing."""
    told = checked.seen
    if told is None or not told.is_open or len(told.engine.runs) != 1:
        return False
    run = told.engine.runs[0]
    return run.from_fold and run.begins == checked.ledger.head and told.engine.state == checked.ledger.state
