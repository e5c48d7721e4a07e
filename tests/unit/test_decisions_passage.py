"""What time alone brings: rungs of ladders, each once, and never an alarm in vain."""

from datetime import timedelta

import pytest

from domain import commands as c
from domain import events as e
from domain.duties import next_due
from domain.evolution import dump
from tests.scenario import DAY0, PASS, Scenario, standing_in
from tests.scripted import TEXT


def rungs(scenario: Scenario, duty: str, kind: str = "rung.fired") -> list[str]:
    return [fact.data["rung"] for fact in scenario.last if fact.type == kind and fact.data["duty"] == duty]


def test_every_rung_of_a_ladder_fires_in_its_time():
    scenario = standing_in("identified").until(150)
    assert rungs(scenario, "cluster_profile") == ["pre14", "pre7", "pre1", "due", "esc1", "esc2", "stall"]


def test_a_rung_names_its_recipients_and_how_high_it_goes():
    scenario = standing_in("identified").until(150)
    told = {fact.data["rung"]: (fact.data["to"], fact.data["level"]) for fact in scenario.last
            if fact.type == "rung.fired" and fact.data["duty"] == "cluster_profile"}  # fmt: skip
    assert told["due"] == (["provincial_coordinator"], "")
    assert told["esc2"] == (["provincial_ceo", "national_office"], "national")


def test_after_an_outage_only_the_latest_missed_rung_fires():
    scenario = standing_in("identified").later(70).when(PASS, by="engine")
    assert rungs(scenario, "cluster_profile") == ["esc1"]
    assert rungs(scenario, "cluster_profile", "rung.skipped") == ["pre14", "pre7", "pre1", "due"]


@pytest.mark.parametrize("stage", ["identified", "mobilisation", "diagnostic", "action_plan", "implementation",
                                   "handover", "sustained"])  # fmt: skip
@pytest.mark.parametrize("outage", [0, 1, 21, 700])
def test_time_that_passed_needs_no_second_alarm(stage, outage):
    scenario = standing_in(stage).later(outage).when(PASS, by="engine").when(PASS, by="engine")
    assert scenario.last == ()
    following = next_due(scenario.cluster)
    assert following is None or following > scenario.world.now


@pytest.mark.parametrize("stage", ["identified", "diagnostic", "implementation", "handover", "sustained"])
def test_every_alarm_changes_something_for_years(stage):
    scenario = standing_in(stage)
    for _ in range(300):
        due = next_due(scenario.cluster)
        if due is None:
            break
        scenario.world.now = max(due, scenario.world.now)
        assert scenario.world.pass_time(), due


def test_an_alarm_beyond_the_present_fires_nothing_ahead_of_its_time():
    scenario = standing_in("identified").when(c.PassTime(until=PASS.until), by="engine")
    assert scenario.last == ()


def test_a_snooze_postpones_notices_and_no_escalation():
    scenario = standing_in("identified").until(45)
    snooze = c.Snooze(duty="cluster_profile", until=scenario.world.today + timedelta(days=29), reason=TEXT)
    scenario.when(snooze, by="provincial_coordinator").then("notices.snoozed").until(28)
    # Due 60 days after the start: the week before is silent, the week after goes to the province.
    assert rungs(scenario, "cluster_profile") == ["esc1"]


def test_what_a_snooze_postponed_comes_when_it_is_over():
    scenario = standing_in("identified").until(40)
    snooze = c.Snooze(duty="cluster_profile", until=scenario.world.today + timedelta(days=16), reason=TEXT)
    scenario.when(snooze, by="provincial_coordinator").until(15)
    assert rungs(scenario, "cluster_profile") == []
    assert rungs(scenario.until(3), "cluster_profile") == ["pre7"]


def test_a_decision_is_asked_for_at_once_and_awaited_in_working_days():
    scenario = standing_in("identified")
    scenario.when(scenario.form("cluster_profile"), by="provincial_coordinator")
    assert rungs(scenario, "cluster_profile:approval") == ["ask"]
    scenario.until(50)
    assert rungs(scenario, "cluster_profile:approval") == ["nudge", "due", "esc"]
    asked = next(fact for fact in scenario.last if fact.data.get("rung") == "esc")
    assert (asked.occurred_at.date() - DAY0).days >= 20


def test_nobody_acting_ends_in_reviews_by_the_nation():
    scenario = standing_in("implementation").until(400)
    reviews = [duty for duty in scenario.cluster.duties.values() if duty.kind == "stall_review"]
    assert reviews
    assert {duty.owner for duty in reviews} == {"national_office"}
    assert len(reviews) == 5


def test_three_years_of_silence_over_the_longest_plan_can_still_be_carried():
    rows = tuple(e.PlannedMilestone(milestone=n, owner="provincial_coordinator", due_on=DAY0, budget=5 * 10**10)
                 for n in range(1, 41))  # fmt: skip
    duties = [e.DutyOpened(duty=f"milestone.{n}", kind="milestone", ref=f"milestone.{n}", owner="cda", due_on=DAY0,
                           reason="decision", ladder="standard") for n in range(1, 41)]  # fmt: skip
    scenario = standing_in("implementation").and_given(e.MilestonesPlanned(version=1, rows=rows), *duties).until(1150)
    assert len(dump(scenario.cluster)) < 30_000
