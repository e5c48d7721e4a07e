"""No test sees how the machine it runs on is configured; those that need a database server share one."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from tests.postgres import Server

for name in [name for name in os.environ if name.startswith(("TEMPORAL_", "KHOOSHEH_"))]:
    del os.environ[name]

# How long an example takes says what else the machine does; whether it holds does not.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


@pytest.fixture(scope="session")
def server() -> Iterator["Server"]:
    """A PostgreSQL for all tests of this process; each asks for a database of its own."""
    from tests.postgres import serving

    with serving() as started:
        yield started
