"""Starts a program that dies with whoever started it, however that ends: `python -m rehearsal.leash PROGRAM …`."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def bind(parent: int) -> None:
    """This process, and what it becomes, is killed when the thread that started it ends (Linux; elsewhere nothing)."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    parent, program, *arguments = sys.argv[1:]
    bind(int(parent))
    os.execv(program, [program, *arguments])  # noqa: S606 - our own packaged engine, by its full path


if __name__ == "__main__":
    main()
