"""What the facts of a cluster are about: which objects each of them names, and in what part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from domain.cluster import deliverable_of


class Named(NamedTuple):
    """An object by its id, which is unique over all types, and the part it has in the event."""

    id: str
    type: str
    part: str


OF_THE_CLUSTER = {
    "duty": "duty", "gate": "gate", "stage": "stage", "milestone": "milestone", "tranche": "tranche",
    "finding": "finding", "body": "body", "version": "plan", "plan_version": "plan",
}  # fmt: skip
"""Key in a fact's data → type of the object, which belongs to the cluster."""

PEOPLE = {"agent": "agent", "person": "person", "successor_of": "predecessor"}
"""Key in a fact's data → the part that the person there has."""

ROWS = {"plan.frozen": "milestone", "funds.planned": "tranche"}
"""Facts with rows, and the object that each row begins."""

TYPES = ("cluster", "province", "person", "program", "licence", "deliverable", *dict.fromkeys(OF_THE_CLUSTER.values()))


def named_by(entry: dict[str, Any], cluster: str, province: str) -> Iterator[Named]:
    """Every object of the event, each once in each part; the cluster and its province first."""
    yield Named(f"cluster/{cluster}", "cluster", "cluster")
    if province:
        yield Named(f"province/{province}", "province", "province")
    yield _actor(entry["actor"]["id"], "actor")
    if entry["actor"].get("on_behalf_of"):
        yield _actor(entry["actor"]["on_behalf_of"], "on behalf of")
    data = entry["data"]
    for key, part in PEOPLE.items():
        if data.get(key):
            yield _actor(data[key], part)
    for key, type in OF_THE_CLUSTER.items():
        if data.get(key):
            yield Named(f"{cluster}/{type}/{data[key]}", type, type)
    if data.get("deliverable"):
        yield Named(f"deliverable/{data['deliverable']}", "deliverable", "deliverable")
    yield from _lists(entry, cluster)
    if entry["type"] == "licence.issued":
        yield Named(f"licence/{data['number']}", "licence", "licence")


def _lists(entry: dict[str, Any], cluster: str) -> Iterator[Named]:
    data = entry["data"]
    if entry["type"] == "body.seated":
        yield from (_actor(person, "member") for person in data["members"])
    if entry["type"] == "agent.proposed":
        yield from (_actor(one["agent"], "candidate") for one in data["candidates"])
    if type := ROWS.get(entry["type"]):
        yield from (Named(f"{cluster}/{type}/{row[type]}", type, "planned") for row in data["rows"])


def belongs_to(one: Named, cluster: str, kinds: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Objects that this one belongs to, with how; `kinds` are the deliverables of the methodology."""
    if one.type in OF_THE_CLUSTER.values():
        yield f"cluster/{cluster}", "of"
    if one.type == "duty" and (kind := deliverable_of(one.id.rpartition("/")[2])) in kinds:
        yield f"deliverable/{kind}", "asks for"


def _actor(id: str, part: str) -> Named:
    return Named(id, "program" if id.startswith("svc:") else "person", part)
