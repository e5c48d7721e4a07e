"""Logging as JSON lines: one event a line, never twice for one thing, each with the run it belongs to."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.types import Processor
from temporalio import activity, workflow

Event = MutableMapping[str, Any]

WITHOUT_LOCALS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
"""Where it went wrong and why, but no values: among them are envelopes and keys."""


def configure(*, level: str = "info", file: Path | None = None, build: str = "") -> None:
    """Our records and those of libraries go to `file`, or to standard error, from `level` up."""
    ours: list[Processor] = [
        bind_run,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.contextvars.bind_contextvars(build=build)
    structlog.configure(
        processors=[*ours, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler(sys.stderr)
    handler.addFilter(is_said_first)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=ours,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                WITHOUT_LOCALS,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def is_said_first(_: logging.LogRecord) -> bool:
    """False while a run is replayed: what it said when it was carried out is not said again."""
    return not (workflow.in_workflow() and workflow.unsafe.is_replaying())


def bind_run(_: Any, __: str, event: Event) -> Event:
    """Which cluster and which run a record is about, if any."""
    if workflow.in_workflow():
        info = workflow.info()
        event.update(workflow=info.workflow_id, run=info.run_id)
    elif activity.in_activity():
        doing = activity.info()
        event.update(workflow=doing.workflow_id, activity=doing.activity_type, attempt=doing.attempt)
    return structlog.contextvars.merge_contextvars(_, __, event)
