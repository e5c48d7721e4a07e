"""Processes that replay: as many as there are processors, each one cluster at a time, of this build or of another."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from client.history import HistoryUnfit
from client.leash import leashed
from client.replaying import LENGTH, message
from ledger.archive import Verdict

HOME = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 300.0
"""For all histories of one cluster: three years of one take a second or two, and a broken build may take for ever."""


class ReplayerEnded(Exception):
    """The process ended, or never answered; the message is the last of what it said."""


class Run(NamedTuple):
    """One history replayed, as `client/replaying.py` answers."""

    verdict: Verdict
    detail: str
    seq: int | None
    digest: str | None
    leaves: list[tuple[int, list[str]]]
    began: int
    from_fold: bool
    cluster: str
    number: int
    events: int
    before: str | None
    after: str | None
    closed: str | None


class Replayers:
    """To be closed. `code` is the folder of another build's modules; empty: this one's."""

    def __init__(self, processes: int = 1, code: Path | None = None) -> None:
        self._code = (code or HOME).resolve()
        self._free: asyncio.Queue[_Replayer] = asyncio.Queue()
        self._all = [_Replayer(self._code) for _ in range(processes)]
        for one in self._all:
            self._free.put_nowait(one)

    async def replay(self, histories: Sequence[bytes]) -> list[Run]:
        """The histories of one cluster, as kept, in their order. HistoryUnfit, ReplayerEnded (also for no answer)."""
        replayer = await self._free.get()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await replayer.replay(histories)
        except TimeoutError:
            await replayer.close()
            raise ReplayerEnded(f"no answer within {PATIENCE_SECONDS:g} s") from None
        except BaseException:
            await replayer.close()  # it starts anew with the next question
            raise
        finally:
            self._free.put_nowait(replayer)

    def pids(self) -> list[int]:
        """The processes that run now."""
        return [pid for one in self._all if (pid := one.pid) is not None]

    async def close(self) -> None:
        for one in self._all:
            await one.close()


class _Replayer:
    def __init__(self, code: Path) -> None:
        self._code = code
        self._process: Process | None = None
        self._said: IO[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def replay(self, histories: Sequence[bytes]) -> list[Run]:
        question = orjson.dumps({"histories": [b64encode(history).decode() for history in histories]})
        told = orjson.loads(await self._asked(question))
        if "unfit" in told:
            raise HistoryUnfit(told["unfit"], told["detail"])
        return [Run(**{**run, "leaves": [(after, leaves) for after, leaves in run["leaves"]]}) for run in told["runs"]]

    async def _asked(self, question: bytes) -> bytes:
        process = await self._started()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - pipes, as asked for
        try:
            process.stdin.write(message(question))
            await process.stdin.drain()
            length = int.from_bytes(await process.stdout.readexactly(LENGTH), "big")
            return await process.stdout.readexactly(length)
        except (asyncio.IncompleteReadError, BrokenPipeError, ConnectionResetError):
            raise ReplayerEnded(self._last_words()) from None

    async def _started(self) -> Process:
        if self._process is None:
            self._said = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
            env: dict[str, Any] = {**os.environ, "PYTHONPATH": str(self._code)}
            if self._code != HOME:
                env["PYTHONDONTWRITEBYTECODE"] = "1"  # a released build's folder stays as it was released
            self._process = await asyncio.create_subprocess_exec(
                *leashed(sys.executable, "-m", "client.replaying"), stdin=PIPE, stdout=PIPE, stderr=self._said,
                cwd=self._code, env=env, start_new_session=True,
            )  # fmt: skip
        return self._process

    def _last_words(self) -> str:
        if self._said is None:
            return ""
        self._said.seek(0)
        return self._said.read().decode(errors="replace").strip()[-600:]

    async def close(self) -> None:
        # Before anything is waited for: whoever closes may be cancelled meanwhile.
        process, said = self._process, self._said
        self._process = self._said = None
        if said is not None:
            said.close()
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            # Its pipes are closed by a later turn of the loop, which may have none.
            process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way
