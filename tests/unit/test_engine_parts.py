"""The small parts of the engine that need no engine."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from client.ids import command_id, repeatable_id
from client.signing import KeyUnusable, create_key, public_keys, read_key
from domain.recording import Head
from settings import Settings
from tests.ledger_facts import fact, facts
from workflows.chapter import own_id
from workflows.outbox import Outbox
from workflows.seen import KEPT, Place, Seen, milliseconds_in

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def ids(n):
    return [command_id(NOON + timedelta(milliseconds=number)) for number in range(n)]


def test_a_command_id_is_a_uuid7_of_its_moment_and_younger_ones_sort_later():
    made = ids(50)
    assert {UUID(id).version for id in made} == {7}
    assert {UUID(id).variant for id in made} == {"specified in RFC 4122"}
    assert made == sorted(made)
    assert milliseconds_in(made[0]) == int(NOON.timestamp() * 1000)


def test_ids_of_jobs_and_of_the_engine_are_the_same_each_time_and_tell_no_time():
    assert repeatable_id("job", 1) == repeatable_id("job", 1) != repeatable_id("job", 2)
    assert own_id("a", "alarm/1") == own_id("a", "alarm/1") != own_id("b", "alarm/1")
    assert milliseconds_in(own_id("a", "alarm/1")) is None


def test_the_last_commands_are_remembered_and_the_others_are_too_old():
    seen, made = Seen((), 0), ids(KEPT + 10)
    for n, id in enumerate(made):
        seen.remember(id, Place(n + 1, 1, "0" * 16))
    carried = Seen(seen.carried(), seen.forgotten)
    assert all(carried.place(id) is None and carried.is_too_old(id) for id in made[:10])
    assert [carried.place(id) for id in made[10:]] == [Place(n, 1, "0" * 16) for n in range(11, KEPT + 11)]
    assert not carried.is_too_old(command_id(NOON + timedelta(seconds=1)))
    assert not carried.is_too_old(repeatable_id("job", 1))


def test_what_is_remembered_fits_into_a_chapter():
    seen = Seen((), 0)
    for n, id in enumerate(ids(KEPT)):
        seen.remember(id, Place(100_000 + n, 99, "0" * 16))
    from pydantic import TypeAdapter

    assert len(TypeAdapter(tuple).dump_json(seen.carried())) <= 16_384


def test_an_outbox_gives_its_facts_in_order_and_in_batches_that_fit():
    outbox = Outbox(Head(seq=0))
    outbox.put(facts(1, 400, note="x" * 5_000))
    taken = []
    while outbox:
        batch = outbox.batch()
        assert sum(len(one.model_dump_json()) for one in batch) < 1_000_000
        taken += batch
        outbox.sealed(Head(seq=batch[-1].seq, digest="sha256:" + "0" * 64))
    assert [one.seq for one in taken] == list(range(1, 401))


def test_an_outbox_is_full_at_its_bound():
    outbox = Outbox(Head(seq=0))
    outbox.put(fact(n) for n in range(1, 500))
    assert not outbox.is_full
    outbox.put([fact(500)])
    assert outbox.is_full


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    made = create_key(tmp_path / "keys", "office")
    assert create_key(tmp_path / "keys", "office").public_key == made.public_key
    assert (tmp_path / "keys" / "office").stat().st_mode & 0o777 == 0o600
    assert public_keys(tmp_path / "keys") == {"office": made.public_key}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_could_read_is_not_used(mode, tmp_path):
    create_key(tmp_path, "office")
    (tmp_path / "office").chmod(mode)
    with pytest.raises(KeyUnusable) as unusable:
        read_key(tmp_path, "office")
    assert unusable.value.code == "key_mode"


def test_a_key_that_is_missing_or_none_is_said_to_be_so(tmp_path):
    with pytest.raises(KeyUnusable) as missing:
        read_key(tmp_path, "office")
    (tmp_path / "office").write_text("no key")
    (tmp_path / "office").chmod(0o600)
    with pytest.raises(KeyUnusable) as broken:
        read_key(tmp_path, "office")
    assert (missing.value.code, broken.value.code) == ("key_missing", "key_unreadable")


def test_a_setting_comes_from_the_last_who_gave_it_and_says_from_whom(tmp_path, monkeypatch):
    (tmp_path / "khoosheh.toml").write_text('namespace = "file"\ntask_queue = "file"\nbuild = "file"\n')
    monkeypatch.setenv("KHOOSHEH_TASK_QUEUE", "environment")
    monkeypatch.setenv("KHOOSHEH_BUILD", "environment")
    settings = Settings.read(tmp_path, build="option", temporal=None)
    assert (settings.namespace, settings.task_queue, settings.build) == ("file", "environment", "option")
    told = [settings.origin(name) for name in ("namespace", "task_queue", "build", "temporal")]
    assert told == ["file", "environment", "option", "default"]


def test_an_unknown_setting_is_refused(tmp_path):
    (tmp_path / "khoosheh.toml").write_text("colour = 1\n")
    with pytest.raises(ValueError, match="colour"):
        Settings.read(tmp_path)
