"""Scores of the raters, what settles them, and findings of the supervision."""

from domain import commands as c
from domain import events as e
from domain.events import Score
from tests.scenario import AGENT, DAY0, Scenario, standing_in
from tests.scripted import TEXT
from tests.worlds import METHODOLOGY

CRITERIA = [criterion.key for criterion in METHODOLOGY.rubric.criteria]
DUTY = "final_evaluation"
OWED = e.DutyOpened(duty=DUTY, kind="deliverable", ref=DUTY, owner="evaluator", due_on=DAY0, reason="stage_rule",
                    ladder="standard")  # fmt: skip


def sheet(points: int, evidence: tuple[str, ...] = (TEXT,)) -> c.ScoreEvaluation:
    return c.ScoreEvaluation(duty=DUTY, scores={key: Score(points=points, evidence=evidence) for key in CRITERIA})


def owed() -> Scenario:
    return standing_in("handover").and_given(OWED)


def scored(*points: int) -> Scenario:
    scenario = owed()
    for n, given in enumerate(points):
        scenario.when(sheet(given), by="evaluator", person=f"p-rater-{n}")
    return scenario


def evaluated(total: int = 80, passed: bool = True) -> Scenario:
    scenario = scored(80, 80)
    effect = next(key for key, wish in scenario.cluster.effects.items() if wish.kind == "evaluate")
    answer = c.ReportEvaluation(effect=effect, duty=DUTY, total=total, criteria={}, band="good", passed=passed,
                                network_before={}, network_after={})  # fmt: skip
    return scenario.when(answer, by="service")


def test_two_sheets_that_agree_ask_for_the_evaluation():
    scored(80).then("evaluation.scored").without("evaluation.wanted")
    scored(80, 70).then("evaluation.scored", "evaluation.wanted")


def test_sheets_far_apart_open_a_moderation():
    scored(90, 60).then("evaluation.moderation_opened", "duty.opened").owes(f"{DUTY}:moderation")


def test_a_score_without_evidence_counts_nothing():
    scenario = owed().when(sheet(80, ()), by="evaluator", person="p-rater-0")
    assert set(scenario.cluster.evaluations[DUTY].sheets["p-rater-0"].values()) == {0}


def test_each_rater_scores_once_also_through_delegation():
    scenario = owed().when(sheet(80), by="evaluator", person="p-clerk", on_behalf_of="p-rater")
    scenario.when(sheet(80), by="evaluator", person="p-rater").refused("already_scored")
    scenario.when(sheet(80), by="evaluator", person="p-clerk").refused("already_scored")
    scenario.when(sheet(80), by="evaluator", person="p-x", on_behalf_of="p-clerk").refused("already_scored")
    scored(80, 80).when(sheet(80), by="evaluator", person="p-third").refused("already_scored")


def test_nobody_rates_a_cluster_they_lead_or_led():
    scenario = owed().and_given(e.AgentAssigned(effect="", agent="p-second"))
    for person in (AGENT, "p-second"):
        scenario.when(sheet(80), by="evaluator", person=person).refused("conflict_of_interest")
    scenario.when(sheet(80), by="evaluator", person="p-x", on_behalf_of=AGENT).refused("conflict_of_interest")


def test_a_sheet_scores_every_criterion_of_the_rubric():
    partial = c.ScoreEvaluation(duty=DUTY, scores={CRITERIA[0]: Score(points=1)})
    owed().when(partial, by="evaluator").refused("invalid_field", "scores")


def test_what_is_scored_is_not_sent_and_what_is_sent_not_scored():
    owed().when(c.SubmitDeliverable(duty=DUTY, values={}), by="evaluator").refused("wrong_answer", "type")
    other = sheet(80).model_copy(update={"duty": "handover_file"})
    owed().when(other, by="cda").refused("wrong_answer", "type")


def moderation(**scores: int) -> c.ModerateEvaluation:
    return c.ModerateEvaluation(duty=DUTY, scores=scores or dict.fromkeys(CRITERIA, 70), reason=TEXT)


def test_a_moderation_settles_what_is_apart_and_nothing_else():
    scored(90, 60).when(moderation(relevance=70), by="national_office").refused("invalid_field", "scores")
    scored(90, 60).when(moderation(), by="national_office").then("evaluation.moderated", "evaluation.wanted")


