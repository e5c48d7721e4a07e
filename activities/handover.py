"""The completion licence: numbered, dated and given a code, once for each effect."""

from __future__ import annotations

from typing import Protocol

from temporalio import activity

from domain.commands import ReportLicence
from domain.effects import IssueLicence
from ledger.licences import LicenceNumbered


class Register(Protocol):
    """The office's register of licences."""

    def issue(self, asked: IssueLicence) -> LicenceNumbered:
        """The one licence of this effect."""


class HandoverActivities:
    """Run in an executor of threads: the register blocks."""

    def __init__(self, licences: Register) -> None:
        self._licences = licences

    @activity.defn
    def issue_licence(self, asked: IssueLicence) -> ReportLicence:
        """The licence has its number; it stays the cluster's to put that on its own record."""
        issued = self._licences.issue(asked)
        return ReportLicence(**issued.model_dump(exclude={"cluster"}))
