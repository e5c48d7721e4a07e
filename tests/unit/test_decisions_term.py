"""The agent's term: asking for more months, granting them, or ending the programme."""

from datetime import timedelta

from domain import commands as c
from domain import events as e
from domain.jalali import add_months
from tests.scenario import DAY0, MEMBERS, Scenario, standing_in
from tests.scripted import TEXT

ASK = c.AskExtension(months=12, reason=TEXT)
END = add_months(DAY0, 36)
GRANT = c.DecideExtension(answer="grant")


def asked(months: int = 12) -> Scenario:
    scenario = standing_in("implementation")
    return scenario.when(c.AskExtension(months=months, reason=TEXT), by="provincial_coordinator")


def granted(scenario: Scenario) -> Scenario:
    for body in ("steering_council", "provincial_committee"):
        for member in MEMBERS[:3]:
            scenario.when(c.CastVote(duty=f"extension:{body}", answer="grant"), by=body, person=member).then(
                "vote.cast"
            )
    return scenario.when(GRANT, by="national_office")


def test_an_extension_asks_everybody_the_methodology_names():
    asked().owes("extension:steering_council", "extension:provincial_committee", "extension:national_office")


def test_the_last_grant_makes_the_term_longer():
    scenario = granted(asked()).then("extension.decided", "term.extended")
    assert scenario.cluster.clock.ends_on == add_months(END, 12)
    assert scenario.cluster.extension is None


def test_one_refusal_ends_the_asking_and_needs_a_reason():
    scenario = asked().when(c.DecideExtension(answer="refuse"), by="national_office").refused("reason_needed")
    refuse = c.DecideExtension(answer="refuse", reason=TEXT)
    scenario.when(refuse, by="national_office").then("extension.decided").owes_no("extension:steering_council")
    assert scenario.cluster.clock.ends_on == END
    scenario.when(ASK, by="provincial_coordinator").then("extension.asked")


def test_extensions_sum_up_to_no_more_than_the_methodology_allows():
    scenario = granted(asked(20))
    scenario.when(c.AskExtension(months=5, reason=TEXT), by="provincial_coordinator").refused("extension_too_long")
    scenario.when(c.AskExtension(months=4, reason=TEXT), by="provincial_coordinator").then("extension.asked")


def test_who_asked_does_not_grant_neither_in_person_nor_for_another():
    scenario = standing_in("implementation").when(ASK, by="national_office", on_behalf_of="p-chief")
    scenario.when(GRANT, by="national_office").refused("own_work")
    scenario.when(GRANT, by="national_office", person="p-chief").refused("own_work")
    scenario.when(GRANT, by="national_office", person="p-deputy", on_behalf_of="p-chief").refused("own_work")
    scenario.when(GRANT, by="national_office", person="p-deputy").then("extension.decided")


def test_a_body_does_not_decide_by_one_person():
    asked().when(GRANT, by="steering_council").refused("wrong_answer", "type")


def test_there_is_nothing_to_extend_before_the_term_or_twice_at_once():
    standing_in("mobilisation").when(ASK, by="provincial_coordinator").refused("no_extension")
    asked().when(ASK, by="provincial_coordinator").refused("no_extension")


def test_at_the_end_of_the_term_the_office_is_asked_and_nothing_ends():
    scenario = standing_in("implementation").until((END - DAY0).days + 1).owes("term")
    assert scenario.cluster.is_open
    scenario.when(c.EndProgramme(reason=TEXT), by="national_office").then("agent.released", "programme.ended")
    assert scenario.until(1000).last == []


def test_the_question_of_the_term_is_answered_by_an_extension_too():
    scenario = standing_in("implementation").until((END - DAY0).days + 1).when(ASK, by="provincial_coordinator")
    granted(scenario).then("term.extended").owes_no("term")
    assert scenario.cluster.clock.ends_on > scenario.world.today


def test_a_refused_extension_after_the_end_brings_the_question_back():
    scenario = standing_in("implementation").when(ASK, by="provincial_coordinator").until((END - DAY0).days + 1)
    refuse = c.DecideExtension(answer="refuse", reason=TEXT)
    scenario.owes_no("term").when(refuse, by="national_office").then("duty.opened").owes("term")


def test_a_programme_is_ended_when_its_term_has_run_out():
    standing_in("implementation").when(c.EndProgramme(reason=TEXT), by="national_office").refused("term_runs")


def test_an_extension_moves_what_is_counted_from_the_end():
    scenario = standing_in("handover")
    before = scenario.cluster.duties["handover_file"].due_on
    granted(scenario.when(ASK, by="provincial_coordinator")).then("term.extended", "duty.due_changed")
    duty = scenario.cluster.duties["handover_file"]
    assert duty.due_on >= before + timedelta(days=360)
    assert duty.reason == "extension"


def test_an_evaluation_that_was_not_passed_is_made_again_in_the_longer_term():
    failed = e.EvaluationCompleted(effect="", duty="final_evaluation", total=50, criteria={}, band="not_yet",
                                   passed=False, network_before={}, network_after={})  # fmt: skip
    approved = e.DeliverableApproved(duty="final_evaluation", deliverable="final_evaluation", round=0)
    scenario = standing_in("handover").and_given(failed, approved)
    scenario.world.cluster = scenario.cluster.model_copy(update={"opened": {"final_evaluation": 1}})
    granted(scenario.when(ASK, by="provincial_coordinator")).then("deliverable.reopened").owes("final_evaluation")
