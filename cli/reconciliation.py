"""How findings of a reconciliation are told, and by which command each is put right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cli.acting import person_id
from cli.errors import Unreachable, WrongUse
from cli.office import OFFICE, now
from domain.recording import Cause
from domain.refusals import Refused
from ledger.reconciliation import Told

if TYPE_CHECKING:
    from adapters.office_stream import Stamp
    from cli.office import Office
    from client.reconciling import Checked, Reconciler
    from domain.values import Frozen
    from ledger.objects import Objects

LOG = "log"

MAY = ("national_office",)
"""Who puts the record right by a word."""

REASONS = {
    "terminated": "terminated", "cancelled": "terminated", "reset": "reset", "update": "foreign_update",
    "unrecorded": "foreign_update", "no_run": "engine_lost", "ended": "engine_lost",
    "not_in_engine": "engine_restored",
}  # fmt: skip
"""What a finding says as the reason of a recovery; the others are a conflict."""


def reconciler(office: Office, client: Any, ledger: Any) -> Reconciler:
    """The one of this office."""
    from client.archived import RecordedArchive
    from client.reconciling import Reconciler

    return Reconciler(client, ledger, RecordedArchive(ledger, lambda: archive(office)))


def archive(office: Office) -> Objects:
    """The archive's store. ObjectsUnusable."""
    from adapters.objects_at import objects_at

    return objects_at(office.settings.archive_address)


def wanted(clusters: Sequence[str] | None, *, every: bool) -> list[str]:
    """The streams of the clusters named; none when all are meant. Wrong use when it is neither or both."""
    if bool(clusters) == every:
        raise WrongUse("clusters_or_all", field="CLUSTER")
    return [f"cluster/{cluster}" for cluster in clusters or ()]


async def each(
    office: Office, streams: Sequence[str], all_: Callable[[], Awaitable[list[str]]],
    check: Callable[[str], Awaitable[Checked]],
) -> list[Checked]:  # fmt: skip
    """What `check` finds of each, with a bar for people. Unreachable when the engine goes meanwhile."""
    from temporalio.service import RPCError

    found = []
    try:
        streams = streams or await all_()
        with office.screen.progress(office.screen.say("screen.reconciling"), len(streams)) as bar:
            for stream in streams:
                found.append(await check(stream))
                bar.advance(bar.task_ids[0])
    except RPCError as fault:
        raise Unreachable("engine", address=fault.message) from None
    return found


def log_form(told: Told) -> Checked:
    """A finding about the log as a whole."""
    from client.reconciling import Checked
    from ledger.chain import START
    from ledger.inspection import Inspection

    return Checked(LOG, [told], Inspection(LOG, START, (), {}, "", None, ()))


def forms(office: Office, checked: Iterable[Checked]) -> list[dict[str, Any]]:
    """The findings as programs read them."""
    return [
        {"cluster": one.name, "kind": told.kind, "code": told.code, "detail": _detail(office, told),
         "repair": repair_of(one.name, told)}
        for one in checked for told in one.findings
    ]  # fmt: skip


def tell(office: Office, checked: Sequence[Checked], **more: Any) -> bool:
    """What was found, for programs and people; True when that is nothing."""
    found = forms(office, checked)
    office.screen.result({"ok": not found, "streams": len(checked), **more, "findings": found})
    show(office, found, len(checked))
    return not found


def show(office: Office, found: Sequence[dict[str, Any]], streams: int) -> None:
    """The findings for people: one block each, the command that mends it last."""
    screen, say = office.screen, office.screen.say
    if not found:
        screen.line(say("screen.reconciled", n=screen.count(streams)), "bold green")
        return
    screen.line(say("screen.reconciled_not", n=screen.count(len(found)), of=screen.count(streams)), "bold red")
    for one in found:
        kind = say(f"reconciliation_kind.{one['kind']}")
        screen.line(f"{one['cluster']} · {kind}", "bold")
        screen.line(f"  {one['detail']}")
        screen.line(f"  {say('screen.mend')}: {one['repair']}")


def repair_of(name: str, told: Told) -> str:
    """The command that puts it right."""
    match told.repair:
        case "recover":
            reason = REASONS.get(told.code, "conflict")
            return f"khoosheh recover {name} --as PERSON --second PERSON --reason {reason}"
        case "restore":
            return "khoosheh restore DIR --data NEW"
        case "wait":
            return "khoosheh doctor"
    return "khoosheh ledger refill" if name == LOG else f"khoosheh ledger repair {name}"


def _detail(office: Office, told: Told) -> str:
    say = office.screen.say
    return say(f"reconciliation.{told.code}", **told.values)


def done_forms(done: Iterable[Frozen]) -> list[dict[str, Any]]:
    """What was put right as programs read it: the facts on record."""
    from ledger.repairs import NAMES

    return [{"repair": NAMES[type(one)], **one.model_dump(mode="json")} for one in done]


def show_done(office: Office, repaired: Sequence[dict[str, Any]]) -> None:
    """What was put right, a line each."""
    for one in repaired:
        words = office.screen.say(f"event.{one['repair']}")
        office.screen.line(f"{one['stream']} · {words}", "bold green")


def stamp_of(office: Office, ledger: Any, person: str | None, what: str) -> Stamp:
    """Who puts something right, in a role of the directory. Refused for who has none in the national office."""
    from adapters.office_stream import Stamp

    actor = office.directory(ledger).resolve(person_id(person), "", MAY) if person else OFFICE
    if actor.role not in MAY:
        raise Refused("role_may_not", "actor.role", "", MAY)
    return Stamp(actor, Cause(kind="command", ref=what), now(), "local_key")
