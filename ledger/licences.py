"""The register of completion licences: numbered in the order they were issued, year by Jalali year."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable, Sequence
from hashlib import sha256

from pydantic import Field

from domain.recording import Fact
from domain.values import ClusterId, Day, Digest, Frozen
from ledger.store import Prior, Projected

STREAM = "licences"


class LicenceNumbered(Frozen):
    """The licence of this cluster has its number, and the code by which anyone may ask about it."""

    effect: str
    cluster: ClusterId
    number: str = Field(pattern=r"^KH-1[345]\d\d-\d{4,}$")
    code: str = Field(pattern=r"^[A-Z2-7]{16}$")
    issued_on: Day
    valid_until: Day


TYPES: dict[str, type[Frozen]] = {"licence.issued": LicenceNumbered}
NAMES: dict[type[Frozen], str] = {cls: name for name, cls in TYPES.items()}


class Numbers(Frozen):
    """The last number given in each Jalali year."""

    last: dict[int, int] = Field(default_factory=dict)


def project(stream: str, prior: Prior, facts: Sequence[Fact], text: Callable[[Digest], bytes]) -> Projected:
    """`ledger.store.Projection` of this stream: the state is Numbers; there are no rows."""
    del stream, text
    state = prior.parsed or (Numbers.model_validate_json(prior.state_json) if prior.state_json else Numbers())
    last = dict(state.last)
    for fact in facts:
        _, year, number = LicenceNumbered.model_validate(fact.data).number.split("-")
        last[int(year)] = max(last.get(int(year), 0), int(number))
    after = Numbers(last=last)
    return Projected(after.model_dump_json().encode(), (), after)


def number_of(year: int, n: int) -> str:
    """`KH-1405-0007`: the Jalali year of issue and the place within it."""
    return f"KH-{year:04}-{n:04}"


def code_for(asked: Digest, effect: str) -> str:
    """16 characters of base32 (80 bits) that say a licence is the one we issued.

    `asked` is the digest of the sealed fact that asked for the licence. It covers the whole record of the
    cluster with its salted commitments, which nobody outside can guess, and it is the same in every
    rehearsal and after every retry. So there is no secret to keep, rotate or lose.
    """
    return b32encode(sha256(f"{asked}\n{effect}".encode()).digest()).decode()[:16]
