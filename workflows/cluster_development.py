"""One cluster, from its first identification to long after its licence: one door, one record, one alarm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from domain import commands, evolution
    from domain.decisions import decide
    from domain.duties import next_due
    from domain.recording import Cause, Envelope, Fact, Head, Receipt
    from domain.records import Effect
    from domain.refusals import Refused
    from domain.requests import ENGINE, own_request, request_of
    from domain.values import Frozen
    from domain.waiting import details
    from ledger.entry import state_digest
    from ledger.signatures import content_digest
    from workflows import attributes, options, outbound
    from workflows.beside import Alarm, Beside, Unarchived
    from workflows.chapter import Chapter, own_id, versioning
    from workflows.door import Standing, as_failure, check_in, check_sealable
    from workflows.outbox import Outbox
    from workflows.seen import Place, Seen

QUEUE = 8  # the server allows 10 at once; two stay free for commands sent again


@workflow.defn
class ClusterDevelopment:
    """Decides, remembers and wakes for one cluster; `run` never returns and never fails."""

    @workflow.init
    def __init__(self, chapter: Chapter) -> None:
        # Everything is built here, because a handler may run before `run` does.
        self._chapter = chapter
        self._cluster = chapter.opened()
        self._stage = self._cluster.stage
        self._seen = Seen(chapter.seen, chapter.forgotten)
        self._outbox = Outbox(chapter.head)
        self._sending: asyncio.Task[Head] | None = None
        self._beside = Beside()
        self._alarm = Alarm(self._beside, self._ring)
        self._unarchived = Unarchived(self._beside, chapter.cluster, chapter.unarchived)
        self._asked: set[str] = set()
        self._shown = attributes.shown_in(workflow.info().typed_search_attributes)
        self._updates, self._waiting, self._closing, self._frozen = 0, 0, False, chapter.from_fold

    @workflow.run
    async def run(self, chapter: Chapter) -> None:  # noqa: ARG002 - the engine gives it to both
        """The chapter, to its end: what is decided gets sealed, and then the next one begins."""
        self._arm()
        self._ask()
        self._unarchived.ask()
        while True:
            try:
                await self._turn()
            except asyncio.CancelledError:
                self._survive()

    @workflow.update
    async def submit(self, envelope: Envelope) -> Receipt:
        """The command is decided and its facts are sealed; sent again under the same id, the same receipt."""
        self._updates += 1
        place = self._seen.place(envelope.id) or self._decided(envelope)
        self._waiting += 1
        try:
            await workflow.wait_condition(lambda: self._frozen or self._outbox.head.seq >= place.last)
        finally:
            self._waiting -= 1
        if self._outbox.head.seq < place.last:
            raise ApplicationError("accepted, and not known to be sealed", type="Frozen", non_retryable=True)
        return Receipt(seq=place.seq, count=place.facts, head=self._outbox.head)

    @submit.validator
    def _may_come_in(self, envelope: Envelope) -> None:
        at = self._at(envelope.occurred_at)
        # A script's signatures are as old as its moments; they are checked for everything but their age.
        signed_at = envelope.token.signed_at if envelope.token and self._chapter.rehearsal else at
        try:
            check_in(envelope, Standing(self._cluster, self._seen, self._shut(), at, signed_at, self._chapter.build()))
        except Refused as refused:
            raise as_failure(refused) from refused

    @workflow.query
    def state(self) -> dict[str, Any]:
        """What the fold of the ledger is compared with."""
        kept = evolution.dump(self._cluster)
        return {"seq": self._cluster.seq, "digest": state_digest(kept), "state": kept.decode(), "frozen": self._frozen}

    @workflow.signal
    async def nudge(self) -> None:
        """Wakes the cluster: after a release, or to try a frozen batch again. A recovery waits for its two people."""
        self._frozen = self._chapter.from_fold and self._cluster.seq == self._chapter.head.seq
        self._closing = self._closing or self._chapter.is_long(self._updates)
        self._arm()

    @workflow.signal(dynamic=True)
    async def unknown(self, name: str, args: Sequence[RawValue]) -> None:
        """A signal nobody defined changes nothing."""
        workflow.logger.warning("unknown_signal", extra={"signal": name[:80], "arguments": len(args)})

    async def _turn(self) -> None:
        """One step. The chapter's end is looked at first: steady traffic must not put it off for ever."""
        self._beside.check()
        self._closing = self._closing or self._has_left_its_stage() or self._chapter.is_long(self._updates)
        if self._frozen:
            self._show()
            await self._until(lambda: not self._frozen)
        elif self._sending or self._outbox:
            await self._ship()
        elif not self._closing:
            self._show()
            await self._until(lambda: bool(self._outbox) or self._closing)
        elif workflow.all_handlers_finished():
            self._end()
        else:
            await self._until(lambda: bool(self._outbox) or workflow.all_handlers_finished())

    async def _until(self, holds: Callable[[], bool]) -> None:
        await workflow.wait_condition(lambda: self._beside.fault is not None or holds())

    async def _ship(self) -> None:
        """The oldest facts of the outbox are sealed, or the cluster is frozen."""
        if self._sending is None:
            arguments = [self._chapter.stream, self._outbox.head.seq, self._outbox.batch()]
            self._sending = workflow.start_activity(outbound.append, args=arguments, **options.APPEND)
        # Not awaited itself: a stray cancel of the workflow would go through to it.
        await workflow.wait_condition(self._sending.done)
        sent, self._sending = self._sending, None
        try:
            self._outbox.sealed(await sent)
        except FailureError as failure:
            workflow.logger.error("frozen", extra={"why": str(failure.cause or failure)})
            self._frozen = True
            self._arm()
        else:
            self._ask()

    def _has_left_its_stage(self) -> bool:
        return self._stage not in ("", self._cluster.stage)

    def _end(self) -> None:
        """The next chapter begins with all that this one knows."""
        following = self._chapter.following(self._cluster, self._outbox.head, self._seen, self._unarchived.runs)
        workflow.continue_as_new(following, initial_versioning_behavior=versioning())

    def _survive(self) -> None:
        """A cancel that nobody of the programme sent is put on record, and life goes on."""
        # An eviction from the worker's cache cancels too; then this raises, and the run leaves as it must.
        workflow.random()
        cause = Cause(kind="engine", ref="cancel")
        self._report(commands.ReportCancel(), f"cancel/{self._cluster.seq + 1}", cause)

    def _decided(self, envelope: Envelope) -> Place:
        """Where the facts of the command will stand. No await between deciding and accepting."""
        try:
            facts = decide(self._cluster, request_of(envelope, self._chapter.build()), self._at(envelope.occurred_at))
        except Refused as refused:
            raise as_failure(refused) from refused
        place = Place(self._cluster.seq + 1, len(facts), content_digest(envelope))
        self._seen.remember(envelope.id, place)
        self._frozen = False  # the door lets nothing but a recovery into a frozen cluster
        self._accept(facts)
        return place

    def _report(
        self, command: Frozen, what: str, cause: Cause, due: datetime | None = None, person: str = ENGINE.person
    ) -> bool:
        """False when nothing comes of what the engine or a service reports."""
        at = self._at(due)
        own = own_request(command, id=own_id(self._cluster.id, what), at=at, build=self._chapter.build(),
                          person=person, cause=cause)  # fmt: skip
        try:
            facts = decide(self._cluster, own, at)
            if person != ENGINE.person:
                check_sealable(self._cluster, facts)
        except Refused as refused:
            workflow.logger.warning("report_refused", extra={"report": what, "code": refused.code})
            return False
        self._accept(facts)
        return bool(facts)

    def _accept(self, facts: Sequence[Fact]) -> None:
        if not facts:
            return
        self._cluster = evolution.evolve_all(self._cluster, facts)
        self._outbox.put(facts)
        # The stage a file is opened in begins the first chapter and does not end it.
        self._stage = self._stage or self._cluster.stage
        self._arm()

    def _at(self, scripted: datetime | None) -> datetime:
        """The moment of recording, never before the last one; in a rehearsal it is the script's."""
        last = self._cluster.last_at
        now = (scripted or last or workflow.now()) if self._chapter.rehearsal else workflow.now()
        return max(now, last or now)

    def _shut(self) -> str:
        """Why the door takes no new command now; empty when it does."""
        if self._frozen:
            return "frozen"
        # Age and length are noticed by the loop alone: a chapter that ends in the very task that refuses a
        # command is never answered by the time-skipping server.
        if self._closing or self._has_left_its_stage():
            return "closing"
        return "busy" if self._waiting >= QUEUE or self._outbox.is_full else ""

    def _arm(self) -> None:
        self._alarm.set(None if self._frozen else next_due(self._cluster))

    def _ring(self, due: datetime) -> bool:
        what = f"alarm/{self._cluster.seq + 1}"
        return self._report(commands.PassTime(until=self._at(due)), what, Cause(kind="rung", ref=what), due)

    def _ask(self) -> None:
        """Each wish whose fact is sealed is with its service: none before, none twice in a chapter."""
        for effect in () if self._closing or self._frozen else tuple(self._cluster.effects.values()):
            if int(effect.key.split("/")[1]) <= self._outbox.head.seq and effect.key not in self._asked:
                self._asked.add(effect.key)
                self._beside.start(self._fulfil(effect))

    async def _fulfil(self, effect: Effect) -> None:
        asked, service = outbound.EFFECTS[effect.kind]
        report: Frozen
        try:
            question = outbound.question(effect, self._cluster, self._at(None))
            report = await workflow.execute_activity(asked, question, **options.EFFECT)
        except FailureError as failure:
            workflow.logger.error("gave_up", extra={"effect": effect.key, "why": str(failure.cause or failure)})
            report = commands.ReportFailure(effect=effect.key, reason="gave_up")
        cause = Cause(kind="effect", ref=effect.key)
        if not self._report(report, f"answer/{effect.key}", cause, person=service):
            report = commands.ReportFailure(effect=effect.key, reason="answer_refused")
            self._report(report, f"failure/{effect.key}", cause, person=service)

    def _show(self) -> None:
        """What operators see is what is so; one upsert for all that changed."""
        today = self._cluster.calendar.day_of(self._at(None))
        note = "**frozen: the ledger holds other facts**\n\n" if self._frozen else ""
        workflow.set_current_details(note + details(self._cluster, today))
        if updates := attributes.changed(self._cluster, today, self._shown):
            workflow.upsert_search_attributes(updates)
