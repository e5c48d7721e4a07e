"""Sending what a duty asks for, reporting an activity of the plan, and notices about duties."""

from datetime import timedelta
from typing import Any

import pytest

from domain import commands as c
from domain import events as e
from tests.scenario import AGENT, DAY0, Scenario, sent, standing_in
from tests.scripted import TEXT
from tests.worlds import METHODOLOGY

PLANNED = e.MilestonesPlanned(version=1, rows=(e.PlannedMilestone(milestone=1, owner="cda", due_on=DAY0, budget=5),))
OWED = e.DutyOpened(duty="milestone.1", kind="milestone", ref="milestone.1", owner="cda", due_on=DAY0,
                    reason="decision", ladder="standard")  # fmt: skip


def profile(**values) -> Scenario:
    scenario = standing_in("identified")
    return scenario.when(scenario.form("cluster_profile", **values), by="provincial_coordinator")


def test_what_is_sent_waits_for_its_approver():
    profile().then("duty.closed", "deliverable.submitted", "duty.opened").owes("cluster_profile:approval")


def test_what_nobody_approves_counts_when_it_is_sent():
    scenario = standing_in("diagnostic").until(20)
    visit = next(duty for duty in scenario.cluster.duties if duty.startswith("diagnostic_visit"))
    scenario.when(scenario.form(visit), by="technical_supervisor").then("deliverable.approved", "visit.recorded")


def test_lateness_is_judged_by_the_day_of_recording():
    scenario = standing_in("identified").later(62)
    scenario.when(scenario.form("cluster_profile"), by="provincial_coordinator", occurred=-20)
    assert scenario.fact("deliverable.submitted")["on_time"] is False
    assert scenario.fact("duty.closed")["days_late"] > 0


def test_only_the_owner_sends():
    scenario = standing_in("identified")
    scenario.when(scenario.form("cluster_profile"), by="provincial_ceo").refused("role_may_not")


def test_the_agents_work_is_sent_by_the_agent_of_this_cluster():
    scenario = standing_in("diagnostic")
    scenario.when(scenario.form("work_plan"), by="cda", person="p-other").refused("not_the_owner")
    scenario.when(scenario.form("work_plan"), by="cda").then("deliverable.submitted")


def test_the_agent_of_another_cluster_is_out_of_scope():
    scenario = standing_in("diagnostic")
    form = scenario.form("work_plan")
    scenario.when(form, by="cda", scope="cluster/tabriz-carpet").refused("out_of_scope")


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"est_firms": None}, "missing_field", "est_firms"),
        ({"horoscope": 1}, "unknown_field", "horoscope"),
        ({"est_firms": "many"}, "invalid_field", "est_firms"),
        ({"est_firms": True}, "invalid_field", "est_firms"),
        ({"est_firms": 3.5}, "invalid_field", "est_firms"),
        ({"est_firms": 10**9}, "invalid_field", "est_firms"),
        ({"product": "کفش"}, "invalid_field", "product"),
        ({"counted_on": "2026-02-30"}, "invalid_field", "counted_on"),
        ({"counted_on": "1405/01/15"}, "invalid_field", "counted_on"),
        ({"main_market": ["export"]}, "invalid_field", "main_market"),
        ({"has_association": 1}, "invalid_field", "has_association"),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(values, code, field):
    profile(**values).refused(code, field)


def test_rows_that_are_no_rows_are_refused_and_break_nothing():
    scenario = standing_in("action_plan")
    broken: list[Any] = [[], "rows", [1], [{}], [{"title": ["x"], "owner": {"a": 1}, "year": ["y1"]}], None]
    for rows in broken:
        scenario.when(scenario.form("action_plan_document", activities=rows), by="cda")
        assert scenario.refusal is not None, rows


def test_a_check_across_fields_is_told():
    scenario = standing_in("mobilisation")
    form = scenario.form("cda_contract", start=str(DAY0), end=str(DAY0 - timedelta(days=1)))
    scenario.when(form, by="provincial_coordinator").refused("check_failed")


def test_nothing_is_sent_that_nobody_owes():
    scenario = standing_in("identified")
    for duty in ("feasibility_report", "cluster_profile:approval", "horoscope"):
        scenario.when(c.SubmitDeliverable(duty=duty, values={}), by="provincial_coordinator").refused("not_owed")


