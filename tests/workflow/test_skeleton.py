"""One command, one fact, one alarm: from the client through the engine into the ledger and back, on both servers."""

import pytest

from tests.workflow.office import OFFICES


@pytest.mark.parametrize("kind", OFFICES)
async def test_a_command_is_sealed_before_its_receipt(kind, tmp_path):
    async with OFFICES[kind](tmp_path) as office, office.worker():
        receipt = await office.open()
        facts = office.facts()
        assert facts[0].type == "cluster.identified"
        assert (receipt.seq, receipt.count, receipt.head.seq) == (1, len(facts), len(facts))
        assert await office.check() == 1
