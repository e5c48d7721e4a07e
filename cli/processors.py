"""Work over many clusters, part by part, on every processor of the machine once there is enough of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

AT_ONCE = 8
"""So many clusters are a part."""
WORTH_PROCESSES = 20_000
"""So many facts are worth starting processes for."""


def in_parts(clusters: Sequence[str]) -> list[Sequence[str]]:
    """The clusters in their order, so many at a time."""
    return [clusters[place : place + AT_ONCE] for place in range(0, len(clusters), AT_ONCE)]


@contextmanager
def on_processors(facts: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """`map`, on every processor when there are many facts. What it maps must be at the top of a module."""
    if facts < WORTH_PROCESSES:
        yield map
        return
    # Not forked: the bar of progress is a thread.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield pool.map
