"""The signer's rule: whatever is asked, two signed heads never contradict each other."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.checkpoint import Checkpoint
from ledger.succession import NotSigned, check_succession
from ledger.tree import EMPTY, consistency
from tests.unit.test_notes import ORIGIN
from tests.unit.test_tiles import nodes, root_at


def head(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root_at(size))


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_a_log_that_has_grown_is_signed(one, other):
    old, new = sorted((one, other))
    check_succession(None, head(new), [])
    check_succession(head(old), head(new), consistency(old, new, nodes))


@pytest.mark.parametrize(
    ("asked", "proof", "code"),
    [
        (head(7)._replace(origin="other.example"), [], "sign_other_log"), (head(5), [], "sign_shrunk"),
        (head(6)._replace(root=EMPTY), [], "sign_forked"), (head(9)._replace(root=EMPTY), None, "sign_unproven"),
        (head(9), [], "sign_unproven"), (Checkpoint(ORIGIN, 0, EMPTY), [], "sign_nothing"),
        (head(9)._replace(root=b""), None, "sign_nothing"),
    ],
)  # fmt: skip
def test_what_does_not_go_on_from_the_last_is_refused_with_the_last(asked, proof, code):
    proof = consistency(6, 9, nodes) if proof is None else proof
    with pytest.raises(NotSigned, match=code) as refused:
        check_succession(head(6), asked, proof)
    assert refused.value.last == head(6)


def test_a_rewritten_past_with_a_proof_of_its_own_is_called_a_fork():
    mine = head(6)._replace(root=EMPTY)
    with pytest.raises(NotSigned, match="sign_forked"):
        check_succession(mine, head(9), consistency(6, 9, nodes))


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.integers(0, 12)), max_size=20))
def test_no_order_of_requests_gets_two_roots_for_one_size_or_a_smaller_one_later(requests):
    last: Checkpoint | None = None
    signed: dict[int, bytes] = {}
    for size, honest, proven_from in requests:
        asked = head(size) if honest else head(size)._replace(root=bytes([size]) * 32)
        proof = consistency(min(proven_from, size), size, nodes)
        with suppress(NotSigned):
            check_succession(last, asked, proof)
            assert signed.setdefault(size, asked.root) == asked.root
            assert last is None or size >= last.size
            last = asked
