"""What may be asked of a cluster although nobody owes it. None of it brings a cluster forward by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import get_args

from domain import commands
from domain.cluster import Cluster, occurrence
from domain.events import Level
from domain.forms import NEEDED_REASON, Offer, agent_as, asked, chosen, is_vacant, submission
from domain.gates import missing
from domain.people import roles_that_may

CAUSES = get_args(commands.GiveNotice.model_fields["cause"].annotation)
LONGEST_SNOOZE_DAYS = 30


def beside(c: Cluster, today: date) -> Iterator[Offer]:
    """Every request that would be accepted beside the duties."""
    yield from _on_demand(c, today)
    yield from _waivers(c, today)
    yield from _supervision(c)
    yield from _term(c)
    yield from _notices(c, today)
    if not c.approved:
        for role in roles_that_may(commands.WithdrawCluster):
            yield Offer(type="WithdrawCluster", role=role, fields={}, missing=(NEEDED_REASON,))


def _on_demand(c: Cluster, today: date) -> Iterator[Offer]:
    for stage in c.active_stages:
        for kind in stage.deliverables:
            if (
                kind.on_demand
                and not is_vacant(c, kind.owner)
                and not any(duty.startswith(f"{kind.key}.") for duty in c.duties)
            ):
                number = c.opened.get(kind.key, 0) + 1
                yield submission(c, occurrence(kind.key, number, repeats=kind.repeats), kind, today)


def _waivers(c: Cluster, today: date) -> Iterator[Offer]:
    for stage in c.active_stages:
        gate = stage.gate
        if gate and gate.waives and (lacking := missing(c, gate, today)):
            places = chosen("condition", [lack.condition for lack in lacking])
            yield Offer(type="WaiveCondition", role=gate.waives, fields={"gate": gate.key},
                        missing=(places, NEEDED_REASON))  # fmt: skip


def _supervision(c: Cluster) -> Iterator[Offer]:
    for role in roles_that_may(commands.CloseFinding):
        for number, finding in c.findings.items():
            if finding.answered_by:
                yield Offer(type="CloseFinding", role=role, fields={"finding": number})
    for role in roles_that_may(commands.OpenFinding):
        yield Offer(type="OpenFinding", role=role, fields={},
                    missing=(chosen("level", get_args(Level)), asked("text", "text")))  # fmt: skip


def _term(c: Cluster) -> Iterator[Offer]:
    term = c.methodology.term
    if c.clock and c.extension is None and c.handed_over_on is None:
        left = term.extension_months - c.clock.extended_months
        if left > 0:
            months = asked("months", "integer", min=1, max=left)
            for role in roles_that_may(commands.AskExtension):
                yield Offer(type="AskExtension", role=role, fields={}, missing=(months, NEEDED_REASON))
    if c.agent and c.agent.notice_on is None:
        for role in roles_that_may(commands.GiveNotice):
            yield Offer(type="GiveNotice", role=role, persons=agent_as(c, role), fields={},
                        missing=(chosen("cause", CAUSES),))  # fmt: skip


def _notices(c: Cluster, today: date) -> Iterator[Offer]:
    if not c.duties:
        return
    for role in roles_that_may(commands.RemindNow):
        yield Offer(type="RemindNow", role=role, fields={}, missing=(chosen("duty", list(c.duties)),))
    first, last = str(today + timedelta(days=1)), str(today + timedelta(days=LONGEST_SNOOZE_DAYS))
    for owner in dict.fromkeys(duty.owner for duty in c.duties.values() if not is_vacant(c, duty.owner)):
        own = [duty.id for duty in c.duties.values() if duty.owner == owner]
        until = asked("until", "date", min=first, max=last)
        yield Offer(type="Snooze", role=owner, persons=agent_as(c, owner), fields={},
                    missing=(chosen("duty", own), until, NEEDED_REASON))  # fmt: skip
