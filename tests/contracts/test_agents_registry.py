"""The registry of agents under races and kills: no place twice, no effect twice."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from activities.agents import AgentActivities
from adapters.agents import AgentRegistry
from adapters.ledger_sql import SqlLedger
from domain.effects import ProposeAgent
from ledger.chain import verify_chain
from ledger.office import LedgerMoved
from tests.ledger_facts import fact
from tests.office import (
    NINE,
    ONE_PLACE,
    TWO_PLACES,
    assigning,
    load_of,
    opened,
    register_agents,
    registry_on,
    releasing,
    types_in,
)

TODAY = NINE.date()

# Wants the one place of the one agent for its cluster; it can die between the registry's write and the answer.
CLAIMANT = """
import os, sys
from pathlib import Path
from adapters.directory import DirectoryStream
from tests.office import assigning, opened, registry_on

path, cluster, end = sys.argv[1:]
if end == "killed":
    DirectoryStream.grant = lambda *_, **__: os._exit(9)
registry = registry_on(opened(Path(path)))
print("ready", flush=True)
sys.stdin.readline()
print(registry.assign(assigning(cluster)))
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    with closing(opened(tmp_path)) as ledger:
        register_agents(ledger)
        yield ledger


@pytest.fixture
def registry(ledger: SqlLedger) -> AgentRegistry:
    return registry_on(ledger)


def claimant(path: Path, cluster: str, end: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CLAIMANT, str(path), cluster, end],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def answers(*claimants: subprocess.Popen[str]) -> list[str]:
    """What each says, all let go once all were ready."""
    for each in claimants:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in claimants:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    return [each.communicate()[0].strip() for each in claimants]


def roles_of(ledger: SqlLedger, agent: str) -> list[tuple[str, str]]:
    return [(row["role"], row["scope"]) for row in ledger.people(person=agent, on=TODAY)]


def test_two_processes_that_want_the_last_place_do_not_both_get_it(ledger, tmp_path):
    said = answers(claimant(tmp_path, "yazd-tiles"), claimant(tmp_path, "qom-carpet"))
    assert sorted(said) == ["None", "no_place"]
    assert len(load_of(ledger, ONE_PLACE)) == 1
    assert types_in(ledger, "agents").count("agent.assigned") == 1


def test_many_threads_share_the_places_there_are(ledger, registry):
    clusters = [f"cluster-{n}" for n in range(8)]
    together = Barrier(len(clusters))

    def _want(cluster):
        together.wait()
        return registry.assign(assigning(cluster, TWO_PLACES))

    with ThreadPoolExecutor(len(clusters)) as threads:
        said = list(threads.map(_want, clusters))
    assert said.count(None) == 2
    assert said.count("no_place") == 6
    assert load_of(ledger, TWO_PLACES) == sorted(c for c, why in zip(clusters, said, strict=True) if why is None)


def test_a_lost_race_freezes_nothing(ledger):
    with pytest.raises(LedgerMoved):
        ledger.extend("agents", 0, [fact(1)])
    assert ledger.frozen("agents") is None


def test_a_rival_who_writes_between_reading_and_writing_is_reckoned_with(ledger, registry, monkeypatch):
    """The rival takes the last place after we have read that it is free."""
    rival, extend = registry_on(ledger), ledger.extend

    def _after_the_rival(*arguments):
        monkeypatch.setattr(ledger, "extend", extend)
        assert rival.assign(assigning("qom-carpet")) is None
        return extend(*arguments)

    monkeypatch.setattr(ledger, "extend", _after_the_rival)
    assert registry.assign(assigning("yazd-tiles")) == "no_place"
    assert load_of(ledger, ONE_PLACE) == ["qom-carpet"]


def test_the_same_effect_twice_is_one_assignment(ledger, registry):
    assert [registry.assign(assigning("yazd-tiles")) for _ in range(2)] == [None, None]
    assert types_in(ledger, "agents").count("agent.assigned") == 1
    assert types_in(ledger, "directory") == ["role.granted"]


def test_killed_between_the_write_and_the_answer_it_leaves_one_assignment(ledger, registry, tmp_path):
    killed = claimant(tmp_path, "yazd-tiles", "killed")
    assert answers(killed) == [""]
    assert killed.returncode == 9
    assert types_in(ledger, "agents").count("agent.assigned") == 1
    assert roles_of(ledger, ONE_PLACE) == []

    assert registry.assign(assigning("yazd-tiles")) is None
    assert types_in(ledger, "agents").count("agent.assigned") == 1
    assert roles_of(ledger, ONE_PLACE) == [("cda", "cluster/yazd-tiles")]


