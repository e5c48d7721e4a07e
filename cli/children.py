"""The processes of one office: started, watched, started again with growing pauses, stopped in order."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY_AFTER = 60.0
"""A process that ran this long did not fail at its start: the next pause is the first again."""

PR_SET_PDEATHSIG = 1


class Child:
    """One process that is to run as long as `up` does. `on_restart` is told its exit code and the pause."""

    def __init__(
        self, name: str, argv: Sequence[str], log: Path, env: Mapping[str, str],
        on_restart: Callable[[str, int, float], None],
    ) -> None:  # fmt: skip
        self.name, self.log = name, log
        self._argv, self._env, self._on_restart = argv, env, on_restart
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self.started = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """The process runs and is watched."""
        await self._spawn()
        self._watch = asyncio.create_task(self._restarting())

    async def stop(self, patience: float) -> None:
        """It has ended: asked politely first, and not started again."""
        if self._watch is not None:
            self._watch.cancel()
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), patience)
            except TimeoutError:
                process.kill()
                await process.wait()

    async def _spawn(self) -> None:
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._argv, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=dict(self._env),
                start_new_session=True,  # Ctrl-C reaches `up` alone, which stops the others in order
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )  # fmt: skip
        self.started += 1

    async def _restarting(self) -> None:
        pause = FIRST_PAUSE
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            if self._process is None:
                return
            code = await self._process.wait()
            pause = FIRST_PAUSE if clock() - began > STEADY_AFTER else pause
            self._on_restart(self.name, code, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            await self._spawn()


def _die_with_parent() -> None:
    # Killed outright, `up` must not leave an engine behind that holds its database.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
