"""The published log put back into a ledger that lacks some of it, and on record."""

from __future__ import annotations

from adapters.office_stream import OfficeStream, Stamp
from client.published_log import PublishedLog
from client.repairing import MendableLedger
from ledger import repairs
from ledger.repairs import LogRefilled, Repaired


def refilled(ledger: MendableLedger, published: PublishedLog, stamp: Stamp, build: str) -> list[LogRefilled]:
    """Every entry up to the newest checkpoint stands where it was published. Raises Forked."""
    found = published.check()
    if not found.wanted:
        return []
    fact = LogRefilled(
        why=found.findings[0].code, size=found.size, first=found.wanted[0].place, rows=ledger.put_log(found.wanted)
    )
    record = OfficeStream(ledger, repairs.STREAM, repairs.NAMES, Repaired(), build)
    record.record(lambda _: [fact], stamp)
    return [fact]
