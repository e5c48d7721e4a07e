"""What one run hands to the next: everything a cluster needs to go on, and nothing else survives."""

from __future__ import annotations

from uuid import UUID, uuid5

from pydantic import Field

from domain import evolution
from domain.cluster import Cluster, new_cluster
from domain.recording import Head
from domain.rulebook import unpack
from domain.values import ClusterId, Frozen
from workflows.seen import Remembered

STATE_BYTES = 32_768
"""More than this is refused at the door: a payload of 2 MiB would repeat a workflow task for ever."""

OURS = UUID("6b686f73-6865-5000-8000-000000000000")
"""The name space of ids the engine gives to its own commands."""


class Chapter(Frozen):
    """The input of one run. Fields are only ever added, with a default: the next version must read it."""

    cluster: ClusterId
    rulebook: str = Field(repr=False)
    rehearsal: bool = False
    number: int = Field(default=1, ge=1)
    state: str = Field(default="", repr=False)
    head: Head = Head(seq=0)
    seen: tuple[Remembered, ...] = Field(default=(), repr=False)
    forgotten: int = 0
    switched_from: str = ""
    """The build that ended the chapter before because a newer one was there; it does so once."""

    @property
    def stream(self) -> str:
        """Where the cluster's facts are sealed."""
        return stream_of(self.cluster)

    def opened(self) -> Cluster:
        """The state the chapter begins with."""
        rulebook = unpack(self.rulebook)
        return evolution.load(self.state, rulebook) if self.state else new_cluster(self.cluster, rulebook)


def stream_of(cluster: str) -> str:
    """The name of the cluster's stream, which is also the id of its workflow."""
    return f"cluster/{cluster}"


def own_id(cluster: str, what: str) -> str:
    """The id of a command of the engine itself, the same whenever and wherever it is worked out again."""
    return str(uuid5(OURS, f"{cluster}/{what}"))
