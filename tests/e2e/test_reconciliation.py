"""What somebody does behind our back is found, named, and put right by the very command that the finding names.

One office with real processes; each test has a cluster of its own, and the programs of whoever was there: `temporal`
and `sqlite3`.
"""

import asyncio
from datetime import UTC, datetime

import pytest

from client.programme import Unknown
from tests.e2e.place import SEALS, Place, asks
from workflows.office_round import OfficeRound
from workflows.outbound import office_queue

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    office = Place(tmp_path_factory.mktemp("office"))
    yield office
    asyncio.run(office.machine.stop())


def recovered(place, stream, reason):
    """The recovery is the last fact but what follows from it, signed by two, and the cluster lives on."""
    cluster = stream.removeprefix("cluster/")
    fact = next(fact for fact in place.facts(stream) if fact.type == "cluster.recovered")
    assert (fact.actor.person, fact.data["second"], fact.data["reason"]) == ("p-0001", "p-0004", reason)
    assert (fact.cause.kind, fact.authenticated_by) == ("recovery", "local_key")
    assert place.reminded(cluster).seq == fact.seq + 1
    assert place.found(cluster) == []


def test_a_terminated_run_is_found_and_the_cluster_lives_on_from_its_record(place):
    stream = place.opened("was-terminated")
    place.temporal("workflow", "terminate", "-w", stream, "--reason", "spring cleaning")
    assert place.found("was-terminated") == [("foreign", "terminated")]
    place.repaired("was-terminated")
    recovered(place, stream, "terminated")


def test_a_deleted_workflow_is_found_and_made_anew(place):
    stream = place.opened("was-deleted")
    place.temporal("workflow", "delete", "-w", stream, "--yes")
    while place.found("was-deleted") != [("missing_run", "no_run")]:  # the engine deletes in its own time
        assert place.found("was-deleted") in ([], [("foreign", "terminated")], [("missing_run", "no_run")])
    place.repaired("was-deleted")
    recovered(place, stream, "engine_lost")


@pytest.mark.parametrize("reapply", [(), ("--reapply-exclude", "All")], ids=["with what came", "without"])
def test_a_reset_is_found_and_the_record_stays_as_it_was(place, reapply):
    cluster = "was-reset" if reapply else "was-reset-whole"
    stream = place.opened(cluster)
    before = place.leaves(stream)
    place.temporal("workflow", "reset", "-w", stream, "-t", "FirstWorkflowTask", "--reason", "try again", *reapply)
    assert place.found(cluster) == [("foreign", "reset")]
    place.repaired(cluster)
    assert place.leaves(stream)[: len(before)] == before
    recovered(place, stream, "reset")


def test_an_update_past_our_client_is_found(place):
    stream = place.opened("was-updated")
    signed = place.machine.signer.signed(asks("was-updated", "RemindNow", duty="cluster_profile"), datetime.now(UTC))
    place.temporal("workflow", "update", "execute", "-w", stream, "--name", "submit",
                   "--input", signed.model_dump_json())  # fmt: skip
    assert place.found("was-updated") == [("foreign", "update")]
    place.repaired("was-updated")
    recovered(place, stream, "foreign_update")


def test_an_edited_row_is_found_and_put_back_byte_for_byte(place):
    stream = place.opened("was-edited")
    before = place.leaves(stream)
    place.unsealed("UPDATE entries SET leaf = replace(CAST(leaf AS TEXT), 'p-coordinator', 'p-somebody') "
                   "WHERE stream = '{stream}' AND seq = 2", stream=stream)  # fmt: skip
    assert place.found("was-edited") == [("conflict", "entries_changed")]
    told = place.repaired("was-edited")
    assert [one["repair"] for one in told["repaired"]] == ["entries.refilled"]
    assert place.leaves(stream) == before
    assert place.seals() >= set(SEALS)
    last = place.facts("repairs")[-1]
    assert (last.type, last.data["stream"], last.data["rows"]) == ("entries.refilled", stream, 1)
    assert last.actor.person == "p-owner"
    place.reminded("was-edited")


def test_a_row_edited_with_its_digest_and_head_is_found_by_the_histories(place):
    stream = place.opened("was-forged")
    before = place.leaves(stream)
    place.unsealed("UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), 'cluster_profile', 'concept_note') "
                   "AS BLOB), digest = 'sha256:{other}' WHERE stream = '{stream}' AND seq = {last}",
                   "UPDATE streams SET digest = 'sha256:{other}' WHERE stream = '{stream}'",
                   stream=stream, last=len(before), other="0" * 64)  # fmt: skip
    assert place.found("was-forged") == [("conflict", "entries_changed")]
    place.repaired("was-forged")
    assert place.leaves(stream) == before


