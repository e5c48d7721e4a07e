"""The directory of people and roles, as its writers need it; reading is by the view `people`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta, tzinfo

from adapters.office_stream import IRAN, OfficeLedger, OfficeStream, Stamp, day_of
from domain.recording import Fact
from domain.values import Frozen
from ledger.directory import NAMES, STREAM, Enrolled, RoleEnded, RoleGranted, covers
from ledger.views import Viewed


class DirectoryStream:
    """Enrols people, grants roles and ends them. What already is so is not recorded again."""

    def __init__(self, ledger: OfficeLedger, build: str, zone: tzinfo = IRAN) -> None:
        self._ledger, self._zone = ledger, zone
        self._stream = OfficeStream(ledger, STREAM, NAMES, Enrolled(), build)

    def enrolled(self) -> Enrolled:
        return self._stream.state()

    def in_force(self, on: date, *, person: str | None = None, role: str | None = None) -> list[Viewed]:
        """The grants in force that day, by person, role and scope."""
        return self._ledger.people(person=person, role=role, on=on)

    def persons_over(self, cluster: str, province: str, on: date) -> tuple[str, ...]:
        """Everybody with a role that reaches this cluster that day."""
        reaching = [row["person"] for row in self.in_force(on) if covers(row["scope"], cluster, province)]
        return tuple(dict.fromkeys(reaching))

    def change(self, decide: Callable[[Enrolled], Sequence[Frozen]], stamp: Stamp) -> list[Fact]:
        """What `decide` makes of what stands is recorded, in one append."""
        return self._stream.record(decide, stamp)

    def grant(self, person: str, role: str, scope: str, stamp: Stamp, until: date | None = None) -> None:
        """The person holds the role there from the day of the stamp, until `until` or further notice."""
        self.change(lambda _: self.granting(person, role, scope, until, day_of(stamp.at, self._zone)), stamp)

    def end(self, person: str, role: str, scope: str, stamp: Stamp) -> None:
        """The person no longer holds the role there, from the moment of the stamp."""
        on = day_of(stamp.at, self._zone)
        yesterday = on - timedelta(days=1)

        def _ending(_: Enrolled) -> list[Frozen]:
            return [
                RoleEnded(person=person, role=role, scope=scope, from_on=held["from_on"], last_on=yesterday)
                for held in self._held(person, role, scope, on)
            ]

        self.change(_ending, stamp)

    def granting(self, person: str, role: str, scope: str, until: date | None, on: date) -> list[Frozen]:
        """The facts it takes for the person to hold the role there from `on` to `until`: one, or none."""
        held = self._held(person, role, scope, on)
        if held and held[-1]["until_on"] == (until.isoformat() if until else None):
            return []
        from_on = date.fromisoformat(held[-1]["from_on"]) if held else on
        return [RoleGranted(person=person, role=role, scope=scope, from_on=from_on, until=until)]

    def _held(self, person: str, role: str, scope: str, on: date) -> list[Viewed]:
        return [row for row in self.in_force(on, person=person, role=role) if row["scope"] == scope]
