"""The office's stream `archive`: whose histories are kept, under which digest, and which builds they came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from pydantic import Field

from domain.recording import Fact
from domain.values import ClusterId, Digest, Frozen, Moment
from ledger.entry import Leaf, fact_of
from ledger.store import Entries, Prior, Projected

STREAM = "archive"
FOLDER = "history/"

Kind = Literal["whole", "prefix"]
Verdict = Literal["same", "other_facts", "not_replayed", "failed"]


class HistoryArchived(Frozen):
    """The history of a run is an object of the archive, `history/` and the hexadecimal of `digest`.

    `kind` prefix: the run had not ended; a later object of it begins with the same events. Events are numbered
    from 1 without a gap, which was looked at, as was that a whole one begins and ends as a run does. `before` and
    `after` are the runs beside it in the chain, `closed` how it ended. `digest` and `size` are of the stored
    bytes. `verdict`: what a replay by the build that archived it showed: the same commands and facts (`same`),
    other facts, another course (`failed`), or nobody tried. `seq` and `state_digest`: the cluster's last fact and its
    state as the replay left them or, where nobody replayed, as the workflow itself answered.
    """

    cluster: ClusterId
    number: int = Field(ge=1)
    workflow: str
    run: str
    first_run: str
    before: str | None = None
    after: str | None = None
    kind: Kind
    closed: str | None = None
    first_event: int = Field(ge=1)
    last_event: int = Field(ge=1)
    events: int = Field(ge=1)
    first_at: Moment
    last_at: Moment
    build: str
    digest: Digest
    size: int = Field(ge=1)
    verdict: Verdict
    seq: int | None = None
    state_digest: Digest | None = None


class BuildReleased(Frozen):
    """A build began to work in this office, with exactly these files.

    `digest` is of its `SHA256SUMS` (`client/build.py`), `lock` of its list of packages, which names the digest of each
    wheel; None where it was installed without one. Python and the engine's library are those it ran with.
    """

    build: str
    digest: Digest
    lock: Digest | None = None
    files: int = Field(ge=1)
    python: str
    temporalio: str


TYPES: dict[str, type[Frozen]] = {"history.archived": HistoryArchived, "build.released": BuildReleased}
NAMES: dict[type[Frozen], str] = {cls: name for name, cls in TYPES.items()}


class Swept(Frozen):
    """What one sweep of the archive did.

    `failed`: run by run why it is not archived. `late`: ended long ago and not archived, near to being lost.
    """

    archived: int = 0
    prefixes: int = 0
    failed: dict[str, str] = Field(default_factory=dict)
    late: tuple[str, ...] = ()


class Last(Frozen):
    """What was archived last of a cluster."""

    run: str
    kind: Kind
    last_event: int
    digest: Digest
    seq: int | None
    at: Moment
    """When that was recorded."""


class Archived(Frozen):
    """The last object of each cluster. The rest is found by `key_of`, or by reading the stream."""

    last: dict[ClusterId, Last] = Field(default_factory=dict)


def project(stream: str, prior: Prior, facts: Sequence[Fact], text: Callable[[Digest], bytes]) -> Projected:
    """`ledger.store.Projection` of this stream: the state is Archived; there are no rows."""
    del stream, text
    state = prior.parsed or (Archived.model_validate_json(prior.state_json) if prior.state_json else Archived())
    last: dict[ClusterId, Last] = dict(state.last)
    for fact in facts:
        event = TYPES[fact.type].model_validate(fact.data)
        if isinstance(event, HistoryArchived):
            last[event.cluster] = Last(
                run=event.run, kind=event.kind, last_event=event.last_event, digest=event.digest,
                seq=event.seq, at=fact.recorded_at,
            )  # fmt: skip
    after = Archived(last=last)
    return Projected(after.model_dump_json().encode(), (), after)


def key_of(cluster: str, run: str, last_event: int | None = None) -> str:
    """Under what the whole history of a run is recorded, once; with `last_event`, its prefix up to there."""
    return f"{STREAM}/{cluster}/{run}" + (f"/{last_event}" if last_event else "")


def build_key(build: str, digest: Digest) -> str:
    """Under what a build with these files is recorded, once."""
    return f"{STREAM}/build/{build}/{digest}"


def name_of(digest: Digest) -> str:
    """The object that has these bytes."""
    return FOLDER + digest.removeprefix("sha256:")


def is_archived(ledger: Entries, cluster: str, run: str) -> bool:
    """True when the whole history of that run is in the archive."""
    return bool(ledger.command(key_of(cluster, run)))


def archived_in(leaves: Iterable[Leaf]) -> dict[str, list[HistoryArchived]]:
    """By cluster, the best object of each run as the stream tells it: the whole one, else the longest prefix.

    In the order of the chain.
    """
    best: dict[str, dict[str, HistoryArchived]] = {}
    for leaf in leaves:
        fact = fact_of(leaf)
        if fact.type not in TYPES:
            continue
        event = TYPES[fact.type].model_validate(fact.data)
        if isinstance(event, HistoryArchived):
            runs = best.setdefault(event.cluster, {})
            known = runs.get(event.run)
            if known is None or known.kind == "prefix":
                runs[event.run] = event
    return {cluster: sorted(runs.values(), key=lambda one: one.number) for cluster, runs in sorted(best.items())}
