"""Engine and ledger held against each other, in the office's round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from temporalio import activity

from ledger.repairs import Reconciled


class Watches(Protocol):
    """Whoever looks whether both sides say the same."""

    async def reconcile(self, alive: Callable[[], None]) -> Reconciled:
        """What is due is looked at; broken off, what was looked at is not looked at again by the next."""


class ReconciliationActivities:
    def __init__(self, watch: Watches) -> None:
        self._watch = watch

    @activity.defn
    async def reconcile(self) -> Reconciled:
        return await self._watch.reconcile(activity.heartbeat)
