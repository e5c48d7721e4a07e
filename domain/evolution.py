"""What each fact makes of the state. Total: a fact whose ground is missing changes nothing and never fails."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from domain import events as e
from domain import evolve_course, evolve_results, evolve_work
from domain.cluster import Cluster
from domain.reactions import effects_of
from domain.recording import Fact
from domain.records import without
from domain.rulebook import Rulebook

SUBJECTS = (evolve_work.change, evolve_course.change, evolve_results.change)


def evolve(cluster: Cluster, fact: Fact) -> Cluster:
    """The state after one more fact."""
    cls = e.TYPES.get(fact.type)
    if cls is None:
        return cluster.model_copy(update={"seq": fact.seq, "last_at": fact.recorded_at})
    return apply(cluster, cls.model_validate(fact.data), fact)


def evolve_all(cluster: Cluster, facts: Iterable[Fact]) -> Cluster:
    """The state after these facts, in their order."""
    for fact in facts:
        cluster = evolve(cluster, fact)
    return cluster


def load(state_json: bytes | str, rulebook: Rulebook) -> Cluster:
    """A state as `dump` wrote it, under the rulebook it was decided with."""
    return Cluster.model_validate({**json.loads(state_json), "rulebook": rulebook})


def dump(cluster: Cluster) -> bytes:
    """The state as JSON, without the rulebook; equal states give equal bytes."""
    return cluster.model_dump_json(exclude_defaults=True).encode()


def apply(cluster: Cluster, event: Any, fact: Fact) -> Cluster:
    """The state after `event`, recorded as `fact`."""
    change = _change(cluster, event, fact)
    effects = cluster.effects
    if key := getattr(event, "effect", None):
        effects = without(effects, key)
    for effect in effects_of(event, cluster.id, fact.seq):
        effects = {**effects, effect.key: effect}
    if effects is not cluster.effects:
        change["effects"] = effects
    return cluster.model_copy(update={"seq": fact.seq, "last_at": fact.recorded_at, **change})


def _change(cluster: Cluster, event: Any, fact: Fact) -> dict[str, Any]:
    for change in SUBJECTS:
        if (fields := change(cluster, event, fact)) is not None:
            return fields
    return {}
