"""Who holds which role where: facts with ids only; names and contacts are commitments to documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import Field

from domain.recording import Fact
from domain.values import Code, Commitment, Day, Digest, Frozen, PersonId
from ledger.store import Entries, Prior, Projected, Row

STREAM = "directory"

Scope = Annotated[str, Field(pattern=r"^(nation|province/[a-z0-9-]{1,40}|cluster/[a-z0-9-]{3,64})$")]


Origin = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*$", min_length=3, max_length=100)]


class PersonEnrolled(Frozen):
    """The person is known to the office; what was not given stays as it was."""

    person: PersonId
    name: Commitment | None = None
    contact: Commitment | None = None


class RoleGranted(Frozen):
    """From `from_on` to `until` (inclusive; None: no end set). Granted again from the same day: the new end."""

    person: PersonId
    role: Code
    scope: Scope
    from_on: Day
    until: Day | None = None


class RoleEnded(Frozen):
    """The grant that began on `from_on` has ended; `last_on` was its last whole day."""

    person: PersonId
    role: Code
    scope: Scope
    from_on: Day
    last_on: Day


class PersonForgotten(Frozen):
    """Name and contact are forgotten, all there ever were; the actor of the fact and `second` both signed for it."""

    person: PersonId
    commitments: tuple[Commitment, ...]
    reason: Code
    second: PersonId


class LogKeyAdded(Frozen):
    """From this entry on, checkpoints of the log are signed by this key: its first, or one that replaces the last."""

    origin: Origin
    key: str
    replaces: str | None = None


class LogHead(Frozen):
    """How far a log was known: its name, size, and root in hex."""

    origin: Origin
    size: int = Field(ge=1)
    root: str = Field(pattern=r"^[0-9a-f]{64}$")


class LogEpochBegan(Frozen):
    """The log before cannot be continued: a new one begins, and two persons answer for the break."""

    origin: Origin
    previous: LogHead
    signed_by: tuple[PersonId, PersonId]


TYPES: dict[str, type[Frozen]] = {
    "log.epoch_began": LogEpochBegan,
    "log.key_added": LogKeyAdded,
    "person.enrolled": PersonEnrolled,
    "person.forgotten": PersonForgotten,
    "role.granted": RoleGranted,
    "role.ended": RoleEnded,
}
NAMES: dict[type[Frozen], str] = {cls: name for name, cls in TYPES.items()}


class Enrolment(Frozen):
    """How a person is known now; `forgotten` is the entry that erased it: no sheet makes them known again."""

    name: Commitment | None = None
    contact: Commitment | None = None
    forgotten: int | None = None


class Enrolled(Frozen):
    """Everybody known, what of them was erased by which entry, and the keys of the log by its name, oldest first.

    Grants are rows alone: there are many, and none is needed to fold the next fact.
    """

    people: dict[PersonId, Enrolment] = Field(default_factory=dict)
    erased: dict[Commitment, int] = Field(default_factory=dict)
    log_keys: dict[Origin, tuple[str, ...]] = Field(default_factory=dict)


def project(stream: str, prior: Prior, facts: Sequence[Fact], text: Callable[[Digest], bytes]) -> Projected:
    """`ledger.store.Projection` of this stream: the state is Enrolled, the rows are of `people`."""
    del stream, text
    state = prior.parsed or (Enrolled.model_validate_json(prior.state_json) if prior.state_json else Enrolled())
    people, erased, keys, rows = dict(state.people), dict(state.erased), dict(state.log_keys), []
    for fact in facts:
        match TYPES[fact.type].model_validate(fact.data):
            case PersonEnrolled(person=person, name=name, contact=contact):
                before = people.get(person, Enrolment())
                given = {"name": name or before.name, "contact": contact or before.contact}
                people[person] = before.model_copy(update=given)
            case PersonForgotten(person=person, commitments=gone):
                people[person] = Enrolment(forgotten=fact.seq)
                erased |= dict.fromkeys(gone, fact.seq)
            case LogKeyAdded(origin=origin, key=key):
                keys[origin] = (*keys.get(origin, ()), key)
            case RoleGranted() as granted:
                rows.append(_row(granted, granted.until, fact.seq))
            case RoleEnded() as ended:
                rows.append(_row(ended, ended.last_on, fact.seq))
    after = Enrolled(people=people, erased=erased, log_keys=keys)
    return Projected(after.model_dump_json(exclude_none=True).encode(), tuple(rows), after)


def log_origin(entries: Entries) -> str | None:
    """What the log is called now: by the newest key it tells of; None before its first."""
    kept = entries.snapshot(STREAM)
    told = Enrolled.model_validate_json(kept.state_json).log_keys if kept else {}
    return next(reversed(told), None)


def covers(scope: str, cluster: str | None, province: str | None) -> bool:
    """True when a role with this scope reaches the cluster: the nation, its province, or itself."""
    level, _, place = scope.partition("/")
    return level == "nation" or place == (province if level == "province" else cluster)


def _row(grant: RoleGranted | RoleEnded, until: Day | None, seq: int) -> Row:
    key = {"person": grant.person, "role": grant.role, "scope": grant.scope, "from_on": grant.from_on.isoformat()}
    return Row("people", key, {"until_on": until.isoformat() if until else None, "seq": seq})
