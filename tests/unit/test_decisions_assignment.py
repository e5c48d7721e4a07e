"""Seating bodies, and the agent's coming and going."""

from datetime import timedelta

import pytest

from domain import commands as c
from domain import events as e
from domain.duties import is_paused, next_due
from domain.events import TYPES, Candidate
from domain.reactions import notices_of
from tests.scenario import AGENT, DAY0, MEMBERS, Scenario, seating, standing_in
from tests.scripted import TEXT

SEAT = c.SeatBody(body="provincial_committee", members=MEMBERS, quorum=3, until=DAY0 + timedelta(days=900))
NOTICE = c.GiveNotice(cause="resignation")
WITHDRAW = c.WithdrawCluster(reason=TEXT)


def seat(**changed) -> Scenario:
    command = SEAT.model_copy(update=changed)
    return standing_in("identified", seated=False).when(command, by="provincial_coordinator")


def effect(scenario: Scenario, kind: str):
    return next(key for key, wish in scenario.cluster.effects.items() if wish.kind == kind)


def candidates(scenario: Scenario, *agents: str) -> Scenario:
    found = tuple(Candidate(agent=agent, points=1, reasons={}) for agent in agents)
    return scenario.when(c.ReportCandidates(effect=effect(scenario, "propose_agent"), candidates=found), by="service")


def assigned(scenario: Scenario, agent: str, refused: str | None = None) -> Scenario:
    answer = c.ReportAssignment(effect=effect(scenario, "assign_agent"), agent=agent, refused=refused)
    return scenario.when(answer, by="service")


def freed(scenario: Scenario, agent: str = AGENT) -> Scenario:
    return scenario.when(c.ReportRelease(effect=effect(scenario, "release_agent"), agent=agent), by="service")


def told_by(scenario: Scenario, fact) -> tuple:
    """Who is told of the fact, as things stand now."""
    return notices_of(TYPES[fact.type].model_validate(fact.data), scenario.cluster)


def left() -> Scenario:
    return freed(standing_in("diagnostic").when(NOTICE, by="cda"))


def choosing() -> Scenario:
    """The registry is asked to count the cluster into the load of p-first."""
    scenario = candidates(standing_in("mobilisation"), "p-first")
    return scenario.when(c.ConfirmAgent(agent="p-first"), by="provincial_ceo")


def test_a_body_that_has_to_decide_must_be_seated():
    standing_in("identified", seated=False).owes("body:provincial_committee").owes_no("body:national_council")
    seat().then("body.seated", "duty.closed").owes_no("body:provincial_committee")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"members": (*MEMBERS[:4], MEMBERS[0])}, "members"),
        ({"quorum": 2}, "quorum"),
        ({"quorum": 6}, "quorum"),
        ({"until": DAY0}, "until"),
        ({"until": DAY0 + timedelta(days=1500)}, "until"),
        ({"body": "national_office"}, "body"),
    ],
)
def test_a_seating_names_each_member_once_more_than_half_and_a_term(changed, field):
    seat(**changed).refused("invalid_field", field)


def test_a_lapsed_seating_is_asked_for_anew_while_the_body_is_needed():
    scenario = standing_in("identified").and_given(seating("provincial_committee", days=50)).until(52)
    scenario.owes("body:provincial_committee")


def test_a_seating_that_nobody_needs_lapses_without_an_alarm():
    # The committee decides nothing in the diagnostic.
    scenario = standing_in("diagnostic").and_given(seating("provincial_committee", days=1)).until(3)
    following = next_due(scenario.cluster)
    assert following is not None
    assert following > scenario.world.now
    scenario.owes_no("body:provincial_committee")


def test_a_body_that_must_grant_an_extension_is_seated_for_it():
    scenario = standing_in("implementation").and_given(seating("provincial_committee", days=1)).later(5)
    scenario.when(c.AskExtension(months=6, reason=TEXT), by="provincial_coordinator").owes("body:provincial_committee")


def test_an_agent_is_sought_proposed_chosen_and_counted():
    scenario = standing_in("mobilisation")
    candidates(scenario, "p-first", "p-second").then("agent.proposed", "duty.opened")
    scenario.when(c.ConfirmAgent(agent="p-third"), by="provincial_ceo").refused("not_proposed")
    scenario.when(c.ConfirmAgent(agent="p-second"), by="provincial_coordinator").refused("role_may_not")
    scenario.when(c.ConfirmAgent(agent="p-second"), by="provincial_ceo").then("duty.closed", "agent.chosen")
    assigned(scenario, "p-second").then("agent.assigned")
    assert scenario.cluster.agent.person == "p-second"


def test_when_nobody_fits_any_agent_may_be_named():
    scenario = candidates(standing_in("mobilisation")).owes("agent")
    scenario.when(c.ConfirmAgent(agent="p-third"), by="provincial_ceo").then("agent.chosen")


def test_when_the_registry_refuses_others_are_sought():
    assigned(choosing(), "p-first", "no_place").then("agent.unavailable", "agent.sought")


