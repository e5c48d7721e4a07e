"""Answering what waits for a decision: as the approver, as a member of a body, as who decides a gate."""

from datetime import timedelta

import pytest

from domain import commands as c
from domain import events as e
from domain.bodies import electors
from tests.scenario import AGENT, DAY0, MEMBERS, Scenario, asked, seating, sent, standing_in
from tests.scripted import TEXT
from tests.worlds import actor

APPROVE = c.ApproveDeliverable(duty="cluster_profile")
RETURN = c.ReturnDeliverable(duty="cluster_profile", reason=TEXT)
G0 = [e.DeliverableApproved(duty=key, deliverable=key, round=0) for key in ("cluster_profile", "priority_score")]


def waiting(by=None, version: int = 0) -> Scenario:
    scenario = standing_in("identified")
    return scenario.and_given(
        e.DutyClosed(duty="cluster_profile", outcome="done"),
        sent("cluster_profile", "cluster_profile", version=version),
        asked("cluster_profile:approval", "approval", "provincial_ceo", "cluster_profile"),
        by=by or actor("provincial_coordinator"),
    )


def report(by=None, version: int = 0) -> Scenario:
    """A diagnostic report before the steering council: five members, three votes decide."""
    return standing_in("diagnostic").and_given(
        e.DutyClosed(duty="diagnostic_report", outcome="done"),
        sent("diagnostic_report", "diagnostic_report", version=version),
        asked("diagnostic_report:approval", "approval", "steering_council", "diagnostic_report"),
        by=by or actor("cda", AGENT),
    )


def vote(scenario: Scenario, member: str, answer: str, **more) -> Scenario:
    reason = None if answer in ("approve", "grant", "accept", "shortlist") else TEXT
    command = c.CastVote(duty="diagnostic_report:approval", answer=answer, reason=reason)
    return scenario.when(command, by="steering_council", person=member, **more)


def gate() -> Scenario:
    return standing_in("identified").and_given(*G0).when(
        c.RemindNow(duty="cluster_profile"), by="national_office").owes("g0:provincial_committee")  # fmt: skip


def test_the_approver_approves_and_the_work_counts():
    waiting().when(APPROVE, by="provincial_ceo").then("duty.closed", "deliverable.approved")


def test_nobody_approves_what_they_wrote():
    author = actor("provincial_coordinator", "p-same")
    waiting(author).when(APPROVE, by="provincial_ceo", person="p-same").refused("own_work")
    waiting(author).when(RETURN, by="provincial_ceo", person="p-same").refused("own_work")


def test_four_eyes_see_through_delegation_on_either_side():
    delegated = actor("provincial_coordinator", "p-clerk", on_behalf_of="p-chief")
    waiting(delegated).when(APPROVE, by="provincial_ceo", person="p-chief").refused("own_work")
    waiting(delegated).when(APPROVE, by="provincial_ceo", person="p-clerk").refused("own_work")
    waiting(delegated).when(APPROVE, by="provincial_ceo", person="p-x", on_behalf_of="p-clerk").refused("own_work")


def test_only_the_approver_answers():
    waiting().when(APPROVE, by="national_office").refused("role_may_not")


def test_what_was_not_sent_is_not_awaited():
    standing_in("identified").when(APPROVE, by="provincial_ceo").refused("not_awaited")


def test_an_answer_is_given_where_one_is_asked_for_and_only_there():
    waiting().when(c.ApproveDeliverable(duty="cluster_profile", answer="yes"), by="provincial_ceo").refused(
        "wrong_answer"
    )


def test_returned_work_is_owed_again_as_the_next_version():
    scenario = waiting().when(RETURN, by="provincial_ceo").then("duty.closed", "deliverable.returned", "duty.opened")
    duty = scenario.cluster.duties["cluster_profile"]
    assert (duty.round, duty.reason) == (1, "rework")


def test_the_last_version_is_not_returned():
    waiting(version=2).when(RETURN, by="provincial_ceo").refused("rounds_exhausted")
    vote(report(version=2), MEMBERS[0], "return").refused("rounds_exhausted")


def test_a_body_does_not_approve_or_return_by_one_person():
    one = c.ApproveDeliverable(duty="diagnostic_report")
    report().when(one, by="steering_council", person=MEMBERS[0]).refused("wrong_answer", "type")


def test_the_body_has_answered_when_quorum_is_cast_and_one_answer_leads():
    scenario = report()
    vote(scenario, MEMBERS[0], "approve").without("deliverable.approved")
    vote(scenario, MEMBERS[1], "return").without("deliverable.approved")
    vote(scenario, MEMBERS[2], "approve").then("vote.cast", "duty.closed", "deliverable.approved")


