"""What can be wrong between a cluster's histories and its record, found in what the replay of them told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from client.replayers import Run
from ledger.entry import Leaf
from ledger.parting import first_parting

FindingKind = Literal[
    "no_history", "object_missing", "object_differs", "history_unfit", "missing_run", "fork", "ended", "course",
    "parted", "ahead", "chain", "state_differs", "live_differs", "replayer_ended",
]  # fmt: skip
"""`course`: the workflow asked the engine for other things. `parted`: a fact was decided otherwise. `ahead`: a history
that ended holds facts that are not sealed. `ended`: a run has no successor and is not at work."""


@dataclass(frozen=True)
class Finding:
    """Where two ways part. `run` is a chapter's number, `seq` … of the first fact that differs."""

    kind: FindingKind
    detail: str = ""
    run: int | None = None
    seq: int | None = None
    type: str | None = None
    field: str | None = None
    sealed: Any = None
    replayed: Any = None


def faults_of_chain(cluster: str, runs: Sequence[tuple[str, Run]], *, is_whole: bool) -> Iterator[Finding]:
    """Runs that are missing, that branch, that are another cluster's, or after which nothing comes.

    `runs`: each with its run id, in the order of chapters. `is_whole`: an engine was asked, so the run at work is
    among them.
    """
    for _, run in runs:
        if run.cluster != cluster:
            yield Finding("history_unfit", f"foreign {run.cluster}", run.number)
        if run.verdict == "failed":
            yield Finding("course", run.detail, run.number)
    if runs[0][1].number != 1 or runs[0][1].before is not None:
        yield Finding("missing_run", runs[0][1].before or "", runs[0][1].number - 1)
    for (before, earlier), (after, later) in pairwise(runs):
        if later.number > earlier.number + 1 or earlier.closed is None:
            yield Finding("missing_run", earlier.after or "", earlier.number + (earlier.closed is not None))
        elif later.from_fold and later.number > earlier.number:
            continue  # recovered from the ledger: two people have signed for that, which is on record
        elif earlier.after != after or later.before != before:
            yield Finding("fork", after, later.number)
    last = runs[-1][1]
    if last.closed is not None and last.after is None:
        yield Finding("ended", last.closed, last.number)
    elif last.closed is not None and is_whole:
        yield Finding("missing_run", last.after or "", last.number + 1)


def faults_of_facts(runs: Sequence[Run], leaves: Sequence[Leaf]) -> Iterator[Finding]:
    """The first fact that was decided otherwise than it is sealed."""
    for segment in _segments(runs):
        told: list[tuple[int, list[str]]] = [(segment[0].began, [])]
        told += [batch for run in segment for batch in run.leaves]
        if segment[-1].verdict == "failed":  # what follows was decided in life, and not again
            told.append((len(leaves), []))
        if (parting := first_parting(leaves, told)) is not None:
            yield Finding(
                "parted", run=max(run.number for run in segment if run.began < parting.seq), **parting._asdict()
            )
            return


def _segments(runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Runs that follow each other without one missing between them, and none recovered from the ledger."""
    segment: list[Run] = []
    for run in runs:
        if segment and (run.from_fold or run.number != segment[-1].number + 1):
            yield segment
            segment = []
        segment.append(run)
    yield segment
