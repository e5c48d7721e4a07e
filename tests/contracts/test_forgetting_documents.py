"""Forgetting a text or a file: gone from every file of the office, unless the record needs it."""

from datetime import UTC, datetime

import pytest

from client.sent import sent_once
from domain.recording import Envelope
from domain.refusals import Refused
from ledger.erasure import Erased, erased_under
from tests.forgetful import LATER, NAME, PHONE, SIGNED, WORDS
from tests.office import NINE, OFFICE


def test_a_document_is_gone_and_its_entry_is_named(office):
    commitment = office.documents.put(WORDS)
    office.record("deliverable.submitted", {"values": {"summary": commitment}})
    done = office.forgetting.document(commitment, "request", SIGNED)
    assert done.under == Erased("documents", 1)
    assert erased_under(office.ledger, commitment) == done.under
    assert office.facts("documents")[0].data == {"commitment": commitment, "reason": "request", "second": "p-0002"}
    assert office.found(WORDS) == []
    assert office.is_sound()
    assert office.forgetting.document(commitment, "request", SIGNED).already
    assert len(office.facts("documents")) == 1


def test_what_was_sent_with_it_is_not_kept_either(office):
    """Its seal is made of the words: with the salt beside it, a short word could be guessed."""

    kept = {}
    for n, words in enumerate((WORDS, "x")):
        id = f"00000000-0000-7000-8000-{n:012}"
        commitment = office.documents.put(words)
        data = {"level": "note", "text": commitment}
        made = Envelope(id=id, cluster="qom-carpet", type="OpenFinding", occurred_at=NINE, actor=OFFICE, data=data)
        sent_once(office.data / "sent", id, {"given": words}, datetime.now(UTC), made.model_copy)
        office.record("deliverable.submitted", {"values": {"summary": commitment}})
        kept[id] = commitment
    (first, forgotten), (second, _) = kept.items()
    office.forgetting.document(forgotten, "mistake", SIGNED)
    assert [file.stem for file in (office.data / "sent").iterdir()] == [second] != [first]


def test_a_reason_given_on_record_is_kept_and_a_name_goes_with_its_person(retired):
    given = retired.documents.put(WORDS)
    retired.record("gate.decided", {"reason": given}, at=LATER)
    with pytest.raises(Refused, match="kept_by_law"):
        retired.forgetting.document(given, "request", SIGNED)
    name, contact = (retired.facts("directory")[-1].data.get(key) for key in ("name", "contact"))
    assert name
    with pytest.raises(Refused, match="kept_by_law") as refused:
        retired.forgetting.document(name, "court_order", SIGNED)
    assert refused.value.allowed == ("directory forget p-7",)
    contact = next(fact.data["contact"] for fact in retired.facts("directory") if "contact" in fact.data)
    retired.forgetting.document(contact, "request", SIGNED)
    retired.forgetting.document(given, "court_order", SIGNED)
    assert retired.found(WORDS, PHONE) == []
    assert retired.found(NAME) != []


def test_a_document_that_stands_nowhere_is_refused(office):
    with pytest.raises(Refused, match="unknown_document"):
        office.forgetting.document("hmac-sha256:" + "0" * 64, "request", SIGNED)
    assert office.ledger.streams() == []


def test_what_a_killed_writer_left_beside_the_document_goes_too(office):
    commitment = office.documents.put(WORDS)
    place = next(file for file in (office.data / "documents").rglob("*") if file.is_file())
    place.rename(place.with_name(f".{place.name}.00ff"))
    office.record("deliverable.submitted", {"values": {"summary": commitment}})
    office.forgetting.document(commitment, "request", SIGNED)
    assert office.found(WORDS) == []
