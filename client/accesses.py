"""What an auditor looks at is on record before it is shown, and nobody is shown what their role does not reach."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from client.at_end import seal_at_end
from client.ids import command_id
from domain.recording import Actor, Cause, CommandRef, Fact
from domain.refusals import Refused
from domain.values import PersonId
from ledger.accesses import STREAM, TYPE, RecordAccessed
from ledger.directory import covers
from ledger.office import SharedLedger
from ledger.views import Viewed, Views

NATION = "nation"


def reader_of(
    views: Views, person: PersonId, accessed: RecordAccessed, on: date, *, first: Collection[str] = ()
) -> Actor:
    """The person in a role that reaches all that is asked for, one of `first` if they hold it.

    Refused `role_may_not` without any role that day, `out_of_scope` when none reaches all of it.
    """
    held = views.people(person=person, on=on)
    if not held:
        raise Refused("role_may_not", "actor.person")
    provinces = {row["cluster_id"]: row["province"] for row in views.portfolio(clusters=accessed.clusters)}
    reaching = [row for row in held if _reaches(row, accessed, provinces)]
    if not reaching:
        raise Refused("out_of_scope", "actor.scope", "", tuple(row["scope"] for row in held))
    found = min(reaching, key=lambda row: row["role"] not in first)
    return Actor(person=person, role=found["role"], scope=found["scope"])


def record_access(ledger: SharedLedger, accessed: RecordAccessed, actor: Actor, at: datetime, build: str) -> None:
    """The access is sealed in the stream `accesses`."""
    data = accessed.model_dump(mode="json", exclude_defaults=True)
    id = command_id(at)
    seal_at_end(ledger, STREAM, lambda seq: Fact(
        seq=seq, type=TYPE, occurred_at=at, recorded_at=at, command=CommandRef(id=id, n=1, of=1), actor=actor,
        cause=Cause(kind="command", ref=accessed.what), authenticated_by="local_key", build=build, data=data,
    ))  # fmt: skip


def _reaches(row: Viewed, accessed: RecordAccessed, provinces: dict[str, str]) -> bool:
    if accessed.clusters:
        return all(covers(row["scope"], cluster, provinces.get(cluster)) for cluster in accessed.clusters)
    return row["scope"] in (NATION, accessed.scope)