def test_an_assignment_gives_the_role_in_its_cluster_and_a_release_ends_it(ledger, registry):
    registry.assign(assigning("yazd-tiles"))
    assert roles_of(ledger, ONE_PLACE) == [("cda", "cluster/yazd-tiles")]
    registry.release(releasing("yazd-tiles"))
    assert roles_of(ledger, ONE_PLACE) == []
    assert load_of(ledger, ONE_PLACE) == []


def test_a_release_twice_is_one_and_frees_the_place(ledger, registry):
    registry.assign(assigning("yazd-tiles"))
    for _ in range(2):
        registry.release(releasing("yazd-tiles"))
    assert types_in(ledger, "agents").count("agent.released") == 1
    assert registry.assign(assigning("qom-carpet")) is None


def test_a_release_asked_again_does_not_end_a_later_assignment(ledger, registry):
    registry.assign(assigning("yazd-tiles", seq=7))
    registry.release(releasing("yazd-tiles", seq=9))
    registry.assign(assigning("yazd-tiles", seq=11))
    registry.release(releasing("yazd-tiles", seq=9))
    assert load_of(ledger, ONE_PLACE) == ["yazd-tiles"]
    assert roles_of(ledger, ONE_PLACE) == [("cda", "cluster/yazd-tiles")]


def test_the_release_of_who_leads_nothing_records_nothing(ledger, registry):
    registry.release(releasing("yazd-tiles"))
    assert types_in(ledger, "agents") == ["agent.registered"] * 2


def test_an_agent_nobody_registered_is_refused(registry):
    assert registry.assign(assigning("yazd-tiles", "p-9999")) == "unknown_agent"


def test_a_new_registration_leaves_the_load_as_it_is(ledger, registry):
    registry.assign(assigning("yazd-tiles"))
    register_agents(ledger)
    assert load_of(ledger, ONE_PLACE) == ["yazd-tiles"]


def test_every_assignment_is_listed_with_what_became_of_it(ledger, registry):
    registry.assign(assigning("yazd-tiles"))
    registry.release(releasing("yazd-tiles"))
    registry.assign(assigning("qom-carpet"))
    listed = {row["cluster_id"]: row["state"] for row in ledger.assignments(agent=ONE_PLACE)}
    assert listed == {"yazd-tiles": "released", "qom-carpet": "assigned"}


def test_who_once_led_the_cluster_or_has_no_place_is_not_proposed(ledger, registry):
    def _proposed() -> list[str]:
        asked = ProposeAgent(effect="c-1/3/propose_agent", cluster="c-1", province="isfahan", product="carpet", at=NINE)
        return [candidate.agent for candidate in AgentActivities(registry).propose_agent(asked).candidates]

    assert _proposed() == [ONE_PLACE, TWO_PLACES]
    registry.assign(assigning("c-1", TWO_PLACES))
    assert _proposed() == [ONE_PLACE]
    registry.release(releasing("c-1", TWO_PLACES))
    assert _proposed() == [ONE_PLACE]
    registry.assign(assigning("c-2"))
    assert _proposed() == []


def test_the_activities_report_what_the_registry_did(registry):
    activities = AgentActivities(registry)
    assert activities.assign_agent(assigning("yazd-tiles")).refused is None
    assert activities.assign_agent(assigning("qom-carpet")).refused == "no_place"
    report = activities.release_agent(releasing("yazd-tiles"))
    assert (report.effect, report.agent) == ("yazd-tiles/9/release_agent", ONE_PLACE)
    assert activities.assign_agent(assigning("qom-carpet")).refused is None


def test_the_role_ends_at_once_and_what_was_stays_readable(ledger, registry):
    registry.assign(assigning("yazd-tiles"))
    later = releasing("yazd-tiles").model_copy(update={"at": NINE + timedelta(days=30)})
    registry.release(later)
    last = TODAY + timedelta(days=29)
    assert len(ledger.people(person=ONE_PLACE, on=last)) == 1
    assert ledger.people(person=ONE_PLACE, on=last + timedelta(days=1)) == []


def test_the_streams_are_whole_chains(ledger, registry):
    registry.assign(assigning("yazd-tiles"))
    for stream in ("agents", "directory"):
        assert verify_chain(stream, ledger.entries(stream)) == ledger.head(stream)
