"""Work in a process that dies before a chosen line of our code, as a power cut or kill -9 would have it."""

import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

STEPS = ("adapters/signer_folder.py", "adapters/whole_file.py", "adapters/sealing.py", "adapters/objects_folder.py")
"""Whose lines are counted: everything between reading what stands and the last write."""


def killed_at(step: int, work: Callable[[], bytes]) -> tuple[bool, bytes]:
    """Whether `work` came to its end before line `step`, and what it had answered until then."""
    reader, writer = os.pipe()
    if not (pid := os.fork()):
        left = step

        def _dying(frame: FrameType, event: str, _: object) -> Any:
            nonlocal left
            if not frame.f_code.co_filename.endswith(STEPS):
                return None
            left -= event == "line"
            if left < 0:
                os._exit(9)
            return _dying

        try:
            sys.settrace(_dying)
            answer = work()
            sys.settrace(None)
            os.write(writer, answer)
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answered = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, 9), "it neither ended nor was killed"
    return code == 0, answered
