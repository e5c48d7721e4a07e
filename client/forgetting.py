"""Forgetting a person or a document: the entry first, then the values; what a kill left undone is done by the next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

from adapters.directory import DirectoryStream
from adapters.office_stream import IRAN, OfficeLedger, OfficeStream, Stamp, day_of
from client.sent import forget_sent
from client.signatories import Signed
from domain.recording import Cause
from domain.refusals import Refused
from domain.values import Commitment, PersonId
from ledger import directory, erasure
from ledger.commitments import Documents
from ledger.directory import Enrolled, PersonForgotten
from ledger.entry import Leaf, fact_of
from ledger.erasure import DocumentForgotten, Erased, Forgotten, erased_under, erasures
from ledger.retention import check_document, check_person, last_act, places
from ledger.store import Entries

PAGE = 1_000


def _now() -> datetime:
    return datetime.now(UTC)


class Outcome(NamedTuple):
    """Under which entry it is erased, how many values that took, and whether it was so before we were asked."""

    under: Erased
    values: int
    already: bool


class Forgetting:
    """On one office's ledger, its document store, and the folder of what was sent lately."""

    def __init__(
        self, ledger: OfficeLedger, documents: Documents, sent: Path, *, build: str,
        clock: Callable[[], datetime] = _now, zone: tzinfo = IRAN,
    ) -> None:  # fmt: skip
        self._ledger, self._documents, self._sent = ledger, documents, sent
        self._clock, self._zone = clock, zone
        self._directory = DirectoryStream(ledger, build, zone)
        self._stream = OfficeStream(ledger, erasure.STREAM, erasure.NAMES, Forgotten(), build)

    def person(self, person: PersonId, reason: str, signed: Signed) -> Outcome:
        """Every name and contact the person ever had here is gone, and why is on record.

        Refused `unknown_person`, `own_work` (nobody signs for themselves), `kept_by_law`.
        """
        stamp = self._stamp(signed)

        def _forgetting(enrolled: Enrolled) -> list[PersonForgotten]:
            if person not in enrolled.people:
                raise Refused("unknown_person", "person")
            if enrolled.people[person].forgotten:
                return []
            if person in (signed.first.person, signed.second):
                raise Refused("own_work", "person")
            holds = bool(self._directory.in_force(day_of(stamp.at, self._zone), person=person))
            check_person(last_act(person, self._leaves()), reason, stamp.at, holds_a_role=holds)
            gone = tuple(dict.fromkeys(self._of(person)))
            return [PersonForgotten(person=person, commitments=gone, reason=reason, second=signed.second)]

        fresh = self._directory.change(_forgetting, stamp)
        seq = self._directory.enrolled().people[person].forgotten or 0
        return Outcome(Erased(directory.STREAM, seq), self._complete(), not fresh)

    def document(self, commitment: Commitment, reason: str, signed: Signed) -> Outcome:
        """The value and its salt are gone, and why is on record. Refused `unknown_document`, `kept_by_law`."""
        stamp = self._stamp(signed)

        def _forgetting(_: Forgotten) -> list[DocumentForgotten]:
            if erased_under(self._ledger, commitment):
                return []
            check_document(places(commitment, self._leaves()), reason, stamp.at)
            return [DocumentForgotten(commitment=commitment, reason=reason, second=signed.second)]

        fresh = self._stream.record(_forgetting, stamp)
        under = erased_under(self._ledger, commitment)
        if under is None:
            raise LookupError(commitment)
        return Outcome(under, self._complete(), not fresh)

    def _complete(self) -> int:
        return complete(self._ledger, self._documents, self._sent)

    def _stamp(self, signed: Signed) -> Stamp:
        return Stamp(signed.first, Cause(kind="command", ref="forget"), self._clock(), "local_key")

    def _of(self, person: PersonId) -> Iterator[Commitment]:
        named = (fact_of(leaf) for leaf in self._ledger.entries(directory.STREAM) if person.encode() in leaf.raw)
        for fact in named:
            if fact.type == "person.enrolled" and fact.data["person"] == person:
                yield from (fact.data[key] for key in ("name", "contact") if key in fact.data)

    def _leaves(self) -> Iterator[Leaf]:
        for stream, head in self._ledger.streams():
            for after in range(0, head.seq, PAGE):
                yield from self._ledger.entries(stream, after, PAGE)


def complete(ledger: Entries, documents: Documents, sent: Path) -> int:
    """Whatever the ledger says is erased is gone from here, also after a kill; how many values that took now."""
    return forget_all(erasures(ledger), documents, sent)


def forget_all(commitments: Collection[Commitment], documents: Documents, sent: Path) -> int:
    """None of these values is in the store any more, nor what was sent with them; how many values that took."""
    forget_sent(sent, commitments)
    return sum(documents.forget(commitment) for commitment in commitments)
