"""`audit replay` of an office at work: what the engine still has is replayed too, and the living workflow is asked."""

import pytest

from client.replay_audit import ReplayAudit
from ledger import archive
from ledger.archive import archived_in
from tests.builds import build_with
from tests.workflow.kept import COMMANDS, kept_office
from tests.workflow.office import CLUSTER
from workflows import chapter


@pytest.fixture
def short_chapters(monkeypatch, tmp_path):
    monkeypatch.setattr(chapter, "UPDATES_A_CHAPTER", COMMANDS)
    limit = "UPDATES_A_CHAPTER = "
    return build_with(tmp_path / "build", "workflows/chapter.py", f"{limit}1_500", f"{limit}{COMMANDS}")


def audit(here, *, asks=True):
    archived = archived_in(here.office.ledger.entries(archive.STREAM))
    client = here.office.env.client if asks else None
    return ReplayAudit(here.office.ledger, archived, lambda: here.objects, here.replayers, client).told(CLUSTER)


async def test_archived_chapters_and_the_one_at_work_lead_to_the_living_state(short_chapters, tmp_path):
    async with kept_office(tmp_path, short_chapters) as here:
        await here.office.open()
        async with here.worker():
            await here.a_chapter()
            await here.has_archived(1)
        for _ in range(2):  # these end while nobody archives
            await here.a_chapter()
        told = await audit(here)
        assert (told.findings, told.runs) == ([], len(await here.office.chapters()))
        assert told.ledger_digest == told.replay_digest == told.live_digest
        assert (told.facts, told.beyond) == (len(here.office.facts()), 0)
        alone = await audit(here, asks=False)
        assert (alone.findings, alone.runs, alone.beyond > 0) == ([], 1, True)


async def test_a_workflow_that_was_terminated_is_named(tmp_path):
    async with kept_office(tmp_path) as here:
        await here.office.open()
        await here.terminated()
        await here.sweep()
        assert [(one.kind, one.detail) for one in (await audit(here)).findings] == [("ended", "terminated")]
        assert [one.kind for one in (await audit(here, asks=False)).findings] == ["ended"]
