"""The client's signature under an envelope: who vouches for it, for exactly which content, until when.

Ed25519 (RFC 8032) over the canonical bytes of the whole envelope except the signature itself, so that
the key's name, the moment of signing and the way of signing in are covered too.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.recording import Envelope, Token
from ledger.canonical import NotCanonical, canonical
from ledger.entry import actor_form, moment_text

VALID_FOR = timedelta(seconds=120)
AHEAD = timedelta(seconds=30)
"""How far the signer's clock may be ahead of ours."""

SignedIn = Literal["local_key", "session", "oidc", "webauthn"]


class SignatureRefused(Exception):
    """No valid signature: signature_missing, signature_unknown_key, signature_expired, signature_wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def sign(
    envelope: Envelope,
    private_key: Ed25519PrivateKey,
    key_id: str,
    signed_at: datetime,
    authenticated_by: SignedIn,
) -> Envelope:
    """The same request carrying a token that `check` accepts for 120 seconds from `signed_at`.

    Raises NotCanonical when the envelope's data cannot be sealed: better here than at the cluster.
    """
    covered = _covered(envelope, key_id, signed_at, authenticated_by)
    signature = urlsafe_b64encode(private_key.sign(covered)).rstrip(b"=").decode()
    token = Token(key_id=key_id, signed_at=signed_at, authenticated_by=authenticated_by, signature=signature)
    return envelope.model_copy(update={"token": token})


def check(envelope: Envelope, public_keys: Mapping[str, Ed25519PublicKey], at: datetime) -> None:
    """Nothing, if the token was made for this content by a key we know, within its time as of `at`."""
    token = envelope.token
    if token is None:
        raise SignatureRefused("signature_missing")
    key = public_keys.get(token.key_id)
    if key is None:
        raise SignatureRefused("signature_unknown_key")
    if not -AHEAD <= at - token.signed_at <= VALID_FOR:
        raise SignatureRefused("signature_expired")
    signature = urlsafe_b64decode(token.signature + "==")
    # 86 characters carry 4 bits more than 64 bytes: only one spelling of a signature is accepted.
    if urlsafe_b64encode(signature).rstrip(b"=").decode() != token.signature:
        raise SignatureRefused("signature_wrong")
    try:
        key.verify(signature, _covered(envelope, token.key_id, token.signed_at, token.authenticated_by))
    except (InvalidSignature, NotCanonical):
        raise SignatureRefused("signature_wrong") from None


def content_digest(envelope: Envelope) -> str:
    """16 hex digits (8 bytes of SHA-256) that tell "same id, same request" from "same id, other content"."""
    return sha256(canonical(_content(envelope))).digest()[:8].hex()


def _content(envelope: Envelope) -> dict[str, Any]:
    return {
        "cluster": envelope.cluster,
        "type": envelope.type,
        "occurred_at": moment_text(envelope.occurred_at),
        "actor": actor_form(envelope.actor),
        # As it travels: a date or a tuple given in process is signed as the text or list that arrives.
        "data": envelope.model_dump(mode="json", include={"data"})["data"],
    }


def _covered(envelope: Envelope, key_id: str, signed_at: datetime, authenticated_by: str) -> bytes:
    return canonical(
        {
            "v": envelope.v,
            "id": envelope.id,
            "expected_seq": envelope.expected_seq,
            **_content(envelope),
            "token": {
                "key_id": key_id,
                "signed_at": moment_text(signed_at),
                "authenticated_by": authenticated_by,
            },
        }
    )
