"""A rehearsal that is told to stop leaves nothing behind: no process, no folder."""

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the children of a process are read from /proc"),
]
# As from a terminal: a process that was started in the background ignores the interrupt.
BEGIN = "import signal, starter; signal.signal(signal.SIGINT, signal.default_int_handler); starter.main()"
WORDS = ["rehearse", "reference/clusters/iran.csv", "--sample", "4", "--json"]


def children(pid):
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in listed for child in path.read_text().split()]


def is_there(pid):
    with contextlib.suppress(OSError):
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


def meanwhile(process):
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", ["engine-*.log", "engine-*.ready"])
def test_told_to_stop_it_leaves_no_process_and_no_folder(tmp_path, monkeypatch, number, moment):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN, *WORDS], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and not (children(process.pid) and list(tmp_path.glob(f"*/{moment}"))):
        meanwhile(process)
    started = children(process.pid)
    process.send_signal(number)
    assert process.wait() == 128 + number
    assert started
    assert list(tmp_path.iterdir()) == []
    while any(is_there(pid) for pid in started):
        meanwhile(process)
