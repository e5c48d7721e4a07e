"""One engine's clusters, day by day: alarms until three in the afternoon, then people, until all is sealed.

Alarms ring in the minutes after the office opens, people act from 15:00, one command a cluster and minute: no
command meets an alarm, and nothing depends on which cluster was faster.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from client.ids import repeatable_id
from domain.calendar import WorkingCalendar
from domain.cluster import Cluster
from domain.recording import Actor, Envelope
from domain.refusals import Refused
from ledger.store import Entries
from rehearsal.cast import Cast
from rehearsal.course import Course
from rehearsal.funnel import Funnel
from rehearsal.life import REST_DAYS, Act, Life
from rehearsal.people import Plan
from rehearsal.turns import Place, Turns

AFTERNOON = timedelta(hours=7)
"""People act so long after the opening (08:00): at 15:00."""

MOST_ROUNDS = 40
PATIENCE_SECONDS = 60.0
ABREAST = 8
"""Commands at once on one engine: more only make each slower."""

MonthEnds = Callable[[int, Sequence[Cluster]], None]
"""Is told the number of a month that has passed here, and how the clusters here stood at its end."""


class NotSettled(Exception):
    """What was asked of the engine is not sealed after a minute; the clusters are named."""


class Timeline:
    """The clusters of one engine."""

    def __init__(
        self, lives: Sequence[Life], cast: Cast, ledger: Entries, calendar: WorkingCalendar, *,
        seed: int, course: Course,
    ) -> None:  # fmt: skip
        self._lives = lives
        self._engine = lives[0].engine
        self._abreast = asyncio.Semaphore(ABREAST)
        self._cast, self._ledger, self._calendar = cast, ledger, calendar
        self._seed, self._course = seed, course

    async def live(self, opening: Mapping[str, Act], funnel: Funnel, turns: Turns, month_ends: MonthEnds) -> None:
        """From the opening of the clusters, on the first day of the funnel, to its last."""
        self._turns = turns
        today, end = funnel.start, funnel.end
        await self._engine.advance(self._afternoon(today))
        await self._send_all([(life, act) for life in self._lives if (act := opening.get(life.id))],
                             self._afternoon(today), opening=True)  # fmt: skip
        for life in self._lives:
            life.plan(today)
        while (following := self._next_day(today)) <= end:
            for number in funnel.passed(following):
                month_ends(number, [life.fold for life in self._lives])
            today = following
            await self._ring_until(self._afternoon(today))
            await self._act(today)
        await self._ring_until(self._afternoon(end))
        turns.leave(self)
        for number in funnel.passed(end + timedelta(days=1)):
            month_ends(number, [life.fold for life in self._lives])
        self._course.stuck += [life.id for life in self._lives if _is_stuck(life, self._afternoon(end))]

    # ---------------------------------------------------------------- days

    def _next_day(self, today: date) -> date:
        tomorrow = today + timedelta(days=1)
        days = [day for life in self._lives if (day := life.next_day()) is not None]
        return max(tomorrow, min(days, default=date.max))

    def _afternoon(self, day: date) -> datetime:
        return self._calendar.opening(day) + AFTERNOON

    async def _ring_until(self, to: datetime) -> None:
        """Every alarm up to `to` has rung: those that touch a shared register when it is their turn."""
        while shared := min((place for life in self._lives if (place := life.shared_alarm(to))), default=None):
            await self._turns.take(self, shared)
            await self._advance(shared.moment)
        self._turns.reach(self, Place(to))
        await self._advance(to)

    async def _advance(self, to: datetime) -> None:
        """It is at least `to` for everybody who waits for it; where nobody does, the engine's clock may stand."""
        if ringing := [life for life in self._lives if life.due is not None and life.due <= to]:
            await self._engine.advance(to)
            await self._settle(ringing, to)
            for life in ringing:
                life.plan(self._calendar.day_of(to))

    async def _act(self, today: date) -> None:
        """Everybody whose day has come does what they planned, one command a cluster and round."""
        at, able = self._afternoon(today), self._lives
        for n in range(MOST_ROUNDS):
            moment = at + timedelta(minutes=n)
            if n:
                await self._ring_until(moment)
            acting = [(life, act) for life in able if (act := self._act_of(life, today)) is not None]
            if not acting:
                return
            await self._send_all(acting, moment)
            able = [life for life, _ in acting]
            for life in able:
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

    async def _send_all(self, acting: Iterable[tuple[Life, Act]], at: datetime, *, opening: bool = False) -> None:
        """Together, but for those that touch a shared register: these one by one, when it is their turn."""
        sent = [(life, act, self._envelope(life, act, at)) for life, act in acting]
        alone = {life.id for life, _, envelope in sent if life.touches_shared(envelope)}
        together = [one for one in sent if one[0].id not in alone]
        await asyncio.gather(*(self._send(*one, opening=opening) for one in together))
        await self._settle([life for life, _, _ in together])
        for life, act, envelope in sent:
            if life.id in alone:
                await self._turns.take(self, Place(at, life.id))
                await self._send(life, act, envelope, opening=opening)
                await self._settle([life])

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

    async def _send(self, life: Life, act: Act, envelope: Envelope, *, opening: bool) -> None:
        if life.script and life.script[0] is act:
            del life.script[0]
        async with self._abreast:
            try:
                await (self._engine.open(envelope) if opening else self._engine.submit(envelope))
            except Refused as refused:
                told = refused.told().model_dump(mode="json")
                self._course.refused.append(
                    {"cluster": life.id, "type": act.type, "at": str(envelope.occurred_at)} | told
                )
                life.resting[act.key] = self._calendar.day_of(envelope.occurred_at) + timedelta(days=REST_DAYS)
            else:
                self._course.commands += 1

    # ---------------------------------------------------------------- what is sealed

    async def _settle(self, lives: Iterable[Life], to: datetime | None = None) -> None:
        """Everything sealed is known of these lives; no effect is open there and no alarm up to `to` ahead."""
        patience = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        waited, late = 0.001, list(lives)
        while True:
            for life in late:
                self._catch_up(life)
            late = [life for life in late if life.pending or (to and life.due and life.due <= to)]
            if not late:
                return
            if asyncio.get_running_loop().time() > patience:
                raise NotSettled(", ".join(life.id for life in late))
            await asyncio.sleep(waited)
            waited = min(waited * 1.5, 0.05)

    def _catch_up(self, life: Life) -> None:
        facts = life.catch_up(self._ledger)
        self._course.facts += len(facts)
        self._course.handed_over += sum(1 for fact in facts if fact.type == "licence.issued")
        if facts:
            self._note_ownerless(life)

    def _note_ownerless(self, life: Life) -> None:
        today = self._calendar.day_of(life.fold.last_at) if life.fold.last_at else date.min
        for duty in life.fold.duties.values():
            if not self._cast.is_manned(duty.owner, life.fold, today):
                self._course.ownerless.add((life.id, duty.id))


def _is_stuck(life: Life, now: datetime) -> bool:
    """True when its alarm lies in the past, or when it is open and nothing will ever wake it."""
    if life.due is not None:
        return life.due <= now
    finished = life.fold.stage == life.fold.methodology.term.exit_stage
    return life.fold.is_open and not life.fold.duties and not finished
