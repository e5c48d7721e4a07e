"""Which engine a command goes to: the one that is set, else the one `up` started, else that of Temporal's profile."""

import asyncio
import fcntl
import json
import os

import pytest
from temporalio.client import Client

from cli.errors import Unreachable
from cli.office import LOCK, RUNNING, Office
from cli.output import Screen
from client.connection import EngineUnnamed, connect
from settings import Settings, shut_out

CLOUD = '[profile.default]\naddress = "cloud:7233"\nnamespace = "national"\napi_key = "k"\n'


@pytest.fixture(autouse=True)
def no_profile(monkeypatch):
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", os.devnull)


@pytest.fixture
def called(monkeypatch):
    """What the client library is asked for."""
    asked: dict[str, object] = {}

    async def _connect(target_host, *, namespace="default", data_converter, **more):
        asked.update(more, target_host=target_host, namespace=namespace)

    monkeypatch.setattr(Client, "connect", _connect)
    return asked


@pytest.fixture
def cloud(tmp_path, monkeypatch):
    (tmp_path / "temporal.toml").write_text(CLOUD)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "temporal.toml"))


def office(folder, **running):
    if running:
        (folder / RUNNING).write_text(json.dumps(running))
    return Office(folder, Screen("en", json=True, quiet=False))


def test_an_office_that_names_no_engine_takes_that_of_the_profile(tmp_path, cloud, called):
    assert (Settings.read(tmp_path).temporal, Settings.read(tmp_path).namespace) == ("", "")
    asyncio.run(office(tmp_path).connected())
    assert called == {"target_host": "cloud:7233", "namespace": "national", "api_key": "k", "tls": True}


def test_the_environment_comes_before_the_profile_and_the_office_before_both(tmp_path, cloud, called, monkeypatch):
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "province")
    asyncio.run(office(tmp_path).connected())
    assert (called["target_host"], called["namespace"]) == ("cloud:7233", "province")
    (tmp_path / "khoosheh.toml").write_text('temporal = "own:1"\nnamespace = "own"\n')
    asyncio.run(office(tmp_path).connected())
    assert (called["target_host"], called["namespace"]) == ("own:1", "own")


def test_without_any_word_the_namespace_is_default(called):
    asyncio.run(connect("own:1"))
    assert called == {"target_host": "own:1", "namespace": "default"}


def test_the_engine_that_up_started_is_reached_without_the_profile(tmp_path, cloud, called):
    running = {"temporal": "127.0.0.1:1", "namespace": "default", "pids": {"engine": 7}}
    with (tmp_path / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        asyncio.run(office(tmp_path, **running).connected())
    assert called == {"target_host": "127.0.0.1:1", "namespace": "default"}


def test_an_engine_elsewhere_that_up_works_for_is_reached_with_the_profile(tmp_path, cloud, called):
    running = {"temporal": "cloud:7233", "namespace": "national", "pids": {"engine": None}}
    with (tmp_path / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        asyncio.run(office(tmp_path, **running).connected())
    assert (called["target_host"], called["api_key"]) == ("cloud:7233", "k")


@pytest.mark.parametrize("variable", ["TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY"])
def test_where_nobody_names_an_address_the_engine_is_said_not_to_run(tmp_path, monkeypatch, variable):
    monkeypatch.setenv(variable, "something")
    with pytest.raises(EngineUnnamed):
        asyncio.run(connect())
    with pytest.raises(Unreachable) as unreachable:
        asyncio.run(office(tmp_path).connected())
    assert unreachable.value.key == "not_running"


def test_a_profile_that_cannot_be_read_is_told_as_such(tmp_path, monkeypatch):
    monkeypatch.setenv("TEMPORAL_PROFILE", "no-such-profile")
    with pytest.raises(Unreachable) as unreachable:
        asyncio.run(office(tmp_path).connected())
    assert unreachable.value.key == "profile"
    assert "no-such-profile" in str(unreachable.value.values["detail"])


def test_what_is_shut_out_reaches_neither_us_nor_what_we_start(cloud, monkeypatch):
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "national")
    monkeypatch.setenv("KHOOSHEH_LEDGER", "/elsewhere/ledger.sqlite")
    shut_out("TEMPORAL_", "KHOOSHEH_")
    left = {name for name in os.environ if name.startswith(("TEMPORAL_", "KHOOSHEH_"))}
    assert (left, os.environ["TEMPORAL_CONFIG_FILE"]) == ({"TEMPORAL_CONFIG_FILE"}, os.devnull)
    with pytest.raises(EngineUnnamed):
        asyncio.run(connect())
