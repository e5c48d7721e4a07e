"""verify.py judges signatures as RFC 8032 says, each with one spelling."""

from __future__ import annotations

import pytest

from ledger import verify
from tests.page_bundles import SEED, L, P, encoded, plus, public, sign, times

VECTORS = [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "-",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
]


@pytest.mark.parametrize("at", range(0, len(VECTORS), 4))
def test_the_vectors_of_rfc_8032(at: int) -> None:
    seed, key, message, signature = VECTORS[at : at + 4]
    told = b"" if message == "-" else bytes.fromhex(message)
    assert public(bytes.fromhex(seed)).hex() == key
    assert sign(bytes.fromhex(seed), told).hex() == signature
    assert verify.rightly_signed(bytes.fromhex(key), told, bytes.fromhex(signature))
    assert not verify.rightly_signed(bytes.fromhex(key), told + b"x", bytes.fromhex(signature))


def test_a_signature_has_one_spelling() -> None:
    """S + L, a point outside the field, and a zero with a sign are refused."""
    key, signature = public(SEED), sign(SEED, b"m")
    s = int.from_bytes(signature[32:], "little")
    assert verify.rightly_signed(key, b"m", signature)
    for more in range(1, 15):
        assert not verify.rightly_signed(key, b"m", signature[:32] + (s + more * L).to_bytes(32, "little"))
    for length in (0, 31, 63, 65):
        assert not verify.rightly_signed(key, b"m", (signature + b"\0")[:length])
    assert not verify.rightly_signed(key[:31], b"m", signature)
    for y in (1, 0, P - 1):
        assert verify.point_from(y.to_bytes(32, "little")) is not None
    assert verify.point_from((2).to_bytes(32, "little")) is None
    for y in (P, P + 1, 2**255 - 1, 1 | 1 << 255, P - 1 | 1 << 255):
        assert verify.point_from(y.to_bytes(32, "little")) is None


def test_a_signature_under_a_key_of_small_order_needs_the_equation_without_the_cofactor() -> None:
    """The neutral element as key: R = [S]B is right for any message, R plus a point of order two is not."""
    key = (1).to_bytes(32, "little")
    assert verify.rightly_signed(key, b"any", encoded(times(5)) + (5).to_bytes(32, "little"))
    assert not verify.rightly_signed(key, b"any", encoded(plus(times(5), (0, P - 1))) + (5).to_bytes(32, "little"))


def test_every_flipped_bit_of_a_signature_is_found() -> None:
    key, signature = public(SEED), sign(SEED, b"m")
    for bit in range(512):
        wrong = bytearray(signature)
        wrong[bit // 8] ^= 1 << bit % 8
        assert not verify.rightly_signed(key, b"m", bytes(wrong))