def test_a_rater_does_not_moderate():
    scored(90, 60).when(moderation(), by="national_office", person="p-rater-0").refused("own_work")


def test_there_is_nothing_to_moderate_where_the_sheets_agree():
    scored(80, 80).when(moderation(), by="national_office").refused("no_moderation")


def test_the_computed_evaluation_waits_for_its_approval():
    evaluated().then("evaluation.completed", "deliverable.submitted", "duty.opened").owes(f"{DUTY}:approval")


def test_a_rater_does_not_approve_the_evaluation():
    approve = c.ApproveDeliverable(duty=DUTY)
    evaluated().when(approve, by="national_office", person="p-rater-1").refused("own_work")
    evaluated().when(approve, by="national_office").then("deliverable.approved")


def test_a_returned_evaluation_is_scored_anew():
    scenario = evaluated().when(c.ReturnDeliverable(duty=DUTY, reason=TEXT), by="national_office")
    scenario.then("deliverable.returned", "duty.opened")
    assert DUTY not in scenario.cluster.evaluations
    scenario.when(sheet(60), by="evaluator", person="p-rater-0").then("evaluation.scored")


def test_passing_needs_more_than_the_total():
    failed = evaluated(total=75, passed=False)
    assert failed.cluster.evaluation_total == 75
    assert failed.cluster.evaluation_passed is False


def test_an_evaluation_nobody_awaits_is_refused():
    answer = c.ReportEvaluation(effect="x", duty=DUTY, total=1, criteria={}, band="good", passed=True,
                                network_before={}, network_after={})  # fmt: skip
    owed().when(answer, by="service").refused("not_awaited")


def test_a_service_that_gives_up_becomes_somebodys_duty():
    scenario = scored(80, 80)
    effect = next(key for key, wish in scenario.cluster.effects.items() if wish.kind == "evaluate")
    scenario.when(c.ReportFailure(effect=effect, reason="gave_up"), by="service").then("effect.failed", "duty.opened")
    again = c.AskAgain(duty=f"effect:evaluate:{DUTY}")
    scenario.owes(again.duty).when(again, by="provincial_ceo").refused("role_may_not")
    scenario.when(again, by="national_office").then("duty.closed", "effect.asked_again")
    assert [wish.ref for wish in scenario.cluster.effects.values() if wish.kind == "evaluate"] == [DUTY]


FINDING = c.OpenFinding(level="major", text=TEXT)


def found() -> Scenario:
    return standing_in("diagnostic").when(FINDING, by="technical_supervisor")


def test_a_finding_is_answered_by_who_leads_and_closed_by_the_supervision():
    scenario = found().then("finding.opened", "duty.opened").owes("finding.1")
    scenario.when(c.CloseFinding(finding=1), by="technical_supervisor").refused("not_open_finding")
    scenario.when(c.AnswerFinding(finding=1, text=TEXT), by="cda").then("finding.answered")
    scenario.when(c.CloseFinding(finding=1), by="technical_supervisor").then("finding.closed")
    scenario.when(c.CloseFinding(finding=1), by="technical_supervisor").refused("not_open_finding")


def test_nobody_closes_a_finding_on_the_own_answer():
    scenario = found().when(c.AnswerFinding(finding=1, text=TEXT), by="cda")
    scenario.when(c.CloseFinding(finding=1), by="technical_supervisor", person=AGENT).refused("own_work")


def test_before_and_after_the_agent_a_finding_has_an_owner_too():
    for stage, owner in (("identified", "provincial_coordinator"), ("sustained", "network_lead")):
        scenario = standing_in(stage).when(FINDING, by="national_office").owes("finding.1")
        scenario.when(c.AnswerFinding(finding=1, text=TEXT), by=owner).then("finding.answered")


def test_findings_do_not_pile_up_without_bound():
    scenario = standing_in("diagnostic")
    for n in range(20):
        scenario.and_given(e.FindingOpened(finding=n + 1, level="note", text=TEXT))
    scenario.when(FINDING, by="technical_supervisor").refused("too_many")
