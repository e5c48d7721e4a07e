"""The stream `refusals`, seen as rows: who was told "no", when, to what, and by which rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.recording import Fact
from domain.values import Digest
from ledger.entry import moment_text
from ledger.store import Prior, Projected, Row

STREAM = "refusals"
TYPE = "command.refused"


def refusals_projection(stream: str, prior: Prior, facts: Sequence[Fact], text: Callable[[Digest], bytes]) -> Projected:
    """One row for each refusal; there is no state besides."""
    del stream, prior, text
    return Projected(state_json=b"{}", rows=tuple(_row(fact) for fact in facts if fact.type == TYPE))


def _row(fact: Fact) -> Row:
    told = fact.data
    return Row("refusals", {"seq": fact.seq}, {
        "at": moment_text(fact.recorded_at), "person": fact.actor.person, "role": fact.actor.role,
        "cluster_id": told["cluster"], "command_id": fact.command.id, "command_type": told["type"],
        "code": told["code"],
        "detail": {"field": told["field"], "rule": told["rule"], "allowed": told["allowed"]},
    })  # fmt: skip
