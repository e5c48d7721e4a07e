"""The doctor's look at the clock (a stamp of ledger or engine that lies in the future) and at the archive."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from adapters.directory import DirectoryStream
from adapters.ledger_at import ledger_at
from adapters.office_stream import Stamp
from cli import doctor
from cli.doctor_archive import store
from cli.errors import WrongUse
from cli.office import OFFICE, Office
from cli.output import Screen
from domain.recording import Cause
from ledger.projections import PROJECTIONS

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def office(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "now", lambda: NOW)
    return Office(tmp_path, Screen("en", json=True, quiet=False))


def record(office, at):
    with closing(ledger_at(office.settings.ledger_place, PROJECTIONS)) as ledger:
        stamp = Stamp(OFFICE, Cause(kind="import", ref="test"), at, "local_key")
        DirectoryStream(ledger, "test").grant("p-1", "auditor", "nation", stamp)


def clock(office, polled=None):
    return doctor._clock(office, {"database": doctor._recorded(office), "engine": polled})


def test_a_clock_with_nothing_to_hold_it_against_is_said_to_be_so(office):
    assert clock(office).state == "ok"
    assert "nothing" in clock(office).detail


def test_a_fact_from_the_past_is_well(office):
    record(office, NOW - timedelta(days=1))
    assert clock(office).state == "ok"
    assert "2026-11-23" in clock(office).detail


def test_a_fact_from_the_future_is_a_finding(office):
    record(office, NOW + timedelta(minutes=5))
    found = clock(office)
    assert (found.state, "300 s" in found.mend) == ("broken", True)


def test_a_poll_from_the_future_is_a_finding(office):
    record(office, NOW - timedelta(days=1))
    assert clock(office, NOW + timedelta(seconds=1)).state == "ok"
    assert clock(office, NOW + timedelta(seconds=9)).state == "broken"


def test_the_virtual_times_of_a_rehearsal_are_no_finding(office):
    (office.data / "khoosheh.toml").write_text("rehearsal = true\n")
    with closing(ledger_at(office.settings.ledger_place, PROJECTIONS, rehearsal=True)) as ledger:
        stamp = Stamp(OFFICE, Cause(kind="import", ref="test"), NOW + timedelta(days=900), "local_key")
        DirectoryStream(ledger, "test").grant("p-1", "auditor", "nation", stamp)
    assert clock(office).state == "ok"


def test_an_archive_in_a_folder_is_well(office):
    assert (store(office).state, store(office).detail) == ("ok", str(office.data / "archive"))


def test_a_bucket_that_nobody_answers_for_is_broken_and_the_mend_is_said(office, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("adapters.objects_s3.RETRIES", 0)
    (office.data / "khoosheh.toml").write_text('archive = "s3://somewhere/archive"\n')
    found = store(office)
    assert found.state == "broken"
    assert found.detail.startswith("unreachable: s3://somewhere/archive")
    assert "khoosheh.toml" in found.mend


def test_an_archive_of_an_unknown_kind_is_wrong_use(office):
    (office.data / "khoosheh.toml").write_text('archive = "ftp://somewhere"\n')
    with pytest.raises(WrongUse, match="settings"):
        store(office)