def test_a_member_votes_once_in_person_and_with_a_reason_to_return():
    scenario = report()
    vote(scenario, MEMBERS[0], "approve")
    vote(scenario, MEMBERS[0], "return").refused("already_voted")
    vote(scenario, MEMBERS[1], "approve", on_behalf_of=MEMBERS[2]).refused("not_seated")
    without = c.CastVote(duty="diagnostic_report:approval", answer="return")
    scenario.when(without, by="steering_council", person=MEMBERS[1]).refused("reason_needed")
    vote(scenario, MEMBERS[1], "perhaps").refused("wrong_answer")


def test_only_who_is_seated_votes_and_only_while_seated():
    vote(report(), "p-guest", "approve").refused("not_seated")
    lapsed = report().and_given(seating("steering_council", days=5)).later(6)
    vote(lapsed, MEMBERS[0], "approve").refused("not_seated")


def test_an_author_does_not_vote_on_the_own_work():
    vote(report(actor("cda", AGENT, on_behalf_of=MEMBERS[0])), MEMBERS[0], "approve").refused("own_work")


def test_a_tie_of_all_who_may_vote_goes_to_the_careful_answer():
    # Of five members one wrote the report: four votes are all there can be.
    scenario = report(actor("cda", AGENT, on_behalf_of=MEMBERS[4]))
    vote(scenario, MEMBERS[0], "approve")
    vote(scenario, MEMBERS[1], "approve")
    scenario.and_given(e.VoteCast(duty="diagnostic_report:approval", answer="return", reason=TEXT),
                       by=actor("steering_council", MEMBERS[2]))  # fmt: skip
    vote(scenario, MEMBERS[3], "return").then("vote.cast", "deliverable.returned")


def test_the_votes_of_a_former_seating_do_not_count():
    scenario = report()
    vote(scenario, MEMBERS[0], "approve")
    vote(scenario, MEMBERS[1], "approve")
    scenario.and_given(seating("steering_council", ("p-new-1", "p-new-2", "p-new-3"), quorum=2))
    vote(scenario, MEMBERS[2], "approve").refused("not_seated")
    vote(scenario, "p-new-1", "return").without("deliverable.returned")
    vote(scenario, "p-new-2", "return").then("deliverable.returned")


def test_a_body_that_cannot_reach_its_quorum_must_be_seated_anew():
    scenario = report(actor("cda", AGENT, on_behalf_of=MEMBERS[0]))
    scenario.and_given(seating("steering_council", MEMBERS[:3], quorum=3))
    scenario.when(c.RemindNow(duty="work_plan"), by="national_office").owes("body:steering_council")
    assert electors(scenario.cluster, scenario.cluster.duties["diagnostic_report:approval"], DAY0) == MEMBERS[1:3]


def test_the_reason_of_a_concluded_return_is_of_a_vote_for_it():
    scenario = report()
    vote(scenario, MEMBERS[0], "return")
    vote(scenario, MEMBERS[1], "return")
    vote(scenario, MEMBERS[2], "approve").then("deliverable.returned")
    assert "reason" not in scenario.fact("deliverable.returned")


def test_what_must_hold_before_an_approval_is_told():
    scenario = standing_in("action_plan").and_given(
        sent("action_plan_document", "action_plan_document", {"activities": []}),
        asked("action_plan_document:approval", "approval", "steering_council", "action_plan_document"),
    )
    for_it = c.CastVote(duty="action_plan_document:approval", answer="approve")
    scenario.when(for_it, by="steering_council", person=MEMBERS[0]).refused("approval_blocked")
    assert scenario.refusal is not None
    assert "g4" in scenario.refusal.rule


def test_a_critical_finding_stops_the_money():
    scenario = standing_in("implementation").and_given(
        e.TranchesPlanned(rows=(e.PlannedTranche(tranche=1, amount=5, planned_on=DAY0),)),
        e.FindingOpened(finding=1, level="critical", text=TEXT),
        sent("tranche_request.1", "tranche_request", {"amount": 5}),
        asked("tranche_request.1:approval", "approval", "provincial_committee", "tranche_request.1"),
    )
    for_it = c.CastVote(duty="tranche_request.1:approval", answer="approve")
    scenario.when(for_it, by="provincial_committee", person=MEMBERS[0]).refused("finding_blocks")


def test_a_gate_is_asked_when_its_conditions_hold():
    standing_in("identified").when(c.DecideGate(gate="g0", answer="shortlist"), by="national_office").refused(
        "gate_closed"
    )
    gate()


def test_a_gate_passed_by_all_who_decide_begins_the_next_stage():
    scenario = gate()
    for member in MEMBERS[:3]:
        scenario.when(c.CastVote(duty="g0:provincial_committee", answer="shortlist"), by="provincial_committee",
                      person=member)  # fmt: skip
    scenario.then("gate.decided", "stage.left", "stage.entered")
    assert scenario.cluster.stage == "feasibility"


