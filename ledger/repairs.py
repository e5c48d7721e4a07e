"""The office's stream `repairs`: what was put right in the record, of which stream, and why it had to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

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


class LogRefilled(Frozen):
    """So many entries stand at their places again as they were published, from place `first` on, up to `size`."""

    stream: Literal["log"] = "log"
    why: Code
    size: int = Field(ge=1)
    first: int = Field(ge=1)
    rows: int = Field(ge=1)


class ClusterReleased(Frozen):
    """A frozen cluster may go on: the ledger has what it wanted to seal, or will take it."""

    stream: Stream
    why: Code


class DifferenceFound(Frozen):
    """The office's round found that both sides differ, by these codes of `ledger.reconciliation`."""

    stream: Stream
    kinds: tuple[Code, ...]
    codes: tuple[Code, ...]


class DifferencesGone(Frozen):
    """The office's round finds no difference any more."""

    stream: Stream


class Reconciled(Frozen):
    """What one round did."""

    looked_at: int
    differing: tuple[str, ...] = ()


TYPES: dict[str, type[Frozen]] = {
    "entries.refilled": EntriesRefilled,
    "log.refilled": LogRefilled,
    "views.rebuilt": ViewsRebuilt,
    "history.put_back": HistoryPutBack,
    "cluster.released": ClusterReleased,
    "difference.found": DifferenceFound,
    "differences.gone": DifferencesGone,
}
NAMES: dict[type[Frozen], str] = {cls: name for name, cls in TYPES.items()}


class Repaired(Frozen):
    """What the rounds found and have not found gone, by stream."""

    open: dict[str, tuple[Code, ...]] = Field(default_factory=dict)


def project(stream: str, prior: Prior, facts: Sequence[Fact], text: Callable[[Digest], bytes]) -> Projected:
    """`ledger.store.Projection` of this stream: the state is Repaired; there are no rows."""
    del stream, text
    state = prior.parsed or (Repaired.model_validate_json(prior.state_json) if prior.state_json else Repaired())
    standing = dict(state.open)
    for fact in facts:
        match TYPES[fact.type].model_validate(fact.data):
            case DifferenceFound(stream=of, codes=codes):
                standing[of] = codes
            case DifferencesGone(stream=of):
                standing.pop(of, None)
    after = Repaired(open=standing)
    return Projected(after.model_dump_json().encode(), (), after)