@pytest.mark.parametrize("kind", ["propose_agent", "assign_agent"])
def test_when_the_registry_gives_up_a_person_is_asked_and_not_the_registry_again(kind):
    scenario = standing_in("mobilisation")
    if kind == "assign_agent":
        candidates(scenario, "p-first").when(c.ConfirmAgent(agent="p-first"), by="provincial_ceo")
    scenario.when(c.ReportFailure(effect=effect(scenario, kind), reason="gave_up"), by="service")
    scenario.then("effect.failed", "duty.opened").without("agent.sought").owes("agent")


def test_an_answer_that_nobody_awaits_is_refused():
    scenario = standing_in("mobilisation")
    for answer in (c.ReportCandidates(effect="x/1/y", candidates=()), c.ReportAssignment(effect="x/1/y", agent="p-a"),
                   c.ReportRelease(effect="x/1/y", agent="p-a"), c.ReportFailure(effect="x/1/y", reason="gave_up"),
                   ):  # fmt: skip
        scenario.when(answer, by="service").refused("not_awaited")
        Scenario().when(answer, by="service").refused("not_found")


def test_nobody_but_a_service_says_that_a_load_is_freed():
    scenario = standing_in("diagnostic").when(NOTICE, by="cda")
    report = c.ReportRelease(effect=effect(scenario, "release_agent"), agent=AGENT)
    scenario.when(report, by="national_office").refused("role_may_not")


def test_who_leaves_is_counted_out_once_and_before_a_successor_is_sought():
    scenario = standing_in("diagnostic").when(NOTICE, by="cda").without("agent.sought")
    report = c.ReportRelease(effect=effect(scenario, "release_agent"), agent=AGENT)
    scenario.when(report, by="service").then("agent.load_freed", "agent.sought")
    assert [wish.kind for wish in scenario.cluster.effects.values()] == ["propose_agent"]
    scenario.when(report, by="service").refused("not_awaited")


def test_a_successor_is_sought_although_the_predecessor_could_not_be_counted_out():
    scenario = standing_in("diagnostic").when(NOTICE, by="cda")
    scenario.when(c.ReportFailure(effect=effect(scenario, "release_agent"), reason="gave_up"), by="service")
    scenario.then("effect.failed", "duty.opened", "agent.sought").owes(f"effect:release_agent:{AGENT}")


def test_the_agent_of_a_closed_file_is_counted_out():
    scenario = standing_in("diagnostic").when(WITHDRAW, by="national_office")
    report = c.ReportRelease(effect=effect(scenario, "release_agent"), agent=AGENT)
    scenario.when(report, by="service").then("agent.load_freed")
    assert scenario.cluster.effects == {}
    scenario.when(report, by="service").refused("not_awaited")


def test_who_is_counted_in_after_the_file_was_closed_is_counted_out_again():
    scenario = assigned(choosing().when(WITHDRAW, by="national_office"), "p-first")
    scenario.then("agent.assigned", "agent.released")
    assert scenario.cluster.agent is None
    assert not [notice for fact in scenario.last for notice in told_by(scenario, fact)]
    freed(scenario, "p-first").then("agent.load_freed")
    assert scenario.cluster.effects == {}


def test_who_is_counted_in_after_the_exit_is_counted_out_again():
    scenario = choosing().and_given(e.StageEntered(stage="sustained", started_on=DAY0))
    freed(assigned(scenario, "p-first").then("agent.assigned", "agent.released"), "p-first").then("agent.load_freed")
    assert scenario.cluster.agent is None


def test_who_may_have_been_counted_in_for_a_closed_file_is_counted_out():
    scenario = choosing().when(WITHDRAW, by="national_office")
    scenario.when(c.ReportFailure(effect=effect(scenario, "assign_agent"), reason="gave_up"), by="service")
    scenario.then("effect.failed", "agent.released")
    freed(scenario, "p-first").then("agent.load_freed").owes_no("agent")


def test_nobody_is_sought_or_chosen_for_a_closed_file():
    assigned(choosing().when(WITHDRAW, by="national_office"), "p-first", "no_place").without("agent.sought")
    scenario = standing_in("mobilisation").when(WITHDRAW, by="national_office")
    candidates(scenario, "p-first").then("agent.proposed").owes_no("agent")
    assert scenario.cluster.effects == {}


def test_the_office_has_the_agent_of_a_closed_file_counted_out_where_the_registry_gave_up():
    duty = f"effect:release_agent:{AGENT}"
    scenario = standing_in("diagnostic").when(WITHDRAW, by="national_office")
    scenario.when(c.ReportFailure(effect=effect(scenario, "release_agent"), reason="gave_up"), by="service").owes(duty)
    assert {(offer.type, offer.duty) for offer in scenario.world.offers()} == {("AskAgain", duty)}
    scenario.when(c.AskAgain(duty=duty), by="national_office").then("duty.closed", "effect.asked_again")
    freed(scenario).then("agent.load_freed")
    assert scenario.cluster.duties == {}
    assert scenario.world.offers() == []


