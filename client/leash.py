"""Starts a program that dies with whoever started it, however that ends: `python leash.py PARENT PROGRAM …`."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def leashed(*command: str) -> list[str]:
    """The command, on a leash held by this process. Run as a file, so that it works whatever code the program has."""
    return [sys.executable, __file__, str(os.getpid()), *command]


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
    os.execv(program, [program, *arguments])  # noqa: S606 - our own programs, by their full path


if __name__ == "__main__":
    main()
