"""Fourteen months of three clusters in an office's folder, and how they are asked about."""

import json

import pytest
from typer.testing import CliRunner

import starter
from tests.forecasts import forecast, wanted


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """Fourteen months of three clusters, in an office's data folder."""
    folder = tmp_path_factory.mktemp("kept") / "office"
    forecast(wanted(3), folder)
    return folder


@pytest.fixture(scope="session")
def ask(kept):
    def asked(*words, code=0):
        found = CliRunner().invoke(starter.app, [*map(str, words), "--data", str(kept), "--json"])
        assert found.exit_code == code, (words, found.stdout, found.stderr, found.exception)
        return json.loads(found.stdout)

    return asked


@pytest.fixture(scope="session")
def shown(kept):
    def told(*words, lang="en", code=0):
        found = CliRunner().invoke(starter.app, [*map(str, words), "--data", str(kept), "--lang", lang])
        assert found.exit_code == code, (words, found.stdout, found.stderr, found.exception)
        return found.stdout if code == 0 else found.stderr

    return told


@pytest.fixture(scope="session")
def cluster(ask):
    """The one with the longest record."""
    return max(ask("board")["clusters"], key=lambda row: row["seq"])["id"]
