"""What one run hands to the next: everything a cluster needs to go on, and nothing else survives."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import AfterValidator, Field
from temporalio import workflow

from domain import evolution
from domain.cluster import Cluster, new_cluster
from domain.recording import Head
from domain.rulebook import unpack
from domain.values import ClusterId, Frozen
from workflows.seen import Remembered, Seen

STATE_BYTES = 32_768
"""More than this is refused at the door: a payload of 2 MiB would repeat a workflow task for ever."""

UPDATES_A_CHAPTER = 1_500  # the server ends a run at 2,000
LASTS = timedelta(days=365)
UNARCHIVED = 8
"""So many ended runs a chapter asks for at most; what an outage leaves beyond them, the office's round finds."""

OURS = UUID("6b686f73-6865-5000-8000-000000000000")
"""The name space of ids the engine gives to its own commands."""


class Chapter(Frozen):
    """The input of one run. Fields are only ever added, with a default: the next version must read it."""

    cluster: ClusterId
    rulebook: Annotated[str, AfterValidator(sys.intern)] = Field(repr=False)
    """One text for all clusters that live by it: a worker holds a thousand of them."""
    rehearsal: bool = False
    number: int = Field(default=1, ge=1)
    state: str = Field(default="", repr=False)
    head: Head = Head(seq=0)
    seen: tuple[Remembered, ...] = Field(default=(), repr=False)
    forgotten: int = 0
    from_fold: bool = False
    """Made from the ledger and not by the run before: it begins frozen, until two people have sent `Recover`."""
    switched_from: str = ""
    """The build that ended the chapter before because a newer one was there; it does so once."""
    unarchived: tuple[str, ...] = ()
    """Ended runs whose histories are not known to be archived, the oldest first. What an earlier version handed on
    has none: it is also what tells the histories in which nobody was asked to archive (ADR 0019)."""

    def build(self) -> str:
        """Who decides now, as sealed with every fact: the build at work, or that it is a rehearsal."""
        return "rehearsal" if self.rehearsal else workflow.info().get_current_build_id() or "unknown"

    def is_long(self, updates: int) -> bool:
        """True when the run has to end for its length or age, or because a newer build is there."""
        info = workflow.info()
        return (
            updates >= UPDATES_A_CHAPTER
            or workflow.now() - info.start_time >= LASTS
            or info.is_continue_as_new_suggested()
            or (info.is_target_worker_deployment_version_changed() and self.switched_from != self.build())
        )

    def following(self, cluster: Cluster, head: Head, seen: Seen, unarchived: Iterable[str]) -> Chapter:
        """The input of the next run; it has the histories archived that nobody has yet.

        A rehearsal keeps its histories at its end, or none.
        """
        left = () if self.rehearsal else (*unarchived, workflow.info().run_id)[-UNARCHIVED:]
        newer = workflow.info().is_target_worker_deployment_version_changed()
        return Chapter(
            cluster=self.cluster, rulebook=self.rulebook, rehearsal=self.rehearsal, number=self.number + 1,
            state=evolution.dump(cluster).decode(), head=head, seen=seen.carried(), forgotten=seen.forgotten,
            switched_from=self.build() if newer else "", unarchived=left,
        )  # fmt: skip

    @property
    def stream(self) -> str:
        """Where the cluster's facts are sealed."""
        return stream_of(self.cluster)

    def opened(self) -> Cluster:
        """The state the chapter begins with."""
        rulebook = unpack(self.rulebook)
        return evolution.load(self.state, rulebook) if self.state else new_cluster(self.cluster, rulebook)


def versioning() -> workflow.ContinueAsNewVersioningBehavior | None:
    """The next run goes to the newest build, where workers have versions at all."""
    versioned = workflow.info().get_current_deployment_version() is not None
    return workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE if versioned else None


def stream_of(cluster: str) -> str:
    """The name of the cluster's stream, which is also the id of its workflow."""
    return f"cluster/{cluster}"


def own_id(cluster: str, what: str) -> str:
    """The id of a command of the engine itself, the same whenever and wherever it is worked out again."""
    return str(uuid5(OURS, f"{cluster}/{what}"))
