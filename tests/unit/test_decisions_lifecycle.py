"""Opening a file, entering one with a past, confirming its dates, taking it back."""

from datetime import timedelta

import pytest

from domain import commands as c
from domain import events as e
from domain.refusals import Refused
from tests.scenario import DAY0, FILE, PASS, Scenario, given, standing_in
from tests.scripted import TEXT
from tests.worlds import METHODOLOGY, actor

IDENTITY = {"name_fa": "کفش قم", "province": "qom", "product": "footwear"}
IDENTIFY = c.IdentifyCluster(**IDENTITY)
WITHDRAW = c.WithdrawCluster(reason=TEXT)
EIGHT_YEARS_AGO = DAY0 - timedelta(days=8 * 365)


def coming_in(status: str) -> Scenario:
    return Scenario().when(c.ImportCluster(**IDENTITY, status=status), by="national_office")


def test_identifying_opens_the_file_and_its_first_stage():
    Scenario().when(IDENTIFY, by="provincial_coordinator").then("cluster.identified", "stage.entered", "duty.opened")


def test_a_file_is_opened_once():
    given(FILE).when(IDENTIFY, by="provincial_coordinator").refused("already_open")


def test_a_province_opens_files_of_its_own_only():
    Scenario().when(IDENTIFY, by="provincial_coordinator", scope="province/yazd").refused("out_of_scope", "province")


def test_a_role_of_a_province_has_no_say_in_the_nation():
    Scenario().when(IDENTIFY, by="provincial_coordinator", scope="nation").refused("out_of_scope", "actor.scope")


def test_a_cluster_that_nobody_opened_is_not_found():
    Scenario().when(WITHDRAW, by="national_office").refused("not_found")


@pytest.mark.parametrize("opening", METHODOLOGY.opening, ids=lambda opening: opening.status)
def test_a_status_decides_the_stage_and_nothing_of_the_past_is_invented(opening):
    scenario = coming_in(opening.status).then("cluster.imported", "stage.entered")
    cluster = scenario.cluster
    assert cluster.stage == opening.stage
    assert cluster.clock is None
    first = opening.stage == METHODOLOGY.main_track[0].key
    assert (cluster.stages[opening.stage].started_on is None) is not first
    assert ("start_date" in cluster.duties) is not first
    assert ("licence_statement" in cluster.duties) is opening.finished


def test_an_unknown_status_is_told_with_the_known_ones():
    scenario = coming_in("flourishing").refused("invalid_field", "status")
    assert scenario.refusal is not None
    assert "started" in scenario.refusal.allowed


def test_parallel_tracks_begin_with_the_stage_they_start_with():
    assert "trust_building" not in coming_in("permit_issued").cluster.stages
    assert "trust_building" in coming_in("started").cluster.stages


def test_a_plan_made_before_the_file_was_opened_is_stated_and_not_judged_anew():
    scenario = coming_in("in_development")
    scenario.owes("action_plan_document", "budget_release_plan")


def test_a_confirmed_start_gives_dates_to_what_had_none():
    scenario = coming_in("started").when(c.ConfirmStart(started_on=DAY0 - timedelta(days=200)), by="national_office")
    scenario.then("stage.start_confirmed", "clock.started", "duty.due_changed").owes_no("start_date")
    assert all(duty.due_on is not None for duty in scenario.cluster.duties.values())
    # Nothing is due before anybody could have known.
    assert all(duty.due_on > DAY0 for duty in scenario.cluster.duties.values())


def test_reports_of_the_time_before_the_start_was_known_are_not_owed():
    late = coming_in("started").until(400).when(c.ConfirmStart(started_on=DAY0), by="provincial_coordinator")
    assert not any(duty.due_on < DAY0 + timedelta(days=400) for duty in late.cluster.duties.values()
                   if duty.kind == "deliverable")  # fmt: skip


def test_the_terms_start_is_not_guessed_where_it_lies_before_the_stage():
    scenario = coming_in("in_development")
    scenario.when(c.ConfirmStart(started_on=DAY0), by="national_office").refused("missing_field", "clock_started_on")
    start = c.ConfirmStart(started_on=DAY0, clock_started_on=DAY0 - timedelta(days=300))
    scenario.when(start, by="national_office").then("clock.started")


