"""Files leave the office by this door: first the fact about each is sealed, then each has its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.office_stream import OfficeLedger, OfficeStream, Stamp
from adapters.whole_file import Draft
from domain.recording import Fact
from domain.values import Digest
from ledger.exports import NAMES, STREAM, ExportMade, Exports

About = Callable[[Digest, int], ExportMade]
"""The fact about a file, given the digest and the size of its bytes."""


class ExportStream:
    """Records exports, by any number of processes."""

    def __init__(self, ledger: OfficeLedger, build: str) -> None:
        self._stream = OfficeStream(ledger, STREAM, NAMES, Exports(), build)

    def hand_out(self, drafts: Sequence[tuple[Draft, About]], stamp: Stamp) -> list[Fact]:
        """The facts, sealed in one append before the first file has its name.

        So a kill leaves facts without files, never a file without its fact. FileExistsError when somebody else
        has put a file there meanwhile; the fact stays.
        """
        made = [about(*draft.settle()) for draft, about in drafts]
        facts = self._stream.record(lambda _: made, stamp)
        for draft, _ in drafts:
            draft.put(anew=True)
        return facts