def test_rows_cut_off_with_their_head_are_found_and_put_back(place):
    stream = place.opened("was-cut")
    before = place.leaves(stream)
    last = len(before) - 2
    place.unsealed("DELETE FROM entries WHERE stream = '{stream}' AND seq > {last}",
                   "UPDATE streams SET seq = {last}, digest = '{digest}' WHERE stream = '{stream}'",
                   stream=stream, last=last, digest=before[last - 1].digest)  # fmt: skip
    assert ("behind", "not_in_ledger") in place.found("was-cut")
    place.repaired("was-cut")
    assert place.leaves(stream) == before
    place.reminded("was-cut")


@pytest.mark.parametrize("repair", ["repair", "rebuild-views"])
def test_an_edited_view_is_found_and_made_anew(place, repair):
    cluster = f"was-shown-{repair}"
    stream = place.opened(cluster)
    place.sqlite3("UPDATE portfolio SET stage = 'handover' WHERE stream = '{stream}'",
                  "DELETE FROM duties WHERE stream = '{stream}'", stream=stream)  # fmt: skip
    assert place.found(cluster) == [("conflict", "views_changed")]
    if repair == "repair":
        place.repaired(cluster)
    else:
        done = place.line("ledger", "rebuild-views")["repaired"]
        assert [(one["repair"], one["stream"]) for one in done] == [("views.rebuilt", stream)]
    assert place.found(cluster) == []
    assert place.line("show", cluster)["stage"] == "identified"


def test_a_conflict_that_follows_from_an_edit_is_released_with_the_repair(place):
    stream = place.opened("was-frozen")
    before = place.leaves(stream)
    place.unsealed("INSERT INTO entries (stream, seq, type, leaf, digest, recorded_at, command_id, n, inserted_at) "
                   "SELECT stream, seq + 1, type, '{{}}', digest, recorded_at, 'mine', n, inserted_at FROM entries "
                   "WHERE stream = '{stream}' AND seq = {last}", stream=stream, last=len(before))  # fmt: skip
    with pytest.raises(Unknown):
        place.reminded("was-frozen")
    assert place.line("doctor", code=1)["ok"] is False
    assert place.found("was-frozen") == [("conflict", "entries_changed")]
    told = place.repaired("was-frozen")
    assert [one["repair"] for one in told["repaired"]] == ["entries.refilled", "cluster.released"]
    assert place.leaves(stream)[: len(before)] == before
    assert [fact.type for fact in place.facts(stream)[len(before) :]] == [
        "duty.reminded"
    ]  # what was accepted is sealed
    place.reminded("was-frozen")


def test_a_cluster_that_needs_no_recovery_is_left_alone(place):
    place.opened("is-well")
    words = ("recover", "is-well", "--reason", "conflict", "--as", "p-0001", "--second")
    assert place.line(*words, "p-0004", code=1)["refused"]["code"] == "not_awaited"
    assert place.line(*words, "p-0001", code=1)["refused"]["code"] == "own_work"
    assert place.line(*words, "p-0290", code=1)["refused"]["code"] == "role_may_not"
    assert place.line("do", "is-well", "Recover", "reason=conflict", "second=p-0004", f"state=sha256:{'0' * 64}",
                      code=1)["refused"]["code"] == "not_awaited"  # fmt: skip


def test_one_round_of_the_office_puts_on_record_what_somebody_did_and_the_next_that_it_is_mended(place):
    stream = place.opened("is-watched")
    place.temporal("workflow", "terminate", "-w", stream)
    assert told(place, stream)[-1] == ("difference.found", ["terminated"])
    assert place.line("doctor", code=1)["ok"] is False
    assert place.found("is-watched") == [("foreign", "terminated")]
    place.repaired("is-watched")
    assert told(place, stream)[-1][0] == "differences.gone"


def told(place, stream):
    """What rounds have put on record about the stream, after one more."""

    async def make_a_round():
        client, queue = await place.machine.connected(), office_queue(place.machine.settings.task_queue)
        await client.execute_workflow(OfficeRound.run, id=f"round-{stream}", task_queue=queue)

    asyncio.run(make_a_round())
    facts = [fact for fact in place.facts("repairs") if fact.data["stream"] == stream]
    return [(fact.type, fact.data.get("codes")) for fact in facts if fact.type.startswith("difference")]


def test_everything_is_looked_at_and_every_cluster_lives(place):
    place.opened("is-there")
    found = place.line("audit", "reconcile", "--all")
    assert found["findings"] == []
    with place.machine.ledger() as ledger:
        assert found["streams"] == len(ledger.streams())
    assert place.is_live()
    assert place.line("audit", "reconcile", code=2)["error"]["code"] == "clusters_or_all"
