"""Ids of commands, made before the first sending so that every further one is the same command."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID, uuid5

from domain.values import CommandId

JOBS = UUID("6b686f73-6865-5000-8000-000000000001")


def command_id(at: datetime) -> CommandId:
    """A new UUIDv7 (RFC 9562): younger ones sort later, to the millisecond of `at`."""
    milliseconds = int(at.timestamp() * 1000) & (1 << 48) - 1
    return str(UUID(int=milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)))


def repeatable_id(*parts: object) -> CommandId:
    """The same id for the same parts (UUIDv5): the row of a job, or (seed, cluster, n) of a rehearsal."""
    return str(uuid5(JOBS, "/".join(map(str, parts))))
