"""The office a command works on: its data folder, settings, ledger, documents, engine."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cli.errors import Unreachable, WrongUse
from cli.output import Screen
from cli.reference import methodology, provinces
from domain.recording import Actor
from i18n.dates import Lang
from ledger.place import is_on_server
from settings import Settings, shut_out

if TYPE_CHECKING:
    from temporalio.client import Client

    from adapters.documents import DocumentFolder
    from adapters.ledger_sql import SqlLedger, SqlReader
    from client.directory import Directory
    from client.programme import Programme

RUNNING, LOCK = "run.json", "up.lock"
KEY = "office"
OFFICE = Actor(person="p-owner", role="national_office", scope="nation")
"""Who acts when nobody is named: the owner of this office, who holds its key; the first `up` enrols them."""


class Office:
    """One office as a command sees it. Nothing is opened before it is asked for."""

    def __init__(self, data: Path, screen: Screen) -> None:
        self.data, self.screen = data, screen

    @cached_property
    def settings(self) -> Settings:
        try:
            return Settings.read(self.data)
        except (ValidationError, ValueError) as fault:
            raise WrongUse("settings", detail=_first(fault)) from None

    @property
    def lang(self) -> Lang:
        return self.screen.lang

    def running(self) -> dict[str, Any] | None:
        """What `up` left about itself, if it is still there: whoever holds the lock is alive."""
        try:
            with (self.data / LOCK).open("r") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    found: dict[str, Any] = json.loads((self.data / RUNNING).read_text(encoding="utf-8"))
                    return found
        except (OSError, ValueError):
            pass
        return None

    async def connected(self) -> Client:
        """The engine that is set, else the one `up` started here, else that of Temporal's profile. Unreachable."""
        from temporalio.service import RPCError

        from client.connection import EngineUnnamed, connect

        address, namespace = self.settings.temporal, self.settings.namespace
        running = self.running()
        if running and not address:
            if running["pids"]["engine"]:
                shut_out("TEMPORAL_")
            address, namespace = running["temporal"], namespace or running["namespace"]
        try:
            return await connect(address, namespace)
        except EngineUnnamed as fault:
            if not str(fault):
                raise Unreachable("not_running", data=self.data) from None
            raise Unreachable("profile", detail=fault) from None
        except (RuntimeError, RPCError, OSError):
            raise Unreachable("engine", address=address or "TEMPORAL_ADDRESS") from None

    @contextmanager
    def reading(self) -> Iterator[SqlReader]:
        """The ledger, to read. Unreachable when nothing was ever started here."""
        from adapters.ledger_at import reader_at

        with closing(reader_at(self._ledger_there())) as ledger:
            yield ledger

    @contextmanager
    def writing(self) -> Iterator[SqlLedger]:
        """The ledger, to write in the streams of the office. Unreachable when nothing was ever started here."""
        from adapters.ledger_at import ledger_at
        from ledger.projections import PROJECTIONS

        with closing(ledger_at(self._ledger_there(), PROJECTIONS, rehearsal=self.settings.rehearsal)) as ledger:
            yield ledger

    @property
    def ledger_place(self) -> str:
        """Where the ledger is kept: where the running `up` has it, else where settings say."""
        running = self.running() or {}
        return str(running.get("ledger") or self.settings.ledger_place)

    def _ledger_there(self) -> str:
        place = self.ledger_place
        if not is_on_server(place) and not Path(place).exists():
            raise Unreachable("no_office", data=self.data)
        return place

    @cached_property
    def documents(self) -> DocumentFolder:
        from adapters.documents import DocumentFolder

        return DocumentFolder(self.settings.path("documents"))

    def directory(self, ledger: Any) -> Directory:
        from client.directory import Directory
        from client.directory_sheet import Known

        roles = methodology().methodology.role_by_key
        known = Known(roles, frozenset(one["province"] for one in provinces()))
        return Directory(ledger, self.documents, known, build=self.settings.build)

    async def programme(self, ledger: Any) -> Programme:
        """The way into the clusters. Unreachable when nothing was sent because nobody answers."""
        from client.programme import Programme
        from client.signing import read_key

        try:
            client = await self.connected()
        except Unreachable as unreachable:
            unreachable.sending = True
            raise
        signer = read_key(self.settings.keys_path, KEY)
        return Programme(client, ledger, signer, task_queue=self.settings.task_queue)


def now() -> datetime:
    return datetime.now(UTC)


def _first(fault: Exception) -> str:
    if isinstance(fault, ValidationError):
        one = fault.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
    return str(fault)
