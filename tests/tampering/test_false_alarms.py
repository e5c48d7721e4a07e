"""A million honest entries, growing in steps, are blamed by neither reader, nor against what was held on the way."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from ledger import verify
from ledger.full_check import FullCheck
from ledger.paper import read_groups
from ledger.store import Placed
from tests.forged_log import kept_as_it_says
from tests.page_bundles import ORIGIN, RULES, zipped
from tests.tampering.altering import Roots, members_resealed, office_of

ENTRIES, STEPS = 1_000_000, 1_000
SIZES = [ENTRIES * step // STEPS for step in range(1, STEPS + 1)]


@pytest.mark.timeout(3_600)
def test_there_is_no_false_alarm_in_a_million_entries() -> None:
    leaves = office_of(ENTRIES).leaves
    roots = Roots(leaves)
    notes = {size: roots.note(size) for size in SIZES}
    held = [roots.held(size) for size in SIZES]
    content = zipped(members_resealed(leaves, notes))
    check = verify.Check(io.BytesIO(content), lambda _done, _whole: None).run(held, [], None)
    assert [finding.kind for finding in check.findings.listed()] == []
    assert [kind for _, kind in check.held] == ["extends"] * (STEPS - 1) + ["same"]
    groups = [read_groups(verify.on_paper(verify.Checkpoint(ORIGIN, size, roots.at[size]))) for size in SIZES]
    ours = FullCheck(ORIGIN, notes.items(), lambda _: RULES, held=groups)
    for placed in placed_all(leaves):
        ours.take(placed)
    assert ours.finish() == []
    assert ours.compared == STEPS
    print(f"\n{ENTRIES:,} entries, {STEPS:,} checkpoints, each held on paper: 0 findings by either reader")


def placed_all(leaves: list[bytes]) -> Iterator[Placed]:
    return (kept_as_it_says(place, leaf) for place, leaf in enumerate(leaves, 1))