def test_what_may_come_any_time_takes_the_next_number_of_its_kind():
    scenario = standing_in("diagnostic")
    number = scenario.cluster.opened.get("lessons_learned", 0) + 1
    form = scenario.form(f"lessons_learned.{number}")
    scenario.when(c.SubmitDeliverable(duty="lessons_learned.77", values=form.values), by="cda").refused("not_owed")
    scenario.when(form, by="cda").then("duty.opened", "duty.closed", "deliverable.submitted")


def test_unasked_work_does_not_pile_up_without_bound():
    scenario = standing_in("diagnostic")
    for n in range(10):
        scenario.and_given(sent(f"lessons_learned.{90 + n}", "lessons_learned"))
    number = scenario.cluster.opened.get("lessons_learned", 0) + 1
    scenario.when(scenario.form(f"lessons_learned.{number}"), by="cda").refused("too_many")


def test_of_a_series_four_are_owed_at_once_and_the_next_keeps_its_own_date():
    scenario = standing_in("implementation").until(400)
    logs = [duty for key, duty in scenario.cluster.duties.items() if key.startswith("monthly_log")]
    assert len(logs) == 4
    scenario.when(scenario.form(logs[0].id), by="cda").then("duty.opened")
    scenario.when(c.ApproveDeliverable(duty=logs[0].id), by="technical_supervisor").then("duty.opened")
    opened = scenario.fact("duty.opened")
    assert opened["duty"] == "monthly_log.5"
    assert opened["due_on"] < str(scenario.world.today)


def test_an_activity_is_reported_once_and_not_before_it_is_done():
    scenario = standing_in("implementation").and_given(PLANNED, OWED)
    late = c.CompleteMilestone(milestone=1, done_on=DAY0 + timedelta(days=1), spent=3)
    scenario.when(late, by="cda").refused("in_the_future")
    done = c.CompleteMilestone(milestone=1, done_on=DAY0, spent=3)
    scenario.when(done, by="cda").then("duty.closed", "milestone.reached")
    scenario.when(done, by="cda").refused("not_owed")


def test_a_new_version_of_the_plan_takes_the_place_of_the_old_ones_activities():
    approve = c.ApproveDeliverable(duty="action_plan_document")
    rows = [{"owner": "cda", "end_month": 3, "budget": 1}]
    trust = e.GateDecided(gate="g4", role="engine", answer="a", passed=True)
    scenario = standing_in("action_plan").and_given(PLANNED, OWED, trust)
    scenario.and_given(sent("action_plan_document", "action_plan_document", {"activities": rows}),
                       e.DutyOpened(duty="action_plan_document:approval", kind="approval", ref="action_plan_document",
                                    owner="provincial_ceo", due_on=DAY0, reason="ladder",
                                    ladder="approval"))  # fmt: skip
    scenario.when(approve, by="provincial_ceo").then("duty.closed", "plan.frozen", "duty.opened")
    assert scenario.cluster.plan_version == 2


def test_reminding_needs_something_owed():
    remind = c.RemindNow(duty="cluster_profile")
    standing_in("identified").when(remind, by="national_office").then("duty.reminded")
    standing_in("feasibility").when(remind, by="national_office").refused("not_owed")


def test_a_snooze_is_short_and_the_owners_own():
    scenario = standing_in("identified")
    month = c.Snooze(duty="cluster_profile", until=DAY0 + timedelta(days=31), reason=TEXT)
    scenario.when(month, by="provincial_coordinator").refused("invalid_field", "until")
    week = month.model_copy(update={"until": DAY0 + timedelta(days=7)})
    scenario.when(week, by="provincial_ceo").refused("role_may_not")
    scenario.when(week.model_copy(update={"duty": "x"}), by="provincial_coordinator").refused("not_owed")
    scenario.when(week, by="provincial_coordinator").then("notices.snoozed")


def test_a_stand_in_acts_as_the_agent_until_a_successor_is_there():
    leaving = e.AgentNoticeGiven(agent=AGENT, cause="illness")
    scenario = standing_in("diagnostic").and_given(leaving, e.InterimNamed(person="p-interim"))
    scenario.when(scenario.form("work_plan"), by="cda", person="p-interim").then("deliverable.submitted")


def test_every_kind_can_be_sent_as_its_form_is_offered():
    # One form after the other: what is offered fits what is checked.
    for stage in METHODOLOGY.main_track:
        scenario = standing_in(stage.key).until(200)
        for offer in [o for o in scenario.world.offers() if o.type == "SubmitDeliverable"]:
            scenario.when(scenario.form(offer.duty), by=offer.role).then("deliverable.submitted")