def test_a_start_lies_in_the_past_and_the_terms_not_after_the_stages():
    scenario = coming_in("started")
    scenario.when(c.ConfirmStart(started_on=DAY0 + timedelta(days=1)), by="national_office").refused("in_the_future")
    late = c.ConfirmStart(started_on=DAY0 - timedelta(days=9), clock_started_on=DAY0)
    scenario.when(late, by="national_office").refused("invalid_field", "clock_started_on")


def test_a_start_is_confirmed_once():
    standing_in("diagnostic").when(c.ConfirmStart(started_on=DAY0), by="national_office").refused("not_owed")


def test_a_term_long_over_is_a_question_at_once_and_not_an_end():
    start = c.ConfirmStart(started_on=DAY0 - timedelta(days=5 * 365))
    coming_in("started").when(start, by="national_office").owes("term")


def finished() -> Scenario:
    return coming_in(next(opening.status for opening in METHODOLOGY.opening if opening.finished))


def test_of_an_exit_years_back_no_check_and_no_lapsed_renewal_is_owed():
    scenario = finished().when(c.ConfirmStart(started_on=EIGHT_YEARS_AGO), by="national_office")
    licence = c.StateLicence(number="12", valid_until=EIGHT_YEARS_AGO + timedelta(days=3 * 365))
    scenario.when(licence, by="provincial_coordinator").then("licence.stated")
    assert scenario.cluster.duties == {}
    scenario.until(3000)
    assert scenario.last == []


def test_a_stated_licence_that_can_still_be_renewed_is_asked_for():
    scenario = finished().when(c.ConfirmStart(started_on=EIGHT_YEARS_AGO), by="national_office")
    scenario.when(c.StateLicence(number="12", valid_until=DAY0 - timedelta(days=100)), by="national_office")
    scenario.owes("licence_renewal")


def test_a_licence_has_number_and_term_or_neither():
    finished().when(c.StateLicence(number="12"), by="national_office").refused("missing_field", "valid_until")
    finished().when(c.StateLicence(valid_until=DAY0), by="national_office").refused("missing_field", "number")
    finished().when(c.StateLicence(), by="national_office").then("licence.stated")


def test_a_withdrawn_file_is_closed_for_good():
    scenario = standing_in("identified").when(WITHDRAW, by="provincial_coordinator").then("cluster.withdrawn")
    assert scenario.cluster.duties == {}
    assert scenario.until(900).last == []
    scenario.when(WITHDRAW, by="provincial_coordinator").refused("not_open")


def test_withdrawing_frees_the_agent():
    standing_in("diagnostic").when(WITHDRAW, by="national_office").then("agent.released", "cluster.withdrawn")


def test_nothing_is_withdrawn_after_the_first_approval():
    approved = e.DeliverableApproved(duty="cluster_profile", deliverable="cluster_profile", round=0)
    standing_in("identified").and_given(approved).when(WITHDRAW, by="national_office").refused("already_approved")


def test_moments_lie_in_the_last_thirty_days():
    new = Scenario()
    new.when(IDENTIFY, by="provincial_coordinator", occurred=-31).refused("too_long_ago")
    new.when(IDENTIFY, by="provincial_coordinator", occurred=1).refused("in_the_future")
    new.when(IDENTIFY, by="provincial_coordinator", occurred=-29).then("cluster.identified")
    assert new.cluster.stages["identified"].started_on == DAY0 - timedelta(days=29)


def test_who_decided_on_an_older_state_is_told():
    standing_in("identified").when(WITHDRAW, by="national_office", expected_seq=1).refused("stale")


@pytest.mark.parametrize("role", ["engine", "service", "auditor", "nobody"])
def test_nobody_asks_as_the_engine_or_in_a_role_that_only_reads(role):
    scenario = Scenario()
    with pytest.raises(Refused, match="role_may_not"):
        scenario.world.ask(IDENTIFY, actor(role))


def test_the_engines_own_requests_are_nobodys():
    scenario = standing_in("identified")
    with pytest.raises(Refused, match="role_may_not"):
        scenario.world.ask(PASS, actor("national_office"))
