"""The licence and the exit, and what happens when a duty stands still or a service gives up."""

from datetime import timedelta

from domain import commands as c
from domain import events as e
from domain.jalali import add_months
from tests.scenario import DAY0, Scenario, sent, standing_in
from tests.scripted import TEXT
from tests.worlds import actor

LICENCE_END = add_months(DAY0, 36)
G9 = [e.DeliverableApproved(duty=key, deliverable=key, round=0)
      for key in ("umbrella_network", "handover_file", "continuity_plan")]  # fmt: skip


def passed() -> Scenario:
    scenario = standing_in("handover").and_given(*G9, e.GateDecided(gate="g8", role="engine", answer="a", passed=True))
    scenario.when(c.OpenFinding(level="note", text=TEXT), by="national_office").owes("g9:national_office")
    answer = next(a.key for a in scenario.cluster.methodology.gate_by_key["g9"][1].answers if a.does == "pass")
    return scenario.when(c.DecideGate(gate="g9", answer=answer), by="national_office").then("licence.wanted")


def licence(scenario: Scenario) -> Scenario:
    effect = next(key for key, wish in scenario.cluster.effects.items() if wish.kind == "issue_licence")
    answer = c.ReportLicence(effect=effect, number="KH-1", code="A", issued_on=DAY0, valid_until=LICENCE_END)
    return scenario.when(answer, by="service")


def after_exit() -> Scenario:
    return licence(passed())


def test_the_exit_is_the_day_the_licence_is_issued():
    scenario = after_exit().then("licence.issued", "stage.left", "agent.released", "stage.entered")
    assert scenario.cluster.stage == "sustained"
    assert scenario.cluster.handed_over_on == DAY0


def test_after_the_exit_nothing_is_left_that_nobody_can_do():
    scenario = after_exit()
    assert {duty.owner for duty in scenario.cluster.duties.values()} <= {"network_lead"}
    assert [stage.key for stage in scenario.cluster.active_stages] == ["sustained"]


def test_a_licence_nobody_asked_for_is_refused():
    answer = c.ReportLicence(effect="x", number="KH-1", code="A", issued_on=DAY0, valid_until=LICENCE_END)
    standing_in("handover").when(answer, by="service").refused("not_awaited")


def test_a_licence_service_that_gives_up_becomes_the_offices_duty():
    scenario = passed()
    effect = next(key for key, wish in scenario.cluster.effects.items() if wish.kind == "issue_licence")
    scenario.when(c.ReportFailure(effect=effect, reason="gave_up"), by="service").owes("effect:issue_licence")
    scenario.when(c.AskAgain(duty="effect:issue_licence"), by="national_office").then("effect.asked_again")
    licence(scenario).then("licence.issued")
    scenario.when(c.AskAgain(duty="effect:issue_licence"), by="national_office").refused("not_owed")


def closed(scenario: Scenario) -> Scenario:
    return scenario.and_given(e.ProgrammeEnded())


def test_a_licence_that_arrives_after_the_file_was_closed_is_on_record_and_no_exit():
    scenario = licence(closed(passed())).then("licence.issued").without("stage.entered")
    assert scenario.cluster.effects == {}


def test_a_licence_service_that_gives_up_on_a_closed_file_is_no_ones_duty():
    scenario = closed(passed())
    effect = next(key for key, wish in scenario.cluster.effects.items() if wish.kind == "issue_licence")
    scenario.when(c.ReportFailure(effect=effect, reason="gave_up"), by="service").then("effect.failed")
    scenario.owes_no("effect:issue_licence")


def renewing(scenario: Scenario, days: int) -> Scenario:
    return scenario.until(days).owes("licence_renewal")


def renewed(scenario: Scenario) -> Scenario:
    scenario.when(scenario.form("licence_renewal"), by="network_lead").then("deliverable.submitted")
    return scenario.when(c.ApproveDeliverable(duty="licence_renewal"), by="national_office").then("licence.renewed")


def test_each_end_of_the_licence_asks_for_a_renewal():
    days = (LICENCE_END - DAY0).days
    scenario = renewed(renewing(after_exit(), days - 30)).owes_no("licence_renewal")
    assert scenario.cluster.licence.valid_until == add_months(LICENCE_END, 36)
    renewed(renewing(scenario, days))
    assert scenario.cluster.licence.valid_until == add_months(add_months(LICENCE_END, 36), 36)


def test_a_lapsed_licence_is_renewed_within_its_window():
    scenario = after_exit().until((LICENCE_END - DAY0).days + 300)
    renewed(scenario)
    assert scenario.cluster.licence.valid_until > scenario.world.today


def test_after_the_window_the_licence_is_lapsed_for_good():
    scenario = after_exit().until((LICENCE_END - DAY0).days + 367).owes_no("licence_renewal")
    closed = [f.data for f in scenario.last if f.type == "duty.closed" and f.data["duty"] == "licence_renewal"]
    assert [one["outcome"] for one in closed] == ["lapsed"]
    scenario.until(2000).owes_no("licence_renewal")


def test_a_check_after_the_exit_says_how_the_network_stands():
    scenario = after_exit().and_given(sent("sustainability_check.2", "sustainability_check"), by=actor("network_lead"))
    scenario.and_given(e.DutyOpened(duty="sustainability_check.2:approval", kind="approval", ladder="approval",
                                    ref="sustainability_check.2", owner="provincial_coordinator", due_on=DAY0,
                                    reason="ladder"))  # fmt: skip
    needs_support = c.ApproveDeliverable(duty="sustainability_check.2", answer="needs_support")
    scenario.when(needs_support, by="provincial_coordinator").then("sustainability.checked")
    assert scenario.fact("sustainability.checked") == {"check": 2, "verdict": "needs_support"}


def stalled() -> Scenario:
    return standing_in("identified").until(135).owes("review:cluster_profile")


def review(answer: str, days: int | None = None) -> c.ReviewStall:
    due_on = None if days is None else DAY0 + timedelta(days=days)
    data = {"duty": "review:cluster_profile", "answer": answer, "reason": TEXT, "due_on": due_on}
    return c.ReviewStall.model_validate(data)


def test_a_stalled_duty_is_reviewed_by_the_office():
    stalled().when(review("continue"), by="provincial_ceo").refused("role_may_not")
    stalled().when(review("continue"), by="national_office").then("duty.closed", "stall.reviewed")


def test_a_new_date_lies_ahead_and_within_a_year():
    stalled().when(review("give_new_date"), by="national_office").refused("invalid_field", "due_on")
    stalled().when(review("give_new_date", 130), by="national_office").refused("invalid_field", "due_on")
    stalled().when(review("give_new_date", 900), by="national_office").refused("invalid_field", "due_on")


def test_a_new_date_is_reminded_of_like_the_first():
    scenario = stalled().when(review("give_new_date", 200), by="national_office").then("duty.due_changed").until(66)
    fired = [f.data["rung"] for f in scenario.last if f.type == "rung.fired" and f.data["duty"] == "cluster_profile"]
    assert fired == ["pre14", "pre7", "pre1", "due"]


def test_the_review_of_what_is_done_is_over():
    scenario = stalled()
    scenario.when(scenario.form("cluster_profile"), by="provincial_coordinator").owes_no("review:cluster_profile")


def test_a_stray_cancel_is_on_record_and_changes_nothing():
    scenario = standing_in("identified")
    duties = scenario.cluster.duties
    scenario.when(c.ReportCancel(), by="engine").then("engine.cancel_ignored")
    assert scenario.cluster.duties == duties
