"""A cluster as the ledger has it now, and what may be asked of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from client.directory import Directory
from domain.cluster import Cluster
from domain.evolution import load
from domain.forms import Offer
from domain.offers import offers
from domain.refusals import Refused
from domain.rulebook import read
from ledger.entry import fact_of
from ledger.projection import PREFIX
from ledger.store import Entries


class Standing(NamedTuple):
    """`today` is the cluster's day; of a rehearsal that ended in the future, its last."""

    cluster: Cluster
    digest: str
    today: date
    since: date
    offers: list[Offer]


def standing(ledger: Entries, cluster_id: str, at: datetime) -> Standing:
    """The cluster with everything that may be asked of it. Refused `not_found`, whatever the reason."""
    stream = PREFIX + cluster_id
    kept = ledger.snapshot(stream)
    if kept is None:
        raise Refused("not_found", "cluster")
    first, last = ledger.entries(stream, 0, 1)[0], fact_of(ledger.entries(stream, kept.seq - 1, 1)[0])
    if last.methodology is None:
        raise Refused("not_found", "cluster")
    cluster = load(kept.state_json, read(ledger.text(last.methodology.digest)))
    today = cluster.calendar.day_of(max(at, cluster.last_at or at))
    since = cluster.calendar.day_of(fact_of(first).recorded_at)
    return Standing(cluster, kept.digest, today, since, offers(cluster, today))


def allowed(found: Standing, directory: Directory) -> list[dict[str, Any]]:
    """The offers as programs read them; who may take one up is named wherever somebody is known."""
    province = found.cluster.profile.province if found.cluster.profile else None
    holders: dict[str, tuple[str, ...]] = {}

    def _persons(offer: Offer) -> tuple[str, ...]:
        if offer.persons:
            return offer.persons
        if offer.role not in holders:
            seat = found.cluster.bodies.get(offer.role)
            seated = seat.members if seat else ()
            holders[offer.role] = seated or directory.who(offer.role, province=province, cluster=found.cluster.id)
        return holders[offer.role]

    return [
        {"type": offer.type, "by": {"role": offer.role, "persons": list(_persons(offer))}, "fields": offer.fields,
         "missing": list(offer.missing), "duty": offer.duty, "forward": offer.forward}
        for offer in found.offers
    ]  # fmt: skip
