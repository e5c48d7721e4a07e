"""One JSON line for each event, wherever it comes from."""

import json
import logging
from types import SimpleNamespace

import pytest
import structlog
from temporalio import workflow

import telemetry


@pytest.fixture
def lines(tmp_path):
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    path = tmp_path / "log.jsonl"
    telemetry.configure(level="info", file=path, build="b7")
    yield lambda: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_our_events_and_those_of_libraries_are_lines_of_the_same_form(lines):
    structlog.get_logger("ours").info("appended", stream="cluster/خوشه", seq=3)
    logging.getLogger("theirs").warning("slow", extra={"seconds": 2})
    ours, theirs = lines()
    assert (ours["event"], ours["stream"], ours["seq"], ours["level"], ours["build"]) == (
        "appended", "cluster/خوشه", 3, "info", "b7",
    )  # fmt: skip
    assert (theirs["event"], theirs["seconds"], theirs["level"], theirs["logger"]) == ("slow", 2, "warning", "theirs")


def test_what_a_run_said_is_not_said_again_at_replay(lines, monkeypatch):
    monkeypatch.setattr(workflow, "in_workflow", lambda: True)
    monkeypatch.setattr(workflow, "info", lambda: SimpleNamespace(workflow_id="cluster/a", run_id="r"))
    monkeypatch.setattr(workflow.unsafe, "is_replaying", lambda: True)
    logging.getLogger("theirs").warning("said_before")
    structlog.get_logger("ours").warning("said_before")
    assert lines() == []


def test_an_exception_is_told_in_its_line(lines):
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger("ours").exception("failed")
    [told] = lines()
    assert "broken" in json.dumps(told)
