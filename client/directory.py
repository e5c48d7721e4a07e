"""People, their roles and the registry of agents, as command lines and pages hold them.

Names and contacts stand in the document store; facts know people by opaque ids and commitments.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime, tzinfo
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from adapters.agents import AgentRegistry
from adapters.directory import DirectoryStream
from adapters.office_stream import IRAN, OfficeLedger, Stamp, day_of
from client.directory_sheet import AGENTS, PEOPLE, Known, Named, Sheet, read_sheet
from domain.recording import Actor, Cause, Fact
from domain.refusals import Refused
from domain.values import Commitment, Frozen, PersonId
from ledger.agents import Register
from ledger.commitments import Documents
from ledger.directory import STREAM, Enrolled, Enrolment, PersonEnrolled, covers
from ledger.erasure import commitments_in
from ledger.views import Viewed

Place = tuple[str | None, str | None]
"""A cluster and its province; a whole province has no cluster, the nation neither."""
NARROWEST_FIRST = ("cluster", "province", "nation")


def _now() -> datetime:
    return datetime.now(UTC)


class Imported(NamedTuple):
    """How many rows were read, and how many facts that took: none when everything was so already.

    `forgotten` are people of the sheet whose names and contacts were left out, because they were erased.
    """

    rows: int
    facts: int
    forgotten: tuple[PersonId, ...] = ()


class Directory:
    """The directory of one office, on its ledger and its document store."""

    def __init__(
        self,
        ledger: OfficeLedger,
        documents: Documents,
        known: Known,
        *,
        build: str,
        clock: Callable[[], datetime] = _now,
        zone: tzinfo = IRAN,
    ) -> None:
        self._ledger, self._documents, self._known = ledger, documents, known
        self._clock, self._zone = clock, zone
        self._stream = DirectoryStream(ledger, build, zone)
        self._registry = AgentRegistry(ledger, build, zone=zone)

    # ---------------------------------------------------------------- files in and out

    def import_file(self, path: Path, actor: Actor, authenticated_by: str = "local_key") -> Imported:
        """What the sheet says is so; what it does not name stays as it is, and an empty cell says nothing.

        Raises SheetRefused with every fault, and then nothing has changed. After an interruption: once more.
        """
        sheet = read_sheet(path, self._known)
        stamp = Stamp(actor, Cause(kind="import", ref="directory"), self._clock(), authenticated_by)
        facts = self._registry.change(lambda register: _registering(register, sheet), stamp)
        on, kept = day_of(stamp.at, self._zone), dict[tuple[PersonId, bytes], Commitment]()

        def _changes(enrolled: Enrolled) -> list[Frozen]:
            changes: list[Frozen] = []
            for person in sheet.people:
                changes += self._enrolling(enrolled, person, kept)
            for grant in sheet.grants:
                changes += self._stream.granting(grant.person, grant.role, grant.scope, grant.until, on)
            return changes

        changes = self._stream.change(_changes, stamp)
        self._drop_unnamed(kept.values(), changes)
        known = self._stream.enrolled().people
        left_out = {said.person for said in sheet.people if known[said.person].forgotten}
        return Imported(len(sheet.grants) + len(sheet.agents), len(facts) + len(changes), tuple(sorted(left_out)))

    def list(self) -> dict[str, Any]:
        """Who holds which role today, who sits in which body, and the agents with their load; ids only."""
        held, known = self._stream.in_force(self._today()), self._stream.enrolled().people
        roles: dict[str, list[dict[str, Any]]] = {person: [] for person in known}
        bodies: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in held:
            grant = {"role": row["role"], "scope": row["scope"], "until": row["until_on"]}
            roles.setdefault(row["person"], []).append(grant)
            role = self._known.roles.get(row["role"])
            if role is not None and role.body:
                member = {"person": row["person"], "until": row["until_on"]}
                bodies.setdefault((row["role"], row["scope"]), []).append(member)
        seated = sorted(bodies.items())
        return {
            "people": [
                {"id": person, "roles": grants, **_erasure(known.get(person))}
                for person, grants in sorted(roles.items())
            ],
            "bodies": [{"body": body, "scope": scope, "members": seats} for (body, scope), seats in seated],
            "agents": [_shown(row) for row in self._ledger.agents()],
        }  # fmt: skip

    def export(self) -> dict[str, str]:
        """`directory.csv` and `agents.csv` as they can be imported again: with names, so not for everybody."""
        people = self._stream.enrolled().people
        roles = [
            {"person": row["person"], "role": row["role"], "scope": row["scope"], "until": row["until_on"],
             **self._named(people.get(row["person"]))}
            for row in self._stream.in_force(self._today())
        ]  # fmt: skip
        agents = [
            {"agent": row["agent"], "capacity": row["capacity"], "home_province": row["province"],
             "certificate_until": row["certificate_until"],
             **{name: ";".join(row[name]) for name in ("products", "languages", "conflicts")},
             **self._named(people.get(row["agent"]))}
            for row in self._ledger.agents()
        ]  # fmt: skip
        return {"directory.csv": _csv(PEOPLE, roles), "agents.csv": _csv(AGENTS, agents)}

    # ---------------------------------------------------------------- who may, at this moment

    def resolve(
        self,
        person: PersonId,
        cluster: str,
        preferred: Sequence[str] = (),
        *,
        province: str | None = None,
        at: datetime | None = None,
    ) -> Actor:
        """The person in a role that reaches the cluster at that moment (now).

        Of several, the first of the `preferred` roles, else the one of the narrowest scope. `province` is
        needed for a cluster that has no file yet. Refused `role_may_not` without any role, `out_of_scope`
        when none reaches the cluster.
        """
        province = province or self._province_of(cluster)
        first = self._first(person, [(cluster, province)], preferred, at)
        role = self._known.roles.get(first["role"])
        # A supervisor appointed for a province acts in each of its clusters as the supervisor of that one.
        scope = f"cluster/{cluster}" if role is not None and role.scope == "cluster" else first["scope"]
        return Actor(person=person, role=first["role"], scope=scope)

    def resolve_over(self, person: PersonId, scopes: Collection[str], preferred: Sequence[str] = ()) -> Actor:
        """The person in a role that reaches all of these scopes today. Refused as by `resolve`."""
        named = [(level, place) for level, _, place in (scope.partition("/") for scope in scopes)]
        places: list[Place] = [
            (place, self._province_of(place)) if level == "cluster" else (None, place or None) for level, place in named
        ]
        first = self._first(person, places, preferred)
        return Actor(person=person, role=first["role"], scope=first["scope"])

    def _first(
        self, person: PersonId, places: Collection[Place], preferred: Sequence[str], at: datetime | None = None
    ) -> Viewed:
        """Of the person's roles that reach every place, the one to act in. Refused when there is none."""
        held = self._stream.in_force(day_of(at or self._clock(), self._zone), person=person)
        if not held:
            raise Refused("role_may_not", "actor.person", "", tuple(preferred))
        reaching = [row for row in held if all(covers(row["scope"], *place) for place in places)]
        if not reaching:
            raise Refused("out_of_scope", "actor.scope", "", tuple(row["scope"] for row in held))
        return min(reaching, key=lambda row: _preference(row, preferred))

    def who(
        self,
        role: str,
        *,
        province: str | None = None,
        cluster: str | None = None,
        at: datetime | None = None,
    ) -> tuple[PersonId, ...]:
        """Everybody who holds the role there at that moment, by id."""
        if cluster is not None and province is None:
            province = self._province_of(cluster)
        held = self._stream.in_force(day_of(at or self._clock(), self._zone), role=role)
        return tuple(dict.fromkeys(row["person"] for row in held if covers(row["scope"], cluster, province)))

    def _province_of(self, cluster: str) -> str | None:
        found = self._ledger.portfolio(clusters=[cluster])
        return str(found[0]["province"]) if found else None

    def _today(self) -> date:
        return day_of(self._clock(), self._zone)

    # ---------------------------------------------------------------- personal data

    def _enrolling(
        self, enrolled: Enrolled, said: Named, kept: dict[tuple[PersonId, bytes], Commitment]
    ) -> Iterable[PersonEnrolled]:
        """The fact it takes for the person to be known so, if any; new values are in the document store."""
        before = enrolled.people.get(said.person)
        if before is not None and before.forgotten:
            return
        names = {"en": said.name_en, "fa": said.name_fa}
        name = json.dumps(names, ensure_ascii=False, sort_keys=True) if any(names.values()) else ""
        fresh = PersonEnrolled(
            person=said.person,
            name=self._kept(said.person, name, before.name if before else None, kept),
            contact=self._kept(said.person, said.contact, before.contact if before else None, kept),
        )
        if before is None or fresh.name or fresh.contact:
            yield fresh

    def _kept(
        self, person: PersonId, value: str, before: Commitment | None, kept: dict[tuple[PersonId, bytes], Commitment]
    ) -> Commitment | None:
        """The commitment under which a new value is kept; None when there is none, or it is the one before.

        Equal values of two people are two documents: one of them may have to be forgotten.
        """
        raw = value.encode()
        if not raw or (before is not None and self._found(before) == raw):
            return None
        if (person, raw) not in kept:
            kept[person, raw] = self._documents.put(raw)
        return kept[person, raw]

    def _drop_unnamed(self, kept: Iterable[Commitment], facts: Iterable[Fact]) -> None:
        """No value stays that no fact names: its person may have been forgotten while we read the sheet."""
        named = {commitment for fact in facts for _, commitment in commitments_in(fact.data)}
        for commitment in kept:
            if commitment not in named:
                self._documents.forget(commitment)

    def _found(self, commitment: Commitment | None) -> bytes:
        """The value, or nothing when there never was one or it is forgotten."""
        try:
            return self._documents.get(commitment) if commitment else b""
        except LookupError:
            return b""

    def _named(self, enrolment: Enrolment | None) -> dict[str, str]:
        name = self._found(enrolment.name if enrolment else None)
        names = json.loads(name) if name else {}
        contact = self._found(enrolment.contact if enrolment else None).decode()
        return {"name_fa": names.get("fa", ""), "name_en": names.get("en", ""), "contact": contact}


def _erasure(known: Enrolment | None) -> dict[str, Any]:
    """Of a person who is forgotten, the entry that says so."""
    seq = known.forgotten if known else None
    return {"erased": {"stream": STREAM, "seq": seq}} if seq else {}


def _registering(register: Register, sheet: Sheet) -> Sequence[Frozen]:
    return [
        said for said in sheet.agents
        if said.agent not in register.agents or register.agents[said.agent].known != said
    ]  # fmt: skip


def _preference(row: Viewed, preferred: Sequence[str]) -> tuple[int, int, str]:
    wanted = preferred.index(row["role"]) if row["role"] in preferred else len(preferred)
    return wanted, NARROWEST_FIRST.index(row["scope"].partition("/")[0]), row["role"]


def _shown(row: Viewed) -> dict[str, Any]:
    return {"id" if name == "agent" else name: value for name, value in row.items() if name != "seq"}


def _csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> str:
    written = StringIO()
    writer = csv.DictWriter(written, columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()
