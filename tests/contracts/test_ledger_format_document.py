"""docs/ledger-format.md is true: its example is what the code makes, and its program judges as the code does.

`python -m tests.contracts.test_ledger_format_document` writes the example anew into the page.
"""

import re
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from domain.commands import TYPES as COMMANDS
from domain.events import TYPES
from domain.recording import Actor, Cause, CommandRef, Envelope, Fact, MethodologyRef
from ledger.canonical import NotCanonical, canonical
from ledger.chain import verify_chain
from ledger.commitments import commit, is_committed
from ledger.entry import Leaf, NotAnEntry, digest_of, entry_in, seal
from ledger.signatures import _covered, sign

PAGE = Path(__file__).parents[2] / "docs/ledger-format.md"
STREAM = "cluster/qom-footwear"
AT = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
TEXT, SALT = "کارگاه‌های پیشکار در یک خیابان‌اند.", bytes(range(32))
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
COORDINATOR = Actor(
    person="p-deputy-7", role="provincial_coordinator", scope="province/qom", on_behalf_of="p-coordinator-2"
)
APPROVAL = sign(
    Envelope(
        id="019ab3f0-5c80-7a31-9f4e-2b7d11c0a003", cluster="qom-footwear", type="ApproveDeliverable",
        occurred_at=AT + timedelta(days=2), expected_seq=2, actor=COORDINATOR, data={"duty": "feasibility_report"},
    ),
    PRIVATE, "office", AT + timedelta(days=2, seconds=1), "session",
)  # fmt: skip


def fact(seq: int, type_: str, actor: Actor, command: str, data: dict[str, Any]) -> Fact:
    days = seq - 1
    return Fact(
        seq=seq, type=type_, occurred_at=AT + timedelta(days=days), recorded_at=AT + timedelta(days=days, seconds=2),
        command=CommandRef(id=f"019ab3f0-5c80-7a31-9f4e-2b7d11c0a00{seq}", n=1, of=1), actor=actor,
        cause=Cause(kind="command", ref=command), build="0.1.0", authenticated_by="session",
        methodology=MethodologyRef(id="isipo-unido-default", version="1.0", digest="sha256:" + "5a" * 32),
        data=TYPES[type_].model_validate(data).model_dump(mode="json", exclude_none=True),
    )  # fmt: skip


def made() -> list[Leaf]:
    """The three leaves of the example."""
    duty = {"duty": "feasibility_report", "deliverable": "feasibility_report", "round": 1}
    facts = (
        fact(1, "cluster.identified",
             Actor(person="p-coordinator-2", role="provincial_coordinator", scope="province/qom"), "IdentifyCluster",
             {"name_fa": "کفش قم", "name_en": "Footwear of Qom", "province": "qom", "county": "قم", "product": "کفش",
              "source": "", "calendar": "iran", "rehearsal": False}),
        fact(2, "deliverable.submitted", Actor(person="p-agent-41", role="cda", scope="cluster/qom-footwear"),
             "SubmitDeliverable",
             {**duty, "values": {"firms": 214, "share": "12.5", "finding": commit(TEXT, SALT)}, "on_time": True}),
        fact(3, "deliverable.approved", COORDINATOR, "ApproveDeliverable", duty),
    )  # fmt: skip
    leaves: list[Leaf] = []
    for each in facts:
        leaves.append(seal(STREAM, leaves[-1].digest if leaves else "", each))
    return leaves


def block(name: str, text: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```\w*\n(.*?)```", text, re.DOTALL)
    assert found is not None, name
    return found[1]


def written() -> dict[str, str]:
    leaves, token = made(), APPROVAL.token
    assert token is not None
    covered = _covered(APPROVAL, token.key_id, token.signed_at, token.authenticated_by)
    return {
        "leaves": "".join(leaf.raw.decode() + "\n" for leaf in leaves),
        "digests": "".join(leaf.digest + "\n" for leaf in leaves),
        "commitment": f"{TEXT}\n{SALT.hex()}\n{commit(TEXT, SALT)}\n",
        "signature": "".join(
            line + "\n"
            for line in (
                covered.decode(),
                PRIVATE.public_key().public_bytes_raw().hex(),
                token.signature,
            )
        ),
    }


def program() -> dict[str, Any]:
    """What the page's program defines."""
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(block("program", PAGE.read_text(encoding="utf-8")), str(PAGE), "exec"), names)  # noqa: S102
    return names


PROGRAM = program()


@pytest.mark.parametrize("name", ["leaves", "digests", "commitment", "signature"])
def test_the_example_is_what_the_code_makes(name):
    assert block(name, PAGE.read_text(encoding="utf-8")) == written()[name]


