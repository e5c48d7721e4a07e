import re
import tomllib

import pytest

from tests.architecture.tree import ROOT, tracked

LOCKS = ("runtime.lock", "dev.lock", "oracles.lock")
PINNED = re.compile(r"^([a-z0-9-]+)==\S+", re.MULTILINE)


def text_of(lock: str) -> str:
    return (ROOT / "requirements" / lock).read_text(encoding="utf-8")


def names_in(lock: str) -> set[str]:
    return set(PINNED.findall(text_of(lock)))


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[^a-z0-9-]", requirement, maxsplit=1)[0] for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock):
    assert "://" not in text_of(lock)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock):
    entries = text_of(lock).replace("\\\n", " ").splitlines()
    assert entries
    assert [entry for entry in entries if entry.strip() and "--hash=sha256:" not in entry] == []


def test_the_locks_hold_what_pyproject_asks_for():
    """Otherwise `make lock` was forgotten."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    runtime = names_of([*project["project"]["dependencies"], *(one for extra in extras for one in extra)])
    dev = names_of(project["dependency-groups"]["dev"])
    assert runtime - names_in("runtime.lock") == set()
    assert (runtime | dev) - names_in("dev.lock") == set()
    assert (names_in("runtime.lock") & dev) - runtime == set(), "a dev tool reached the runtime lock"


def test_no_oracle_is_installed_with_what_we_ship_or_test():
    """Some are GPL: they judge files, in an environment of their own."""
    asked = (ROOT / "requirements/oracles.in").read_text(encoding="utf-8").splitlines()
    oracles = names_of([line for line in asked if line and not line.startswith("#")])
    assert oracles <= names_in("oracles.lock")
    assert oracles & (names_in("runtime.lock") | names_in("dev.lock")) == set()


def test_the_resolvers_own_lock_stays_out_of_git():
    assert tracked("uv.lock") == []
