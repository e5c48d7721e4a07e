"""A backup or a restore that is killed leaves nothing that could be taken for whole."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from client.backing_up import unfinished
from tests.commanded import Line, founded

ROOT = Path(__file__).parents[2]


def test_a_backup_that_was_killed_is_not_there_and_is_continued(line, restored, tmp_path):
    for n in range(2_000):
        place = line.data / "archive" / "history" / f"{n:04}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(os.urandom(500))
    to, made = tmp_path / "kept", unfinished(tmp_path / "kept")
    words = [sys.executable, "starter.py", "backup", str(to), "--data", str(line.data), "--json"]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not (made / "archive/history/0100").exists():
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not to.exists()
    assert not (made / "archive/history/1999").exists()
    assert restored("restore", str(made), code=2)["error"]["code"] == "backup_unfinished"
    (made / "archive/history/0050").write_bytes(b"cut off")
    (made / "archive/planted").write_bytes(b"of an earlier attempt, and gone since")
    line("backup", str(to))
    assert not made.exists()
    assert restored("restore", str(to))["ok"]
    assert (restored.data / "archive/history/0050").read_bytes() == (line.data / "archive/history/0050").read_bytes()
    assert not (restored.data / "archive/planted").exists()


def test_a_restore_that_was_killed_left_nothing_and_is_begun_again(kept, restored, monkeypatch):
    class Killed(BaseException):
        pass

    def _killed(*_):
        raise Killed

    with monkeypatch.context() as dying:
        # What a kill leaves: the cleaning up does not run.
        dying.setattr("client.restoring.give_name", _killed)
        dying.setattr("client.restoring.shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            restored("restore", str(kept))
    assert not restored.data.exists()
    assert unfinished(restored.data).exists()
    (unfinished(restored.data) / "planted").write_bytes(b"x")
    assert restored("restore", str(kept))["ok"]
    assert not (restored.data / "planted").exists()
    assert not unfinished(restored.data).exists()


def test_a_rehearsal_that_was_kept_can_be_backed_up(tmp_path):
    line = founded(tmp_path / "office", tmp_path / "people.csv", rehearsal=True)
    assert line("backup", str(tmp_path / "kept"))["ok"]
    shutil.rmtree(line.data)
    assert Line(line.data)("restore", str(tmp_path / "kept"))["ok"]
    assert line("show", "qom-carpet")["id"] == "qom-carpet"
