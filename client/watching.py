"""The office's round of reconciliation: what differs is on record once, and when it is gone too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from adapters.office_stream import OfficeStream, by_service, day_of
from client.reconciling import Checked, Reconciler, Round
from client.repairing import MendableLedger
from domain.values import Frozen
from ledger import repairs
from ledger.repairs import DifferenceFound, DifferencesGone, Reconciled, Repaired

SERVICE = "reconciliation"

log = logging.getLogger(__name__)


class Watch:
    """`activities.reconciliation.Watches` of one office."""

    def __init__(
        self, ledger: MendableLedger, reconciler: Reconciler, build: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._round, self._clock = Round(reconciler), clock
        self._stream = OfficeStream(ledger, repairs.STREAM, repairs.NAMES, Repaired(), build)

    async def reconcile(self, alive: Callable[[], None]) -> Reconciled:
        """What is due is looked at; `alive` is called after each stream."""
        looked_at, differing = 0, []
        async for checked in self._round.check(day_of(self._clock()).toordinal()):
            looked_at += 1
            await asyncio.to_thread(self._tell, checked)
            if checked.findings:
                differing.append(checked.name)
                log.error("differs", extra={"stream": checked.stream, "codes": [one.code for one in checked.findings]})
            alive()
        return Reconciled(looked_at=looked_at, differing=tuple(differing))

    def _tell(self, checked: Checked) -> None:
        def news(state: Repaired) -> list[Frozen]:
            codes = tuple(sorted({one.code for one in checked.findings}))
            known = state.open.get(checked.stream, ())
            if codes == known:
                return []
            if not codes:
                return [DifferencesGone(stream=checked.stream)]
            kinds = tuple(sorted({one.kind for one in checked.findings}))
            return [DifferenceFound(stream=checked.stream, kinds=kinds, codes=codes)]

        if checked.stream != repairs.STREAM:  # what is wrong there cannot be written there
            at = self._clock()
            stamp = by_service(SERVICE, f"{repairs.STREAM}/{checked.stream}/{at.isoformat()}", at)
            self._stream.record(news, stamp)
