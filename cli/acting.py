"""Who acts: the person named, in the role that the directory or the cluster itself gives them at this moment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated

import typer

from cli.errors import WrongUse
from cli.office import OFFICE
from client.directory import Directory
from domain.cluster import Cluster
from domain.recording import Actor
from domain.refusals import Refused

As = Annotated[
    str | None,
    typer.Option(
        "--as", envvar="KHOOSHEH_PERSON", metavar="PERSON",
        help="Who acts (p-…). Without it: p-owner, the owner of this office.",
    ),
]  # fmt: skip


def person_id(written: str, field: str = "--as") -> str:
    """The id as written. Wrong use of `field` when nobody could have it."""
    if not re.fullmatch(r"p-[a-z0-9-]{1,48}", written):
        raise WrongUse("person", field=field, given=written)
    return written


def acting(
    person: str | None, cluster_id: str, cluster: Cluster | None, wanted: Sequence[str], *, directory: Directory,
    today: date, province: str | None = None,
) -> Actor:  # fmt: skip
    """The person in the first of the wanted roles that is theirs here. Refused when they have no role here."""
    if person is None:
        return OFFICE
    person_id(person)
    inside = list(_roles_inside(person, cluster, today))
    try:
        found = directory.resolve(person, cluster_id, wanted, province=province)
    except Refused:
        if not inside:
            raise
        found = None
    first = next((one for one in inside if one.role in wanted), None)
    if found is not None and (found.role in wanted or (first is None and not inside)):
        # A role of the directory that is wanted comes first; otherwise a seat or the agent's place inside the cluster.
        return found
    return first or inside[0]


def _roles_inside(person: str, cluster: Cluster | None, today: date) -> Iterator[Actor]:
    """What the cluster itself knows: its agent, and who sits in its bodies."""
    if cluster is None:
        return
    if cluster.agent is not None and cluster.agent.person == person:
        yield Actor(person=person, role=cluster.methodology.term.agent_role, scope=f"cluster/{cluster.id}")
    for body, seat in cluster.bodies.items():
        role = cluster.methodology.role_by_key.get(body)
        if person in seat.members and seat.until >= today and role is not None:
            place = {"cluster": f"cluster/{cluster.id}", "nation": "nation"}
            province = f"province/{cluster.profile.province}" if cluster.profile else "nation"
            yield Actor(person=person, role=body, scope=place.get(role.scope, province))
