"""Who there is: the people of the rehearsal's own directory, by role and by the place where they hold it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from domain.cluster import Cluster
from domain.methodology import Methodology
from domain.values import PersonId
from ledger.directory import PersonEnrolled, RoleGranted
from rehearsal.chance import Chance

COUNCIL_SEATS = 7


class Held(NamedTuple):
    """A role somebody holds somewhere from one day to another; without a last day until further notice."""

    person: PersonId
    role: str
    scope: str
    from_on: date
    until: date | None


class Cast:
    """Everybody who can be asked. Whoever holds a role is chosen by the seed, and stays in charge."""

    def __init__(self, methodology: Methodology, held: Iterable[Held], agents: Iterable[PersonId]) -> None:
        self._scopes = {role.key: role.scope for role in methodology.roles}
        self.bodies = frozenset(role.key for role in methodology.roles if role.body)
        self.agents = tuple(sorted(agents))
        self._held: dict[tuple[str, str], list[Held]] = {}
        for one in sorted(held):
            self._held.setdefault((one.role, one.scope), []).append(one)

    def scope_of(self, role: str, cluster: str, province: str) -> str:
        """Where somebody acts in this role for the cluster, as an actor's scope."""
        place = {"nation": "nation", "province": f"province/{province}", "cluster": f"cluster/{cluster}"}
        return place[self._scopes[role]]

    def who(self, role: str, cluster: str, province: str, on: date) -> tuple[PersonId, ...]:
        """Everybody who holds the role for the cluster that day, by id."""
        held = self._held.get((role, self.scope_of(role, cluster, province)), ())
        return tuple(dict.fromkeys(h.person for h in held if h.from_on <= on and (h.until is None or on <= h.until)))

    def one(
        self, role: str, cluster: str, province: str, on: date, *, chance: Chance, not_by: Collection[PersonId] = ()
    ) -> PersonId | None:
        """Who of them does it: the same person for the same subject as long as they hold the role."""
        able = [person for person in self.who(role, cluster, province, on) if person not in not_by]
        return chance.one_of(able, "who", role) if able else None

    def is_manned(self, role: str, cluster: Cluster, on: date) -> bool:
        """False when a duty of this role would have no owner. An agent who is being sought is not missing."""
        if role == cluster.methodology.term.agent_role or cluster.profile is None:
            return True
        return bool(self.who(role, cluster.id, cluster.profile.province, on))


def enrolled_for(
    cluster: str, province: str, directory: Cast, methodology: Methodology, *, on: date, seed: int
) -> list[PersonEnrolled | RoleGranted]:
    """The facts by which every role that belongs to one cluster has somebody, with ids made for it.

    The agent is not among them: agents come from their registry, by choice.
    """
    chance, facts = Chance(seed, cluster, "cast"), list[PersonEnrolled | RoleGranted]()
    for role in methodology.roles:
        if role.scope != "cluster" or role.key == methodology.term.agent_role:
            continue
        number = COUNCIL_SEATS if role.body else 1
        for n in range(1, number + 1 - len(directory.who(role.key, cluster, province, on))):
            person = f"p-r{chance.between(0, 16**12 - 1, role.key, n):012x}"
            facts.append(PersonEnrolled(person=person))
            facts.append(RoleGranted(person=person, role=role.key, scope=f"cluster/{cluster}", from_on=on))
    return facts


def held_in(rows: Iterable[Mapping[str, Any]]) -> list[Held]:
    """The grants in rows of the view `people`."""
    return [
        Held(row["person"], row["role"], row["scope"], date.fromisoformat(row["from_on"]),
             date.fromisoformat(row["until_on"]) if row["until_on"] else None)
        for row in rows
    ]  # fmt: skip
