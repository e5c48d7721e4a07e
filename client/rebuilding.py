"""Views made anew from the entries, and on record where that changed something."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from adapters.office_stream import OfficeStream, Stamp
from client.repairing import MendableLedger
from ledger import repairs
from ledger.repairs import Repaired, ViewsRebuilt


def rebuilt(
    ledger: MendableLedger, streams: Iterable[str], stamp: Stamp, build: str, on_each: Callable[[], object]
) -> list[ViewsRebuilt]:
    """Of each stream, head, state and views follow from its entries; those where they did not before.

    Raises NotWhole; the streams before it are done then.
    """
    done = []
    record = OfficeStream(ledger, repairs.STREAM, repairs.NAMES, Repaired(), build)
    for stream in streams:
        if ledger.rebuild(stream):
            done.append(ViewsRebuilt(stream=stream, why="rebuild_views"))
            record.record(lambda _, fact=done[-1]: [fact], stamp)  # type: ignore[misc]  # bound now, not later
        on_each()
    return done
