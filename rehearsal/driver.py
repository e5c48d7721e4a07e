"""Day by day through virtual years: sleep to three in the afternoon, let people act, wait until all is sealed.

Alarms ring in the minutes after the office opens, people act from 15:00, one command a cluster and minute. So
no command meets an alarm, and nothing depends on which cluster was faster: what uses a register that clusters
share (agents, licences) runs one after the other in the order of their ids. Hence the same facts for the same
seed, on however many engines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from client.ids import repeatable_id
from domain.calendar import WorkingCalendar
from domain.jalali import add_months
from domain.recording import Actor, Envelope
from domain.refusals import Refused
from ledger.store import Entries
from rehearsal.cast import Cast
from rehearsal.funnel import Funnel
from rehearsal.life import REST_DAYS, Act, Life
from rehearsal.people import Plan

AFTERNOON = timedelta(hours=7)
"""People act so long after the opening (08:00): at 15:00."""

MOST_ROUNDS = 40
PATIENCE_SECONDS = 30.0
ABREAST = 8
"""Commands at once on one engine: more only make each slower."""


class NotSettled(Exception):
    """What was asked of the engine is not sealed after half a minute; the clusters are named."""


@dataclass
class Course:
    """What the driver saw on the way."""

    commands: int = 0
    facts: int = 0
    handed_over: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    ownerless: set[tuple[str, str]] = field(default_factory=set)
    stuck: list[str] = field(default_factory=list)
    funnel: list[dict[str, Any]] = field(default_factory=list)


Told = Callable[[int, Course], None]
"""Is told the number of each month that has passed, and what was seen until then."""


class Driver:
    """One rehearsal of some clusters over some months."""

    def __init__(
        self, lives: Iterable[Life], cast: Cast, ledger: Entries, calendar: WorkingCalendar, *, seed: int, told: Told
    ) -> None:
        self._lives = sorted(lives, key=lambda life: life.id)
        self._by_stream = {life.stream: life for life in self._lives}
        self._engines = list(dict.fromkeys(life.engine for life in self._lives))
        self._abreast = {id(engine): asyncio.Semaphore(ABREAST) for engine in self._engines}
        self._cast, self._ledger, self._calendar = cast, ledger, calendar
        self._seed, self._told = seed, told
        self.course = Course()

    async def run(self, opening: dict[str, Act], start: date, months: int) -> Course:
        """Everything from the opening of the clusters on `start` to the same day so many months later."""
        end = add_months(start, months)
        funnel = Funnel(start, months)
        await self._open(opening, start)
        today = start
        while (following := self._next_day(today)) <= end:
            for number in funnel.passed(following):
                self._month_ends(funnel, number)
            today = following
            await self._advance(self._afternoon(today))
            await self._act(today)
        await self._advance(self._afternoon(end))
        for number in funnel.passed(end + timedelta(days=1)):
            self._month_ends(funnel, number)
        self.course.stuck += [life.id for life in self._lives if _is_stuck(life, self._afternoon(end))]
        return self.course

    # ---------------------------------------------------------------- days

    def _next_day(self, today: date) -> date:
        tomorrow = today + timedelta(days=1)
        days = [day for life in self._lives if (day := life.next_day()) is not None]
        return max(tomorrow, min(days, default=date.max))

    def _afternoon(self, day: date) -> datetime:
        return self._calendar.opening(day) + AFTERNOON

    async def _advance(self, to: datetime) -> None:
        await asyncio.gather(*(engine.advance(to) for engine in self._engines))
        await self._settle(to)

    async def _act(self, today: date) -> None:
        """Everybody whose day has come does what they planned, one command a cluster and round."""
        at = self._afternoon(today)
        for n in range(MOST_ROUNDS):
            acting = [(life, act) for life in self._lives if (act := self._act_of(life, today)) is not None]
            if not acting:
                return
            if n:
                await self._advance(at + timedelta(minutes=n))
                acting = [(life, act) for life in self._lives if (act := self._act_of(life, today)) is not None]
            sent = [(life, act, self._envelope(life, act, at + timedelta(minutes=n))) for life, act in acting]
            alone = {life.id for life, _, envelope in sent if life.touches_shared(envelope)}
            await asyncio.gather(*(self._send(*one) for one in sent if one[0].id not in alone))
            await self._settle(None)
            for life, act, envelope in sent:
                if life.id in alone:
                    await self._send(life, act, envelope)
                    await self._settle(None)
            for life, _ in acting:
                life.plan(today)

    def _act_of(self, life: Life, today: date) -> Act | None:
        if life.script and life.script[0].on <= today:
            return life.script[0]
        if not life.plans or life.plans[0].on > today:
            return None
        plan = life.plans[0]
        return Act(plan.on, plan.key, plan.offer.type, self._actor(life, plan), plan)

    def _actor(self, life: Life, plan: Plan) -> Actor:
        province = life.fold.profile.province if life.fold.profile else ""
        scope = self._cast.scope_of(plan.offer.role, life.id, province)
        return Actor(person=plan.person, role=plan.offer.role, scope=scope)

    # ---------------------------------------------------------------- commands

    async def _open(self, opening: dict[str, Act], start: date) -> None:
        """Every cluster has its first command, those that seek an agent at once in the order of their ids."""
        at = self._afternoon(start)
        await asyncio.gather(*(engine.advance(at) for engine in self._engines))
        first = [(life, act, self._envelope(life, act, at)) for life in self._lives if (act := opening.get(life.id))]
        alone = {life.id for life, _, envelope in first if life.touches_shared(envelope)}
        together = [one for one in first if one[0].id not in alone]
        await asyncio.gather(*(self._send(*one, opening=True) for one in together))
        await self._settle(None)
        for one in first:
            if one[0].id in alone:
                await self._send(*one, opening=True)
                await self._settle(None)
        for life in self._lives:
            life.plan(start)

    def _envelope(self, life: Life, act: Act, at: datetime) -> Envelope:
        fields = act.fields
        if isinstance(fields, Plan):
            if life.people is None:
                raise ValueError("nobody is there to fill it in")
            fields = life.people.filled(life.fold, fields, self._calendar.day_of(at))
        life.sent += 1
        return Envelope(
            id=repeatable_id(self._seed, life.id, life.sent), cluster=life.id, type=act.type, occurred_at=at,
            actor=act.actor, data=fields,
        )  # fmt: skip

    async def _send(self, life: Life, act: Act, envelope: Envelope, *, opening: bool = False) -> None:
        if life.script and life.script[0] is act:
            del life.script[0]
        async with self._abreast[id(life.engine)]:
            try:
                await (life.engine.open(envelope) if opening else life.engine.submit(envelope))
            except Refused as refused:
                told = refused.told().model_dump(mode="json")
                self.course.refused.append(
                    {"cluster": life.id, "type": act.type, "at": str(envelope.occurred_at)} | told
                )
                life.resting[act.key] = self._calendar.day_of(envelope.occurred_at) + timedelta(days=REST_DAYS)
            else:
                self.course.commands += 1

    # ---------------------------------------------------------------- what is sealed

    async def _settle(self, to: datetime | None) -> None:
        """Everything sealed is known; no effect is open and (up to `to`) no alarm still to ring."""
        patience = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        waited, changed = 0.001, set[str]()
        while True:
            changed |= self._catch_up()
            late = [
                life.id for life in self._lives
                if (to is not None and life.due is not None and life.due <= to) or life.pending(self._ledger)
            ]  # fmt: skip
            if not late:
                break
            if asyncio.get_running_loop().time() > patience:
                raise NotSettled(", ".join(late))
            await asyncio.sleep(waited)
            waited = min(waited * 2, 0.05)
        if to is not None:
            today = self._calendar.day_of(to)
            for life in self._lives:
                if life.id in changed:
                    life.plan(today)

    def _catch_up(self) -> set[str]:
        changed = set()
        for stream, head in self._ledger.streams("cluster/"):
            life = self._by_stream[stream]
            if head.seq > life.fold.seq and (facts := life.catch_up(self._ledger)):
                self.course.facts += len(facts)
                self.course.handed_over += sum(1 for fact in facts if fact.type == "licence.issued")
                changed.add(life.id)
                self._note_ownerless(life)
        return changed

    def _note_ownerless(self, life: Life) -> None:
        today = self._calendar.day_of(life.fold.last_at) if life.fold.last_at else date.min
        for duty in life.fold.duties.values():
            if not self._cast.is_manned(duty.owner, life.fold, today):
                self.course.ownerless.add((life.id, duty.id))

    def _month_ends(self, funnel: Funnel, number: int) -> None:
        self.course.funnel.append(funnel.row(number, [life.fold for life in self._lives]))
        self._told(number, self.course)


def _is_stuck(life: Life, now: datetime) -> bool:
    """True when its alarm lies in the past, or when it is open and nothing will ever wake it."""
    if life.due is not None:
        return life.due <= now
    finished = life.fold.stage == life.fold.methodology.term.exit_stage
    return life.fold.is_open and not life.fold.duties and not finished
