"""What changed between two sights of one cluster, and by which fact: place by place of the state.

A place is named as RFC 6901 (JSON Pointer) names it: `/duties/monthly_log.3/due_on`. A record that came or went is one
change, whole; of a record that stayed, each value is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from domain.cluster import Cluster, new_cluster
from domain.evolution import evolve
from domain.recording import Fact
from domain.rulebook import Rulebook

NOT_COMPARED = frozenset({"id", "rulebook", "seq", "last_at", "effects"})
"""They move with every fact, or are the engine's own errands."""
FIELDS = tuple(name for name in Cluster.model_fields if name not in NOT_COMPARED)

Steps = tuple[str, ...]


class Change(NamedTuple):
    """JSON values, None where there was nothing; `by_seq` is the entry that made it so last."""

    path: str
    before: Any
    after: Any
    by_seq: int | None


def changes(cluster_id: str, rulebook: Rulebook, before: Sequence[Fact], after: Sequence[Fact]) -> list[Change]:
    """Every difference between the states that the two lists of facts add up to, in the order of the state."""
    start = new_cluster(cluster_id, rulebook)
    first = start
    for fact in before:
        first = evolve(first, fact)
    last, made_by = _traced(start, after)
    return [
        Change(_pointer(steps), old, new, _maker(made_by, steps)) for steps, old, new in _compared(first, last, FIELDS)
    ]


def steps_of(path: str) -> Steps:
    """The names a path goes through."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:])


def _traced(cluster: Cluster, facts: Sequence[Fact]) -> tuple[Cluster, dict[Steps, int]]:
    """The state after the facts, and for each place that ever changed the fact that changed it last."""
    made_by: dict[Steps, int] = {}
    for fact in facts:
        after = evolve(cluster, fact)
        touched = [name for name in FIELDS if getattr(after, name) is not getattr(cluster, name)]
        for steps, _, _ in _compared(cluster, after, touched):
            made_by[steps] = fact.seq
        cluster = after
    return cluster, made_by


def _compared(one: Cluster, other: Cluster, fields: Sequence[str]) -> Iterator[tuple[Steps, Any, Any]]:
    touched = set(fields)
    old, new = (state.model_dump(mode="json", include=touched) for state in (one, other))
    for name in fields:
        yield from _unequal((name,), old[name], new[name])


def _unequal(steps: Steps, old: Any, new: Any) -> Iterator[tuple[Steps, Any, Any]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            yield from _unequal((*steps, str(key)), old.get(key), new.get(key))
    elif old != new:
        yield steps, old, new


def _maker(made_by: Mapping[Steps, int], steps: Steps) -> int | None:
    """The last fact that changed this very place, or a record around it as a whole."""
    return max((made_by[steps[:n]] for n in range(1, len(steps) + 1) if steps[:n] in made_by), default=None)


def _pointer(steps: Steps) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
