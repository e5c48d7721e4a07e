"""Sealing is killed a hundred times, at any step: what it leaves is sealed by the next round, and nobody is blamed."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from client.verifying import verify
from ledger.checkpoint import open_checkpoint
from ledger.tree import check_consistency, consistency
from tests.killed import killed_at
from tests.sealed_log import sealed_log

KILLS = 100


def _round(folder: Path) -> bytes:
    with sealed_log(folder, durable=True) as log:
        log.sealing().round()
    return b"sealed"


@pytest.mark.timeout(600)
def test_a_hundred_kills_at_any_step_leave_a_log_that_is_clean_and_only_grew(tmp_path):
    chance, ends = Random(1405), Counter[str]()
    for _ in range(KILLS):
        with sealed_log(tmp_path, durable=True) as log:
            log.grow(chance.randint(1, 40))
        ended, _ = killed_at(int(10 ** chance.uniform(1, 4.5)), lambda: _round(tmp_path))
        ends["ended" if ended else "killed"] += 1
    assert min(ends["killed"], ends["ended"]) > KILLS / 10, ends
    with sealed_log(tmp_path, durable=True) as log:
        head = log.seal()
        found = verify(log.ledger, log.objects)
        sizes, nodes = log.published.sizes(), log.published.nodes(head.size)
        roots = [open_checkpoint(log.published.checkpoint(size), log.keys)[0].root for size in sizes]
    # Its facts name a methodology that is nowhere; nothing else is to be said of this log.
    assert {flaw.kind for flaw in found.flaws} <= {"text_missing"}
    assert (found.newest, found.unsealed) == (head, 0)
    for size, root in zip(sizes, roots, strict=True):
        check_consistency(size, head.size, root, head.root, consistency(size, head.size, nodes))
    print(f"\n{ends['killed']} kills of {KILLS} rounds, {len(sizes)} checkpoints, {head.size} entries: clean")