def test_the_examples_facts_are_facts_of_this_programme():
    assert APPROVAL.type in COMMANDS
    assert [TYPES[entry_in(leaf.raw)["type"]].__name__ for leaf in made()] == [
        "ClusterIdentified", "DeliverableSubmitted", "DeliverableApproved",
    ]  # fmt: skip


def test_the_pages_program_finds_the_head_the_code_finds():
    text = PAGE.read_text(encoding="utf-8")
    lines = [line.encode() for line in block("leaves", text).splitlines()]
    digests = block("digests", text).splitlines()
    head = verify_chain(STREAM, [Leaf(line, digest) for line, digest in zip(lines, digests, strict=True)])
    assert not isinstance(head, list)
    assert PROGRAM["check_chain"](STREAM, lines) == (head.seq, head.digest) == (3, digests[-1])


def test_no_changed_bit_gets_past_the_pages_program():
    check_chain = PROGRAM["check_chain"]
    whole = [leaf.raw for leaf in made()]
    head = check_chain(STREAM, whole)
    for place, leaf in enumerate(whole):
        for bit in range(len(leaf) * 8):
            changed = bytearray(leaf)
            changed[bit // 8] ^= 1 << bit % 8
            try:
                found = check_chain(STREAM, [*whole[:place], bytes(changed), *whole[place + 1 :]])
            except ValueError:
                continue
            # Only the last leaf can change and still be chained: there the head tells.
            assert place == len(whole) - 1
            assert found != head


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2), (1, 2), (0, 0, 1), (0, 2, 1)])
def test_leaves_out_of_order_do_not_pass(order):
    leaves = [made()[place].raw for place in order]
    with pytest.raises(ValueError, match=r"not the entry"):
        PROGRAM["check_chain"](STREAM, leaves)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"seq":1', b'"seq":true'), (b'"v":1', b'"v":true'), (b'"v":1', b'"v":2'), (b'"v":1', b'"v":1.0'),
        (b'"prev":"",', b""), (b'"prev":""', b'"extra":1,"prev":""'), (b'"seq":1', b'"seq":1,"seq":1'),
        (b".000000Z", b"Z"), (b"05:30", b"05:3\xdb\xb0"), (b'{"actor"', b'{ "actor"'), (b'"v":1}', b'"v":1}\n'),
    ],
)  # fmt: skip
def test_what_is_no_entry_is_none_for_both(old, new):
    raw = made()[0].raw
    assert old in raw
    raw = raw.replace(old, new)
    with pytest.raises((NotCanonical, NotAnEntry)):
        entry_in(raw)
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        PROGRAM["check_leaf"](raw, STREAM, 1, "")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=12,
)


@given(VALUES)
def test_the_pages_program_accepts_a_value_exactly_when_the_code_does(value):
    entry = entry_in(made()[0].raw)
    entry["data"] = {"value": value}
    try:
        raw = canonical(entry)
    except NotCanonical:
        raw = _spelled(entry)
        with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
            PROGRAM["check_leaf"](raw, STREAM, 1, "")
    else:
        assert PROGRAM["check_leaf"](raw, STREAM, 1, "") == digest_of(raw)


@given(st.binary(max_size=40), st.integers(0, 400))
def test_the_pages_program_refuses_bytes_exactly_when_the_code_does(noise, place):
    raw = made()[0].raw
    raw = raw[:place] + noise + raw[place + len(noise) :]
    try:
        entry = entry_in(raw)
        expected = (entry["stream"], entry["seq"], entry["prev"]) == (STREAM, 1, "")
    except (NotCanonical, NotAnEntry):
        expected = False
    try:
        got = PROGRAM["check_leaf"](raw, STREAM, 1, "") == digest_of(raw)
    except ValueError:
        got = False
    assert got == expected


def test_the_commitment_of_the_page_is_of_its_text_and_salt():
    text, salt, commitment = block("commitment", PAGE.read_text(encoding="utf-8")).splitlines()
    assert is_committed(text, bytes.fromhex(salt), commitment)
    assert commitment in block("leaves", PAGE.read_text(encoding="utf-8")).splitlines()[1]


def test_the_signature_of_the_page_is_of_its_bytes_and_key():
    covered, public, signature = block("signature", PAGE.read_text(encoding="utf-8")).splitlines()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    key.verify(urlsafe_b64decode(signature + "=="), covered.encode())
    with pytest.raises(InvalidSignature):
        key.verify(urlsafe_b64decode(signature + "=="), covered.encode() + b" ")


def _spelled(value: Any) -> bytes:
    """The value as a careless writer would spell it; lone surrogates as their three bytes."""
    import json

    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name, content in written().items():
        start = text.index("\n", text.index(f"<!-- {name} -->\n```") + len(f"<!-- {name} -->\n```")) + 1
        text = text[:start] + content + text[text.index("```", start) :]
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
