"""How a process ends that has spoken with Temporal: at once, without taking the interpreter apart.

The threads of the SDK's core are still giving the interpreter its lock back when the last answer is in. Those that
come while it is being taken apart abort the process, after all work is done and with exit code 134: sdk-python #300.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

FAILED, INTERRUPTED = 1, 130


def run_to_end(main: Callable[[], object]) -> NoReturn:
    """Runs `main` and ends the process with its exit code (as `sys.exit` and the interpreter would)."""
    code = FAILED
    try:
        main()
        code = 0
    except SystemExit as exit_:
        code = _code_of(exit_)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BaseException:  # noqa: BLE001 - the last place it can be told
        traceback.print_exc()
    finally:
        logging.shutdown()
        code = _flushed(code)
        os._exit(code)


def _code_of(exit_: SystemExit) -> int:
    if isinstance(exit_.code, int):
        return exit_.code
    if exit_.code is None:
        return 0
    sys.stderr.write(f"{exit_.code}\n")
    return FAILED


def _flushed(code: int) -> int:
    """What was written has gone out; a reader that has left is no fault of ours, a full disk is."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            continue
        except OSError:
            code = code or FAILED
    return code
