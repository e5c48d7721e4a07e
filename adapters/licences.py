"""The register of completion licences on the ledger: one number a licence, one licence an effect."""

from __future__ import annotations

from adapters.office_stream import OfficeLedger, OfficeStream, by_service
from domain.effects import IssueLicence, place_of
from domain.jalali import add_months, jalali_of
from domain.values import Frozen
from ledger.licences import NAMES, STREAM, LicenceNumbered, Numbers, code_for, number_of


class LicenceRegister:
    """`activities.handover.Register`: numbers without gaps in each Jalali year, by any number of processes."""

    def __init__(self, ledger: OfficeLedger, build: str) -> None:
        self._ledger = ledger
        self._stream = OfficeStream(ledger, STREAM, NAMES, Numbers(), build)

    def issue(self, asked: IssueLicence) -> LicenceNumbered:
        """The licence that this effect has, made when it has none yet.

        LookupError while the fact that asked for it is not sealed.
        """
        year = jalali_of(asked.issued_on).year
        cluster, seq = place_of(asked.effect)
        leaves = self._ledger.entries(f"cluster/{cluster}", after=seq - 1, limit=1)
        if not leaves:
            raise LookupError(asked.effect)

        def _numbered(numbers: Numbers) -> list[Frozen]:
            licence = LicenceNumbered(
                effect=asked.effect,
                cluster=asked.cluster,
                number=number_of(year, numbers.last.get(year, 0) + 1),
                code=code_for(leaves[0].digest, asked.effect),
                issued_on=asked.issued_on,
                valid_until=add_months(asked.issued_on, asked.months),
            )
            return [licence]

        (fact,) = self._stream.record(_numbered, by_service("licences", asked.effect, asked.at))
        return LicenceNumbered.model_validate(fact.data)
