"""The stream `exports`: what was taken out of the office, by whom, and on what part of the record it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from domain.recording import Fact
from domain.values import Code, Digest, Frozen
from ledger.directory import Scope
from ledger.store import Prior, Projected

STREAM = "exports"
MOST_SCOPES = 400
"""So many clusters can be named one by one; an entry has room for no more."""

Format = Literal["bundle", "csv", "xlsx", "ocel", "pdf"]


class Stood(Frozen):
    """The checkpoint an export stands on: how many entries it covers, and the root of their tree."""

    size: int = Field(ge=0)
    root: str = Field(pattern=r"^[0-9a-f]{64}$")


class ExportMade(Frozen):
    """One file was made. `digest` and `size` are of its bytes; `part` tells the files of one export apart.

    It holds nothing later than entry `read_until` of the whole log. Sealed before the file has its name: a file
    without such a fact was never handed out by the office, and a fact may be without a file after a kill.
    """

    format: Format
    part: Code | None = None
    digest: Digest
    size: int = Field(ge=0)
    scope: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=MOST_SCOPES)]
    read_until: int = Field(ge=0)
    checkpoint: Stood | None = None


TYPES: dict[str, type[Frozen]] = {"export.made": ExportMade}
NAMES: dict[type[Frozen], str] = {cls: name for name, cls in TYPES.items()}


class Exports(Frozen):
    """How many files were made so far."""

    made: int = 0


def project(stream: str, prior: Prior, facts: Sequence[Fact], text: Callable[[Digest], bytes]) -> Projected:
    """`ledger.store.Projection` of this stream: the state is Exports; there are no rows."""
    del stream, text
    before = prior.parsed or (Exports.model_validate_json(prior.state_json) if prior.state_json else Exports())
    for fact in facts:
        ExportMade.model_validate(fact.data)
    after = Exports(made=before.made + len(facts))
    return Projected(after.model_dump_json().encode(), (), after)
