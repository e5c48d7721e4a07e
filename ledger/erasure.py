"""What was forgotten: value and salt are gone, the commitment stays, and an entry says who had that done, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import Field

from domain.recording import Fact
from domain.values import Code, Commitment, Digest, Frozen, PersonId
from ledger import directory
from ledger.store import Entries, Prior, Projected

STREAM = "documents"
COMMITMENT = re.compile(r"hmac-sha256:[0-9a-f]{64}")


class DocumentForgotten(Frozen):
    """The value under this commitment is forgotten; the actor of the fact and `second` both signed for it."""

    commitment: Commitment
    reason: Code
    second: PersonId


NAMES: dict[type[Frozen], str] = {DocumentForgotten: "document.forgotten"}


class Forgotten(Frozen):
    """Each commitment of the stream `documents` with the entry that erased it."""

    erased: dict[Commitment, int] = Field(default_factory=dict)


class Erased(NamedTuple):
    """The entry under which a value was erased."""

    stream: str
    seq: int


def project(stream: str, prior: Prior, facts: Sequence[Fact], text: Callable[[Digest], bytes]) -> Projected:
    """`ledger.store.Projection` of the stream `documents`: the state is Forgotten; there are no rows."""
    del stream, text
    state = prior.parsed or (Forgotten.model_validate_json(prior.state_json) if prior.state_json else Forgotten())
    erased = dict(state.erased)
    for fact in facts:
        erased.setdefault(DocumentForgotten.model_validate(fact.data).commitment, fact.seq)
    after = Forgotten(erased=erased)
    return Projected(after.model_dump_json().encode(), (), after)


def erasures(ledger: Entries) -> dict[Commitment, Erased]:
    """Everything that was erased, under the first entry that says so."""
    found: dict[Commitment, Erased] = {}
    for stream, state in ((STREAM, Forgotten), (directory.STREAM, directory.Enrolled)):
        kept = ledger.snapshot(stream)
        erased = state.model_validate_json(kept.state_json).erased if kept else {}
        for commitment, seq in erased.items():
            found.setdefault(commitment, Erased(stream, seq))
    return found


def erased_under(ledger: Entries, commitment: Commitment) -> Erased | None:
    """The entry under which this value was erased; None when it was not, whether it can be read or not."""
    return erasures(ledger).get(commitment)


def commitments_in(value: Any, path: str = "") -> Iterator[tuple[str, Commitment]]:
    """Every commitment inside a JSON value with its place, `findings.1.text`."""
    if isinstance(value, str):
        if COMMITMENT.fullmatch(value):
            yield path, value
    elif isinstance(value, dict | list | tuple):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from commitments_in(inner, f"{path}.{key}".lstrip("."))
