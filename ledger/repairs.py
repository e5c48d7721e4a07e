"""The office's stream `repairs`: what was put right in the record, of which stream, and why it had to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import Field

from domain.recording import Fact
from domain.values import Code, Digest, Frozen
from ledger.store import Prior, Projected

STREAM = "repairs"

Stream = Annotated[str, Field(pattern=r"^[a-z]{1,20}(/[a-z0-9][a-z0-9-]{2,63})?$")]


class EntriesRefilled(Frozen):
    """So many rows of the stream, from entry `first` to `last`, stand again as they were sealed; the head is `head`."""

    stream: Stream
    why: Code
    first: int = Field(ge=1)
    last: int = Field(ge=1)
    rows: int = Field(ge=0)
    head: Digest


class ViewsRebuilt(Frozen):
    """Head, state and views of the stream follow from its entries again."""

    stream: Stream
    why: Code


class HistoryPutBack(Frozen):
    """The history of an ended run, whose object was gone, is in the archive again under the digest on record."""

    stream: Stream
    why: Code
    run: str
    digest: Digest


class ClusterReleased(Frozen):
    """A frozen cluster may go on: the ledger has what it wanted to seal, or will take it."""

    stream: Stream
    why: Code


TYPES: dict[str, type[Frozen]] = {
    "entries.refilled": EntriesRefilled,
    "views.rebuilt": ViewsRebuilt,
    "history.put_back": HistoryPutBack,
    "cluster.released": ClusterReleased,
}
NAMES: dict[type[Frozen], str] = {cls: name for name, cls in TYPES.items()}


class Repaired(Frozen):
    """How often each stream was repaired."""

    times: dict[str, int] = Field(default_factory=dict)


def project(stream: str, prior: Prior, facts: Sequence[Fact], text: Callable[[Digest], bytes]) -> Projected:
    """`ledger.store.Projection` of this stream: the state is Repaired; there are no rows."""
    del stream, text
    state = prior.parsed or (Repaired.model_validate_json(prior.state_json) if prior.state_json else Repaired())
    times = dict(state.times)
    for fact in facts:
        of = fact.data["stream"]
        times[of] = times.get(of, 0) + 1
    after = Repaired(times=times)
    return Projected(after.model_dump_json().encode(), (), after)
