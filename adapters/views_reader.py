"""Reading the views over a connection that cannot write: one statement per question, read to its end."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, or_, select

from adapters.view_tables import (
    agents,
    assignments,
    bodies,
    duties,
    notices,
    people,
    portfolio,
    refusals,
)
from ledger.views import Viewed


class ViewsReader:
    """`ledger.views.Views` over an engine in autocommit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def portfolio(
        self,
        *,
        clusters: Collection[str] | None = None,
        provinces: Collection[str] | None = None,
        stage: str | None = None,
        state: str | None = None,
        agent: str | None = None,
        role: str | None = None,
        person: str | None = None,
        due_before: date | None = None,
        rehearsal: bool | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Viewed]:
        row = portfolio.c
        wanted = select(portfolio).where(
            *_within(row.cluster_id, clusters),
            *_within(row.province, provinces),
            *_is(row.stage, stage),
            *_is(row.state, state),
            *_is(row.agent, agent),
            *_is(row.waits_for_role, role),
            *_is(row.waits_for_person, person),
            *_is(row.rehearsal, rehearsal),
            *_before(row.next_due, due_before),
        )
        return self._rows(wanted.order_by(row.cluster_id).limit(limit).offset(offset))

    def duties(
        self,
        *,
        stream: str | None = None,
        provinces: Collection[str] | None = None,
        role: str | None = None,
        person: str | None = None,
        overdue_on: date | None = None,
        until: date | None = None,
        limit: int | None = None,
    ) -> list[Viewed]:
        row = duties.c
        wanted = select(duties).where(
            *_is(row.stream, stream),
            *_is_one_of((row.owner_role, row.waits_for_role), role),
            *_is_one_of((row.owner_person, row.waits_for_person), person),
            *_before(row.due_on, overdue_on),
            *([] if until is None else [row.due_on <= until.isoformat()]),
        )
        if provinces is not None:
            theirs = select(portfolio.c.stream).where(*_within(portfolio.c.province, provinces))
            wanted = wanted.where(row.stream.in_(theirs))
        return self._rows(wanted.order_by(row.due_on, row.stream, row.duty_id).limit(limit))

    def notices(
        self,
        *,
        stream: str | None = None,
        role: str | None = None,
        person: str | None = None,
        since: str | None = None,
        limit: int | None = None,
    ) -> list[Viewed]:
        row = notices.c
        wanted = select(notices).where(
            *_is(row.stream, stream),
            *_is(row.recipient_role, role),
            *_is(row.recipient_person, person),
            *([] if since is None else [row.created_at >= since]),
        )
        newest = (row.created_at.desc(), row.stream, row.seq.desc(), row.n)
        return self._rows(wanted.order_by(*newest).limit(limit))

    def people(self, *, person: str | None = None, role: str | None = None, on: date | None = None) -> list[Viewed]:
        row = people.c
        wanted = select(people).where(*_is(row.person, person), *_is(row.role, role))
        if on is not None:
            day = on.isoformat()
            wanted = wanted.where(row.from_on <= day, or_(row.until_on.is_(None), row.until_on >= day))
        return self._rows(wanted.order_by(row.person, row.role, row.scope, row.from_on))

    def bodies(self, *, body: str | None = None) -> list[Viewed]:
        row = bodies.c
        wanted = select(bodies).where(*_is(row.body, body))
        return self._rows(wanted.order_by(row.body, row.scope, row.member, row.from_on))

    def agents(self, *, agent: str | None = None, province: str | None = None) -> list[Viewed]:
        row = agents.c
        wanted = select(agents).where(*_is(row.agent, agent), *_is(row.province, province))
        return self._rows(wanted.order_by(row.agent))

    def assignments(self, *, agent: str | None = None, cluster: str | None = None) -> list[Viewed]:
        row = assignments.c
        wanted = select(assignments).where(*_is(row.agent, agent), *_is(row.cluster_id, cluster))
        return self._rows(wanted.order_by(row.effect))

    def refusals(self, *, cluster: str | None = None, limit: int | None = None) -> list[Viewed]:
        row = refusals.c
        wanted = select(refusals).where(*_is(row.cluster_id, cluster))
        return self._rows(wanted.order_by(row.seq.desc()).limit(limit))

    def _rows(self, wanted: Select[Any]) -> list[Viewed]:
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(wanted).mappings().all()]


def _is(column: ColumnElement[Any], value: object) -> Iterator[ColumnElement[bool]]:
    if value is not None:
        yield column == value


def _is_one_of(columns: Collection[ColumnElement[Any]], value: str | None) -> Iterator[ColumnElement[bool]]:
    if value is not None:
        yield or_(*(column == value for column in columns))


def _within(column: ColumnElement[Any], values: Collection[str] | None) -> Iterator[ColumnElement[bool]]:
    if values is not None:
        yield column.in_(values)


def _before(column: ColumnElement[Any], day: date | None) -> Iterator[ColumnElement[bool]]:
    if day is not None:
        yield column < day.isoformat()