def test_closing_a_file_does_not_forget_an_agent_whom_the_registry_could_not_count_out():
    duty = f"effect:release_agent:{AGENT}"
    scenario = standing_in("diagnostic").when(NOTICE, by="cda")
    scenario.when(c.ReportFailure(effect=effect(scenario, "release_agent"), reason="gave_up"), by="service")
    scenario.when(WITHDRAW, by="national_office").owes(duty).owes_no("interim")


def test_notice_opens_the_steps_of_the_replacement_with_their_days():
    scenario = standing_in("diagnostic").when(NOTICE, by="cda").then("agent.notice_given")
    freed(scenario.owes("interim", "inventory"))
    days = {duty: (scenario.cluster.duties[duty].due_on - DAY0).days for duty in ("interim", "inventory")}
    assert days["interim"] in range(15, 19)
    assert days["inventory"] in range(20, 24)
    candidates(scenario, "p-next")
    assert (scenario.cluster.duties["agent"].due_on - DAY0).days in range(60, 64)


def test_notice_is_given_once_and_by_the_agent_or_the_ceo():
    scenario = standing_in("diagnostic").when(NOTICE, by="cda", person="p-other").refused("not_the_owner")
    scenario.when(NOTICE, by="provincial_coordinator").refused("role_may_not")
    scenario.when(NOTICE, by="provincial_ceo").then("agent.notice_given")
    scenario.when(NOTICE, by="cda").refused("not_awaited")


def test_the_agents_clocks_stand_and_no_others():
    scenario = left()
    duties = scenario.cluster.duties.values()
    assert all(is_paused(scenario.cluster, duty) is (duty.owner == "cda") for duty in duties)
    scenario.until(70)
    assert not any(f.type == "rung.fired" and f.data["duty"] == "work_plan" for f in scenario.last)


def test_the_successor_has_as_many_days_as_were_left():
    scenario = left().until(70)
    before = dict(scenario.cluster.duties)
    candidates(scenario, "p-next").when(c.ConfirmAgent(agent="p-next"), by="provincial_ceo")
    assigned(scenario, "p-next").then("agent.assigned", "duty.closed", "duty.due_changed").owes_no("interim")
    for key, duty in scenario.cluster.duties.items():
        if duty.owner == "cda" and duty.due_on:
            stood = (scenario.world.today - max(before[key].opened_on, DAY0)).days
            # What opened while the clock stood has stood only since then.
            assert 0 <= (duty.due_on - before[key].due_on).days - stood <= 4, key
    assert scenario.cluster.duties["work_plan"].due_on > before["work_plan"].due_on


def test_what_was_fired_before_the_pause_stays_fired():
    scenario = standing_in("diagnostic").until(16)
    fired = scenario.cluster.duties["work_plan"].rungs
    assert fired
    freed(scenario.when(NOTICE, by="cda")).until(30)
    candidates(scenario, "p-next").when(c.ConfirmAgent(agent="p-next"), by="provincial_ceo")
    assigned(scenario, "p-next")
    assert scenario.cluster.duties["work_plan"].rungs == fired


def test_who_leaves_neither_succeeds_nor_stands_in():
    scenario = left()
    scenario.when(c.NameInterim(person=AGENT), by="provincial_coordinator").refused("not_proposed")
    candidates(scenario, AGENT).when(c.ConfirmAgent(agent=AGENT), by="provincial_ceo").refused("not_proposed")


def test_a_stand_in_is_named_and_the_open_work_listed():
    scenario = left().when(c.NameInterim(person="p-interim"), by="provincial_coordinator")
    scenario.then("duty.closed", "agent.interim_named")
    scenario.when(c.ListInventory(inventory=TEXT), by="cda").then("duty.closed", "agent.inventory_listed")
    scenario.when(c.ListInventory(inventory=TEXT), by="cda").refused("not_owed")


def test_the_agent_of_a_cluster_with_a_past_may_be_named_whoever_is_proposed():
    scenario = Scenario().when(c.ImportCluster(name_fa="خ", province="qom", product="x", status="started"),
                               by="national_office")  # fmt: skip
    candidates(scenario, "p-first").when(c.ConfirmAgent(agent="p-known"), by="provincial_ceo").then("agent.chosen")


def test_without_an_agent_the_clocks_of_a_cluster_with_a_past_stand():
    scenario = Scenario().when(c.ImportCluster(name_fa="خ", province="qom", product="x", status="started"),
                               by="national_office")  # fmt: skip
    scenario.when(c.ConfirmStart(started_on=DAY0 - timedelta(days=30)), by="national_office").until(100)
    assert not any(fact.type == "rung.fired" and fact.data["duty"] == "work_plan" for fact in scenario.last)
    due_on = scenario.cluster.duties["work_plan"].due_on
    candidates(scenario, "p-known").when(c.ConfirmAgent(agent="p-known"), by="provincial_ceo")
    assigned(scenario, "p-known")
    assert scenario.cluster.duties["work_plan"].due_on >= due_on + timedelta(days=100)


def test_events_of_an_agent_keep_who_led_before():
    scenario = standing_in("diagnostic").and_given(e.AgentAssigned(effect="", agent="p-second"))
    assert scenario.cluster.led_by == (AGENT, "p-second")
