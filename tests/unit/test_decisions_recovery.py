"""A workflow made anew goes on when two different people say so, and they are on record with the state they saw."""

import pytest

from domain import commands as c
from domain import events as e
from tests.scenario import FILE, given, standing_in
from tests.scripted import TEXT

STATE = "sha256:" + "7" * 64


def recover(second="p-another"):
    return c.Recover(reason="engine_lost", second=second, state=STATE)


def test_a_recovery_is_on_record_with_both_people_and_changes_nothing_else():
    scenario = standing_in("identified")
    before = scenario.cluster.model_copy(update={"seq": 0, "last_at": None})
    scenario.when(recover(), by="national_office").then("cluster.recovered")
    assert scenario.fact("cluster.recovered") == {"reason": "engine_lost", "second": "p-another", "state": STATE}
    assert scenario.cluster.model_copy(update={"seq": 0, "last_at": None}) == before


@pytest.mark.parametrize(("person", "behalf"), [("p-another", None), ("p-first", "p-another")])
def test_nobody_recovers_a_cluster_with_themselves(person, behalf):
    scenario = standing_in("identified")
    scenario.when(recover(), by="national_office", person=person, on_behalf_of=behalf).refused("own_work")


def test_a_service_signs_for_nobody():
    standing_in("identified").when(recover("svc:engine"), by="national_office").refused("role_may_not", "second")


@pytest.mark.parametrize("role", ["provincial_coordinator", "senior_supervisor", "cda"])
def test_only_the_national_office_recovers(role):
    standing_in("identified").when(recover(), by=role).refused("role_may_not", "actor.role")


def test_a_closed_file_can_be_recovered_and_stays_closed():
    scenario = given(FILE, e.ClusterWithdrawn(reason=TEXT))
    scenario.when(recover(), by="national_office").then("cluster.recovered")
    assert not scenario.cluster.is_open
