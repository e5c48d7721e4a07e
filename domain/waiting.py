"""What a cluster waits for: the one duty to show first, and the few codes Temporal's list is searched by."""

from __future__ import annotations

from datetime import date, datetime

from domain.cluster import Cluster
from domain.duties import next_due
from domain.records import Duty
from domain.values import Frozen

NOBODY = "nobody"


class WaitsFor(Frozen):
    """Who is waited for, since when, until when, and for what."""

    role: str
    person: str | None
    since: date
    until: date | None
    duty: str
    overdue: bool


def waits_for(cluster: Cluster, today: date) -> WaitsFor | None:
    """The duty that has been due longest or is due next; None when nothing is owed."""
    if not cluster.duties:
        return None
    duty = min(cluster.duties.values(), key=lambda d: (d.due_on or date.max, d.opened_on, d.id))
    return WaitsFor(role=duty.owner, person=person_of(cluster, duty), since=duty.opened_on, until=duty.due_on,
                    duty=duty.id, overdue=duty.is_overdue(today))  # fmt: skip


def person_of(cluster: Cluster, duty: Duty) -> str | None:
    """The one person who owes the duty, where the cluster itself knows: the agent."""
    if duty.person is None and duty.owner == cluster.methodology.term.agent_role and cluster.agent:
        return cluster.agent.person
    return duty.person


def overdue_escalations(cluster: Cluster) -> int:
    """How many open duties have gone up to the province or the nation."""
    escalating = {
        (ladder.key, rung.key) for ladder in cluster.methodology.ladders for rung in ladder.rungs if rung.level
    }
    return sum(1 for d in cluster.duties.values() if any((d.ladder, rung) in escalating for rung in d.rungs))


def search_attributes(cluster: Cluster, today: date) -> dict[str, str | int | datetime]:
    """Codes only, no personal data: what Temporal's list of workflows can be filtered by."""
    waiting = waits_for(cluster, today)
    due = next_due(cluster)
    found: dict[str, str | int | datetime] = {
        "KhProgramme": cluster.methodology.id,
        "KhProvince": cluster.profile.province if cluster.profile else "",
        "KhStage": cluster.stage,
        "KhAgent": cluster.agent.person if cluster.agent else "",
        "KhWaitingOn": waiting.role if waiting else NOBODY,
        "KhEscalated": overdue_escalations(cluster),
    }
    if due is not None:
        found["KhNextDue"] = due
    return found


def details(cluster: Cluster, today: date) -> str:
    """Markdown for the operator who opens the workflow in Temporal's own page."""
    waiting = waits_for(cluster, today)
    if waiting is None:
        return f"**{cluster.id}** · {cluster.stage} · nothing is owed"
    late = " · **overdue**" if waiting.overdue else ""
    return (f"**{cluster.id}** · {cluster.stage}\n\nWaits for `{waiting.role}` ({waiting.duty}) since {waiting.since}, "
            f"due {waiting.until or 'once the start date is confirmed'}{late}.")  # fmt: skip
