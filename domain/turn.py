"""One decision in progress: each event recorded is at once part of the state the next rule sees."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from domain.cluster import Cluster
from domain.duties import is_paused
from domain.events import NAMES, DueChanged, DueReason, DutyClosed, DutyKind, DutyOpened, RungFired
from domain.evolution import apply
from domain.people import covers, may_act_as
from domain.recording import Cause, CommandRef, Fact, MethodologyRef
from domain.records import Duty
from domain.refusals import Refused
from domain.requests import Request
from domain.values import Frozen


class Turn:
    """Collects the events of one request. Nothing outside sees it before the decision is whole."""

    def __init__(self, cluster: Cluster, request: Request, at: datetime) -> None:
        self.cluster = cluster
        self.request = request
        self.at = at
        self.today: date = cluster.calendar.day_of(at)
        self.happened_on: date = cluster.calendar.day_of(request.occurred_at)
        self._facts: list[Fact] = []
        rulebook = cluster.rulebook
        self._methodology = MethodologyRef(id=rulebook.methodology.id, version=rulebook.methodology.version,
                                           digest=rulebook.digest)  # fmt: skip

    @property
    def command(self) -> Any:
        return self.request.command

    def record(self, event: Frozen, cause: Cause | None = None) -> None:
        """The event is part of the decision, and the state has it."""
        fact = Fact(
            seq=self.cluster.seq + 1, type=NAMES[type(event)], occurred_at=self.request.occurred_at,
            recorded_at=self.at, command=CommandRef(id=self.request.id, n=len(self._facts) + 1, of=1),
            actor=self.request.actor, cause=cause or self.request.cause, methodology=self._methodology,
            authenticated_by=self.request.authenticated_by, build=self.request.build,
            data=event.model_dump(mode="json", exclude_none=True),
        )  # fmt: skip
        self.cluster = apply(self.cluster, event, fact)
        self._facts.append(fact)

    def facts(self) -> tuple[Fact, ...]:
        """What was decided, each fact knowing its place among them."""
        of = len(self._facts)
        return tuple(f.model_copy(update={"command": f.command.model_copy(update={"of": of})}) for f in self._facts)

    def duty(self, duty_id: str, *kinds: DutyKind) -> Duty:
        """The open duty of that id and kind. Refused `not_owed` otherwise."""
        duty = self.cluster.duties.get(duty_id)
        if duty is None or duty.kind not in kinds:
            allowed = tuple(d.id for d in self.cluster.duties.values() if d.kind in kinds)
            raise Refused("not_owed", "duty", "", allowed[:20])
        return duty

    def acts_as(self, role: str) -> None:
        """Refused unless the actor acts in that role, with a scope that holds this cluster."""
        actor = self.request.actor
        if actor.role != role:
            raise Refused("role_may_not", "actor.role", "", (role,))
        if not may_act_as(self.cluster, actor, role):
            raise Refused("not_the_owner", "actor.person")
        if not covers(self.cluster, actor):
            raise Refused("out_of_scope", "actor.scope")

    def open_duty(
        self, duty: str, kind: DutyKind, owner: str, *, ref: str = "", due_on: date | None, reason: DueReason,
        ladder: str = "standard", version: int = 0, person: str | None = None, counted_on: date | None = None,
    ) -> None:  # fmt: skip
        """The duty is owed; its due date is moved off days on which the office does not work."""
        calendar = self.cluster.calendar
        due_on = calendar.next_working(due_on) if due_on else None
        self.record(DutyOpened(
            duty=duty, kind=kind, ref=ref or duty, owner=owner, person=person, due_on=due_on, reason=reason,
            provisional=due_on is not None and calendar.is_provisional(due_on), ladder=ladder, round=version,
            cadence_on=counted_on,
        ))  # fmt: skip

    def ask_decision(self, duty: str, kind: DutyKind, owner: str, ref: str) -> None:
        """Someone must decide and is asked at once: the clock of the approval ladder, in working days, starts today."""
        ladder = self.cluster.methodology.ladder_by_key["approval"]
        days = next((rung.at for rung in ladder.rungs if rung.key == "due"), 10)
        due_on = self.cluster.calendar.add_working_days(self.today, days)
        self.open_duty(duty, kind, owner, ref=ref, due_on=due_on, reason="ladder", ladder="approval")
        if is_paused(self.cluster, self.cluster.duties[duty]):
            return
        for rung in ladder.rungs:
            if rung.at == 0:  # no alarm for what is due this very moment
                cause = Cause(kind="rung", ref=f"{ladder.key}/{rung.key}")
                self.record(RungFired(duty=duty, rung=rung.key, to=(owner,), level=rung.level, on=self.today), cause)

    def close_duty(self, duty_id: str, outcome: Any = "done") -> None:
        """The duty, if it is open, is owed no more, nor is a review of its standing still. How late it was is
        judged by the day it is recorded.
        """
        duty = self.cluster.duties.get(duty_id)
        if duty is None:
            return
        late = (self.today - duty.due_on).days if duty.due_on else 0
        self.record(DutyClosed(duty=duty_id, outcome=outcome, days_late=max(late, 0)))
        self.close_duty(f"review:{duty_id}", "superseded")

    def close_all(self, outcome: Any) -> None:
        """Nothing is owed any more but to count out an agent whom the registry still counts in."""
        for duty_id in list(self.cluster.duties):
            if not duty_id.startswith("effect:release_agent:"):
                self.close_duty(duty_id, outcome)

    def move_due(self, duty: Duty, due_on: date, reason: DueReason) -> None:
        """The duty is due on the first working day from `due_on`, for that reason."""
        calendar = self.cluster.calendar
        due_on = calendar.next_working(due_on)
        self.record(DueChanged(duty=duty.id, due_on=due_on, provisional=calendar.is_provisional(due_on), reason=reason))
