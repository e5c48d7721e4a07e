from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.recording import Actor, Envelope
from ledger.canonical import NotCanonical
from ledger.signatures import SignatureRefused, check, content_digest, sign

NOON = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
KEYS = {"gateway-1": KEY.public_key(), "gateway-2": OTHER.public_key()}


def request(**changed: Any) -> Envelope:
    return Envelope.model_validate(
        {
            "id": "0193a1b2-0000-7000-8000-000000000001",
            "cluster": "carpet-qom",
            "type": "ApproveDeliverable",
            "occurred_at": NOON,
            "actor": Actor(person="p-91", role="provincial_coordinator", scope="province/07"),
            "data": {"deliverable": "action_plan", "note": "خوب است"},
            **changed,
        }
    )


def signed(**changed: Any) -> Envelope:
    return sign(request(**changed), KEY, "gateway-1", NOON, "session")


def refusal(envelope: Envelope, at: datetime = NOON) -> str:
    with pytest.raises(SignatureRefused) as refused:
        check(envelope, KEYS, at)
    return refused.value.code


def with_token(envelope: Envelope, **changed: Any) -> Envelope:
    assert envelope.token is not None
    return envelope.model_copy(update={"token": envelope.token.model_copy(update=changed)})


def test_what_was_signed_is_accepted_also_after_travelling_as_json() -> None:
    check(signed(), KEYS, NOON)
    check(Envelope.model_validate_json(signed().model_dump_json()), KEYS, NOON)


def test_a_date_given_in_process_is_signed_as_it_travels() -> None:
    envelope = signed(data={"on": date(2026, 11, 24), "days": (1, 2)})
    check(Envelope.model_validate_json(envelope.model_dump_json()), KEYS, NOON)


def test_signing_changes_nothing_but_the_token() -> None:
    assert signed().model_copy(update={"token": None}) == request()


def test_an_unsigned_request_is_refused() -> None:
    assert refusal(request()) == "signature_missing"


def test_a_key_nobody_knows_is_refused() -> None:
    assert refusal(with_token(signed(), key_id="gateway-9")) == "signature_unknown_key"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-30, None), (120, None), (-31, "signature_expired"), (121, "signature_expired")],
)
def test_a_signature_is_good_for_120_seconds_and_30_of_clock_error(seconds: int, expected: str | None) -> None:
    at = NOON + timedelta(seconds=seconds)
    if expected is None:
        check(signed(), KEYS, at)
    else:
        assert refusal(signed(), at) == expected


@pytest.mark.parametrize(
    "tamper",
    [
        lambda e: e.model_copy(update={"id": "0193a1b2-0000-7000-8000-000000000002"}),
        lambda e: e.model_copy(update={"cluster": "carpet-yazd"}),
        lambda e: e.model_copy(update={"type": "RejectDeliverable"}),
        lambda e: e.model_copy(update={"occurred_at": NOON - timedelta(days=1)}),
        lambda e: e.model_copy(update={"expected_seq": 4}),
        lambda e: e.model_copy(update={"actor": e.actor.model_copy(update={"role": "steering_council"})}),
        lambda e: e.model_copy(update={"actor": e.actor.model_copy(update={"on_behalf_of": "p-1"})}),
        lambda e: e.model_copy(update={"data": e.data | {"note": "خوب نیست"}}),
        lambda e: e.model_copy(update={"data": e.data | {"share": 0.5}}),
        lambda e: with_token(e, signed_at=NOON + timedelta(seconds=1)),
        lambda e: with_token(e, authenticated_by="webauthn"),
        lambda e: with_token(e, key_id="gateway-2"),
        lambda e: with_token(e, signature="A" * 86),
    ],
    ids=[
        "id",
        "cluster",
        "type",
        "occurred",
        "expected",
        "role",
        "behalf",
        "data",
        "float",
        "when",
        "how",
        "key",
        "zero",
    ],
)
def test_no_part_of_a_signed_request_can_be_changed(tamper: Callable[[Envelope], Envelope]) -> None:
    assert refusal(tamper(signed())) == "signature_wrong"


def test_a_signature_has_one_spelling() -> None:
    envelope = signed()
    assert envelope.token is not None
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = letters.index(envelope.token.signature[-1])
    respelled = envelope.token.signature[:-1] + letters[last ^ 1]
    assert refusal(with_token(envelope, signature=respelled)) == "signature_wrong"


def test_what_cannot_be_sealed_is_not_signed() -> None:
    with pytest.raises(NotCanonical):
        signed(data={"share": 0.5})


def test_the_content_digest_follows_the_request_and_not_its_signature() -> None:
    plain = content_digest(request())
    assert plain == content_digest(signed()) == content_digest(request(expected_seq=7))
    assert len(bytes.fromhex(plain)) == 8
    others = [
        request(cluster="carpet-yazd"),
        request(type="RejectDeliverable"),
        request(occurred_at=NOON + timedelta(microseconds=1)),
        request(data={}),
        request(actor=Actor(person="p-92", role="provincial_coordinator", scope="province/07")),
    ]
    assert len({plain, *map(content_digest, others)}) == 1 + len(others)
