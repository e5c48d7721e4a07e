"""What is put on record about asking itself: every "no", and what an auditor looked at."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.acting import As, person_id
from cli.command import command
from cli.errors import no_such
from cli.office import OFFICE, Office, now
from cli.reference import calendar, methodology
from domain.recording import Actor
from domain.refusals import Refused
from ledger.accesses import PURPOSES, RecordAccessed
from ledger.place import is_on_server

if TYPE_CHECKING:
    from client.refusals import Asked

Purpose = Annotated[str, typer.Option(metavar="|".join(PURPOSES), help="Why you look; goes on record with it.")]
_ADDED = [
    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
    for name, default, annotation in (("person", None, As), ("purpose", PURPOSES[0], Purpose))
]


@contextmanager
def refusals_on_record(ledger: Any, asked: Asked) -> Iterator[None]:
    """A refusal inside is put on record before it is told."""
    from client.refusals import record_refusal

    try:
        yield
    except Refused as refused:
        record_refusal(ledger, asked, refused.told(), now)
        raise


def asked_by(person: str, type: str, cluster: str = "", *, id: str = "") -> Asked:
    """What somebody asks whose role is not known yet."""
    from client.ids import command_id
    from client.refusals import Asked

    actor = OFFICE if person == OFFICE.person else Actor(person=person, role="unknown", scope="nation")
    return Asked(id or command_id(now()), type, cluster, actor, now(), "local_key")


def watched(what: str, run: Callable[..., None], *, always: bool) -> Callable[..., None]:
    """The command, with `--as` and `--purpose`: looking is on record first, of an auditor, or of whoever it is.

    Who has no role that reaches what is asked for is refused, and shown nothing.
    """
    function = run.function  # type: ignore[attr-defined]  # left there by `command`
    own = inspect.signature(function, eval_str=True)
    added = [one for one in _ADDED if one.name not in own.parameters]

    @wraps(function)
    def reading(office: Office, **given: Any) -> None:
        person, purpose = given["person"], given["purpose"]
        _look(office, what, person or (OFFICE.person if always else None), purpose, given, always=always)
        function(office, **{name: value for name, value in given.items() if name in own.parameters})

    parameters = [*own.parameters.values(), *added]
    reading.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    return command(reading)


def _look(office: Office, what: str, person: str | None, purpose: str, given: dict[str, Any], *, always: bool) -> None:
    if purpose not in PURPOSES:
        raise no_such("--purpose", purpose, PURPOSES)
    if person is None:
        return
    person_id(person)
    accessed = RecordAccessed(what=what.replace(" ", "_"), purpose=purpose, **_extent(given))
    is_copy = _is_copy(office)
    with office.reading() as ledger:
        if not always and not _is_auditor(ledger, person):
            return
        if is_copy or office.settings.rehearsal:
            _reader(ledger, person, accessed)
    if is_copy:
        office.screen.note(office.screen.say("screen.access_unrecorded"), "yellow")
    elif not office.settings.rehearsal:  # which is nobody's record
        _record(office, person, accessed)


def _record(office: Office, person: str, accessed: RecordAccessed) -> None:
    from cli.sealing import lacks_entries
    from client.accesses import record_access

    with office.reading() as ledger:
        if lacks_entries(office, ledger):
            # Whatever were added now would stand where another entry was published.
            office.screen.note(office.screen.say("screen.access_before_refill", data=office.data), "yellow")
            return
    asked = asked_by(person, "ReadRecord", accessed.clusters[0] if accessed.clusters else "")
    with office.writing() as ledger, refusals_on_record(ledger, asked):
        record_access(ledger, accessed, _reader(ledger, person, accessed), now(), office.settings.build)


def _reader(ledger: Any, person: str, accessed: RecordAccessed) -> Actor:
    from client.accesses import reader_of

    if person == OFFICE.person:
        return OFFICE
    return reader_of(ledger, person, accessed, calendar().day_of(now()), first=_auditors())


def _extent(given: dict[str, Any]) -> dict[str, Any]:
    """The clusters or the scope that the arguments name."""
    from cli.asked import province_of
    from client.refusals import CLUSTER

    named = given.get("cluster") or given.get("clusters") or ()
    clusters = (named,) if isinstance(named, str) else tuple(named)
    if not all(CLUSTER.fullmatch(cluster) for cluster in clusters):
        raise Refused("not_found", "cluster")
    province = province_of(given.get("province"))
    return {"clusters": clusters, "scope": f"province/{province}" if province and not clusters else "nation"}


def _is_auditor(ledger: Any, person: str) -> bool:
    held = ledger.people(person=person, on=calendar().day_of(now()))
    return any(row["role"] in _auditors() for row in held)


def _auditors() -> frozenset[str]:
    """The roles that only read."""
    return frozenset(key for key, role in methodology().methodology.role_by_key.items() if not role.writes)


def _is_copy(office: Office) -> bool:
    """Whether this ledger can be read and not written: a copy on a disk that is locked, or of somebody else."""
    place = office.settings.ledger_place
    return not is_on_server(place) and not all(os.access(one, os.W_OK) for one in (place, Path(place).parent))
