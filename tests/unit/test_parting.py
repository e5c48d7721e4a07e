"""Where a record and its replay part: the first fact, and the first field in it."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.recording import Actor, Cause, CommandRef, Fact
from ledger.entry import seal
from ledger.parting import ABSENT, first_parting

STREAM = "cluster/qom-footwear"
AT = datetime(2026, 11, 26, tzinfo=UTC)


def fact(seq, **data):
    return Fact(
        seq=seq, type="finding.opened", occurred_at=AT, recorded_at=AT + timedelta(days=seq),
        command=CommandRef(id=f"c-{seq}", n=1, of=1), actor=Actor(person="p-1", role="auditor", scope="nation"),
        cause=Cause(kind="command", ref="OpenFinding"), authenticated_by="local_key", build="test", data=data,
    )  # fmt: skip


def sealed(*facts):
    leaves, digest = [], ""
    for one in facts:
        leaves.append(seal(STREAM, digest, one))
        digest = leaves[-1].digest
    return leaves


FACTS = [fact(n, level="note", lines=[{"n": n}, {"n": 0}]) for n in range(1, 6)]
LEAVES = sealed(*FACTS)


def told(*facts):
    return [leaf.raw.decode() for leaf in sealed(*facts)]


ALL = told(*FACTS)


@pytest.mark.parametrize("batches", [
    [(0, ALL)],
    [(0, ALL[:2]), (2, ALL[2:])],
    [(0, ALL[:2]), (0, ALL[:2]), (2, ALL[2:])],
    [(3, ALL[3:])],
    [(0, ALL), (5, ["decided, and not sealed yet"])],
    [],
])  # fmt: skip
def test_what_was_told_as_it_is_sealed_does_not_part(batches):
    assert first_parting(LEAVES, batches) is None


@pytest.mark.parametrize(("change", "field", "was", "now"), [
    ({"data": {"level": "grave", "lines": FACTS[2].data["lines"]}}, "data.level", "note", "grave"),
    ({"data": {"level": "note", "lines": [{"n": 3}, {"n": 1}]}}, "data.lines.1.n", 0, 1),
    ({"data": {"level": "note", "lines": [{"n": 3}]}}, "data.lines", [{"n": 3}, {"n": 0}], [{"n": 3}]),
    ({"data": {"lines": FACTS[2].data["lines"]}}, "data.level", "note", ABSENT),
    ({"build": "other"}, "build", "test", "other"),
])  # fmt: skip
def test_the_first_fact_told_otherwise_is_named_with_its_field(change, field, was, now):
    otherwise = [*FACTS[:2], FACTS[2].model_copy(update=change), *FACTS[3:]]
    parting = first_parting(LEAVES, [(0, told(*otherwise))])
    assert parting == (3, "finding.opened", field, was, now)


def test_a_link_that_differs_is_named_only_where_nothing_else_does():
    other = [FACTS[0].model_copy(update={"build": "other"}), *FACTS[1:]]
    parting = first_parting(LEAVES, [(1, told(*other)[1:])])
    assert parting is not None
    assert (parting.seq, parting.field) == (2, "prev")


@pytest.mark.parametrize(("batches", "seq"), [
    ([(0, ALL[:2]), (3, ALL[3:])], 3),
    ([(0, []), (3, ALL[3:])], 1),
    ([(2, []), (5, [])], 3),
])  # fmt: skip
def test_a_sealed_fact_that_nobody_told_is_named(batches, seq):
    assert first_parting(LEAVES, batches) == (seq, "finding.opened", "", LEAVES[seq - 1].digest, ABSENT)