def test_a_gate_on_hold_asks_again_and_rings_no_alarm_in_vain():
    scenario = gate()
    hold = c.CastVote(duty="g0:provincial_committee", answer="park", reason=TEXT)
    for member in MEMBERS[:3]:
        scenario.when(hold, by="provincial_committee", person=member)
    scenario.then("gate.decided").owes_no("g0:provincial_committee")
    # Meanwhile a condition no longer holds: the day of asking again comes and goes.
    scenario.and_given(e.DeliverableReopened(deliverable="priority_score")).until(400)
    scenario.and_given(G0[1]).when(c.RemindNow(duty="cluster_profile"), by="national_office")
    scenario.owes("g0:provincial_committee")


def test_a_stopped_gate_closes_the_file_with_a_reason():
    scenario = gate()
    stop = c.CastVote(duty="g0:provincial_committee", answer="reject")
    scenario.when(stop, by="provincial_committee", person=MEMBERS[0]).refused("reason_needed")
    for member in MEMBERS[:3]:
        scenario.when(stop.model_copy(update={"reason": TEXT}), by="provincial_committee", person=member)
    scenario.then("gate.decided", "programme.ended")
    assert scenario.cluster.duties == {}


def test_rework_reopens_what_the_gate_asked_for():
    approved = [e.DeliverableApproved(duty=key, deliverable=key, round=0)
                for key in ("diagnostic_report", "baseline_indicators", "social_network_baseline")]  # fmt: skip
    scenario = standing_in("diagnostic").and_given(*approved)
    scenario.when(c.RemindNow(duty="work_plan"), by="national_office").owes("g3:steering_council")
    scenario.and_given(e.DutyClosed(duty="diagnostic_report", outcome="done"))
    rework = c.CastVote(duty="g3:steering_council", answer="rework", reason=TEXT)
    for member in MEMBERS[:3]:
        scenario.when(rework, by="steering_council", person=member)
    scenario.then("deliverable.reopened", "duty.opened").owes("diagnostic_report").owes_no("g3:steering_council")


def office_gate() -> Scenario:
    approved = [e.DeliverableApproved(duty=key, deliverable=key, round=0)
                for key in ("feasibility_report", "development_permit")]  # fmt: skip
    scenario = standing_in("feasibility").and_given(*approved)
    return scenario.when(c.RemindNow(duty="feasibility_report"), by="national_office").owes("g1:national_office")


def test_an_office_decides_a_gate_alone_and_gives_reasons_against_it():
    scenario = office_gate()
    answers = {answer.key: answer.does for answer in scenario.cluster.methodology.gate_by_key["g1"][1].answers}
    against = next(key for key, does in answers.items() if does != "pass")
    scenario.when(c.DecideGate(gate="g1", answer=against), by="national_office").refused("reason_needed")
    scenario.when(c.DecideGate(gate="g1", answer="perhaps"), by="national_office").refused("wrong_answer")
    scenario.when(c.DecideGate(gate="g77", answer="go"), by="national_office").refused("invalid_field", "gate")
    scenario.when(c.DecideGate(gate="g1", answer="go"), by="provincial_ceo").refused("not_owed")
    passing = next(key for key, does in answers.items() if does == "pass")
    scenario.when(c.DecideGate(gate="g1", answer=passing), by="national_office").then("stage.entered")


def test_a_stage_never_begins_before_the_one_it_follows():
    scenario = office_gate()
    passing = next(a.key for a in scenario.cluster.methodology.gate_by_key["g1"][1].answers if a.does == "pass")
    scenario.when(c.DecideGate(gate="g1", answer=passing), by="national_office", occurred=-20)
    assert scenario.cluster.stages["mobilisation"].started_on == DAY0


def test_a_body_does_not_decide_a_gate_by_one_person():
    alone = c.DecideGate(gate="g0", answer="shortlist")
    gate().when(alone, by="provincial_committee", person=MEMBERS[0]).refused("wrong_answer", "type")


@pytest.mark.parametrize(("by", "code"), [("provincial_ceo", "role_may_not"), ("national_office", "")])
def test_a_condition_is_waived_by_the_role_above(by, code):
    scenario = standing_in("identified").when(c.WaiveCondition(gate="g0", condition=1, reason=TEXT), by=by)
    scenario.refused(code) if code else scenario.then("gate.condition_waived")


def test_only_what_is_lacking_in_an_active_stage_is_waived():
    scenario = standing_in("identified").and_given(G0[0])
    holds = c.WaiveCondition(gate="g0", condition=0, reason=TEXT)
    scenario.when(holds, by="national_office").refused("condition_holds")
    later = c.WaiveCondition(gate="g5", condition=0, reason=TEXT)
    scenario.when(later, by="national_office").refused("gate_closed")
    never = standing_in("handover").when(c.WaiveCondition(gate="g9", condition=0, reason=TEXT), by="national_office")
    never.refused("role_may_not")


def test_a_waived_condition_lets_the_gate_be_asked():
    scenario = standing_in("identified").and_given(G0[0])
    waive = c.WaiveCondition(gate="g0", condition=1, reason=TEXT)
    scenario.when(waive, by="national_office").then("gate.condition_waived", "gate.asked")
    assert timedelta(0) < scenario.cluster.duties["g0:provincial_committee"].due_on - DAY0
