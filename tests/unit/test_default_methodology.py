"""What the office's default programme promises, held against the file that says it."""

import csv
import re
from pathlib import Path

import pytest

from adapters.reference_methodology import load
from domain.methodology_faults import MEASURES_OF_STATE
from domain.stages import Deliverable, FieldSpec

REFERENCE = Path(__file__).parents[2] / "reference"
LOADED = load(REFERENCE / "methodology" / "isipo-unido-default" / "1.0")
METHODOLOGY, WORDS = LOADED.methodology, LOADED.words

DELIVERABLES = {
    "identified": {"cluster_profile", "priority_score"},
    "feasibility": {"feasibility_report", "development_permit"},
    "mobilisation": {"cda_selection", "cda_contract", "supervisor_contract", "cda_qualification"},
    "diagnostic": {
        "work_plan", "stakeholder_map", "social_network_baseline", "baseline_indicators", "diagnostic_report",
        "diagnostic_visit",
    },
    "trust_building": {"trust_activity", "pilot_joint_action", "trust_pulse", "steering_meeting"},
    "action_plan": {"vision_statement", "action_plan_document", "budget_release_plan"},
    "implementation": {
        "monthly_log", "quarterly_report", "annual_action_plan", "tranche_request", "tranche_accounts",
        "network_formed", "midterm_review", "implementation_visit",
    },
    "monitoring_evaluation": {"indicator_round", "final_evaluation", "lessons_learned"},
    "handover": {"umbrella_network", "responsibility_transfer", "handover_file", "continuity_plan"},
    "sustained": {"sustainability_check", "licence_renewal"},
}  # fmt: skip

ALL = [deliverable for stage in METHODOLOGY.stages for deliverable in stage.deliverables]


def specs(fields: tuple[FieldSpec, ...]) -> list[FieldSpec]:
    return [spec for one in fields for spec in (one, *specs(one.columns))]


def test_ten_stages_stand_in_the_order_of_the_programme() -> None:
    assert [stage.key for stage in METHODOLOGY.main_track] == [
        "identified", "feasibility", "mobilisation", "diagnostic",
        "action_plan", "implementation", "handover", "sustained",
    ]  # fmt: skip
    assert [stage.key for stage in METHODOLOGY.stages[8:]] == ["trust_building", "monitoring_evaluation"]


def test_the_five_stages_of_the_mission_are_numbered_one_to_five() -> None:
    numbered = {stage.number: stage.key for stage in METHODOLOGY.stages if stage.number}
    assert [numbered[n] for n in range(1, 6)] == [
        "diagnostic", "trust_building", "action_plan", "implementation", "monitoring_evaluation",
    ]  # fmt: skip
    assert len(numbered) == 5


def test_trust_and_monitoring_run_beside_from_the_diagnostic() -> None:
    assert {stage.starts_with for stage in METHODOLOGY.stages if stage.track == "parallel"} == {"diagnostic"}


def test_the_stages_between_clock_start_and_exit_take_36_months_of_30_days() -> None:
    keys = [stage.key for stage in METHODOLOGY.main_track]
    term = METHODOLOGY.term
    project = METHODOLOGY.main_track[keys.index(term.clock_starts) : keys.index(term.exit_stage)]
    assert sum(stage.planned_days for stage in project) == 1080 == term.months * 30


def test_every_stage_owes_its_deliverables_and_no_other() -> None:
    found = {stage.key: {one.key for one in stage.deliverables} for stage in METHODOLOGY.stages}
    assert found == DELIVERABLES


def test_the_completion_licence_is_issued_by_its_gate_and_sent_by_nobody() -> None:
    assert "completion_licence" not in METHODOLOGY.deliverable_by_key
    stage, gate = METHODOLOGY.gate_by_key["g9"]
    assert METHODOLOGY.stage_after(stage.key) == METHODOLOGY.stage_by_key[METHODOLOGY.term.exit_stage]
    assert [answer.key for answer in gate.answers if answer.does == "pass"] == ["issue"]


def test_the_rubric_weighs_100_and_asks_half_of_effect_and_of_sustainability() -> None:
    rubric = METHODOLOGY.rubric
    assert sum(criterion.weight for criterion in rubric.criteria) == 100
    least = {criterion.key: criterion.minimum for criterion in rubric.criteria if criterion.minimum}
    assert (rubric.pass_total, rubric.max_gap, least) == (60, 20, {"effectiveness": 50, "sustainability": 50})


def test_the_action_plan_waits_for_the_gate_of_trust() -> None:
    _, gate = METHODOLOGY.gate_by_key["g5"]
    _, plan = METHODOLOGY.deliverable_by_key["action_plan_document"]
    for conditions in (gate.conditions, plan.approve_when):
        assert ("gate_passed", "g4") in [(c.predicate, c.of) for c in conditions]
    assert set(gate.decides) == {"steering_council", "provincial_committee"}


def test_the_four_trust_activities_fall_due_before_the_gate_that_asks_for_them() -> None:
    stage, gate = METHODOLOGY.gate_by_key["g4"]
    _, activity = METHODOLOGY.deliverable_by_key["trust_activity"]
    _, pulse = METHODOLOGY.deliverable_by_key["trust_pulse"]
    assert activity.cadence is not None
    assert pulse.cadence is not None
    (least,) = [c.at_least for c in gate.conditions if c.of == "trust_activity"]
    assert int(least or 0) * activity.cadence.n <= stage.planned_days
    assert pulse.cadence.n <= stage.planned_days


def test_money_is_accounted_for_before_the_stage_that_owes_the_accounts_is_left() -> None:
    (stage,) = [one for one in METHODOLOGY.stages if any(d.yields == "accounts" for d in one.deliverables)]
    assert stage.gate is not None
    assert "accounts_closed" in [condition.predicate for condition in stage.gate.conditions]


def test_the_rows_that_become_records_are_the_first_table_of_their_form() -> None:
    first = {
        one.key: next(spec.key for spec in one.fields if spec.kind == "table")
        for one in ALL if one.yields in ("milestones", "tranches")
    }  # fmt: skip
    assert first == {"action_plan_document": "activities", "budget_release_plan": "tranches"}


def test_nothing_planned_ends_after_the_implementation() -> None:
    _, plan = METHODOLOGY.deliverable_by_key["action_plan_document"]
    table = plan.field("activities")
    assert table is not None
    (last,) = [column.max for column in table.columns if column.key == "end_month"]
    assert (last or 999) * 31 <= METHODOLOGY.stage_by_key["implementation"].planned_days


@pytest.mark.parametrize("deliverable", ALL, ids=[one.key for one in ALL])
def test_nobody_approves_what_the_same_role_sends(deliverable: Deliverable) -> None:
    assert deliverable.owner != deliverable.approver


@pytest.mark.parametrize("deliverable", [one for one in ALL if one.yields == "measures"], ids=lambda one: one.key)
def test_measures_are_indicators_with_source_and_confidence(deliverable: Deliverable) -> None:
    keys = {spec.key for spec in deliverable.fields}
    assert keys & {indicator.key for indicator in METHODOLOGY.indicators}
    assert keys >= {"source", "confidence"}


def test_every_number_is_bounded() -> None:
    numbers = [
        spec for one in ALL for spec in specs(one.fields)
        if spec.kind in ("integer", "decimal", "percent", "money", "table")
    ]  # fmt: skip
    assert numbers
    for spec in numbers:
        assert None not in (spec.min, spec.max), spec.key
        assert (spec.min or 0) < (spec.max or 0), spec.key


def test_every_word_is_there_in_persian_and_in_english() -> None:
    for key, text in WORDS.items():
        assert re.search("[آ-ی]", text["fa"]), key
        assert re.search("[A-Za-z0-9]", text["en"]), key
        assert not re.search("[آ-ی]", text["en"]), key


def test_persian_is_written_with_persian_letters_and_digits() -> None:
    for key, text in WORDS.items():
        assert not re.search("[يكىة0-9٠-٩]", re.sub(r"2E\S*", "", text["fa"])), key


def test_everything_a_person_may_see_has_words() -> None:
    m = METHODOLOGY
    expected = {f"role.{one.key}" for one in m.roles} | {f"indicator.{one.key}" for one in m.indicators}
    expected |= {f"rung.{ladder.key}.{rung.key}" for ladder in m.ladders for rung in ladder.rungs}
    expected |= {f"criterion.{one.key}" for one in m.rubric.criteria}
    expected |= {f"band.{one.key}" for one in m.rubric.bands}
    expected |= {f"funnel.{one.key}" for one in m.funnel} | {f"status.{one.status}" for one in m.opening}
    expected |= {f"measure.{one}" for one in MEASURES_OF_STATE}
    for stage in m.stages:
        expected.add(f"stage.{stage.key}")
        for one in stage.deliverables:
            expected.add(f"deliverable.{one.key}")
            expected |= {f"answer.{one.key}.{answer}" for answer in one.answers}
            expected |= words_of_fields(one.fields, one.key)
        if stage.gate:
            expected.add(f"gate.{stage.gate.key}")
            expected |= {f"answer.{stage.gate.key}.{answer.key}" for answer in stage.gate.answers}
    assert expected - WORDS.keys() == set()


def words_of_fields(fields: tuple[FieldSpec, ...], path: str) -> set[str]:
    words = set()
    for spec in fields:
        place = f"{path}.{spec.key}"
        words |= {f"field.{place}", *(f"choice.{place}.{choice}" for choice in spec.choices)}
        words |= words_of_fields(spec.columns, place)
    return words


def test_every_status_word_of_the_sheet_opens_a_cluster_somewhere() -> None:
    with (REFERENCE / "clusters" / "iran.csv").open(encoding="utf-8", newline="") as sheet:
        statuses = {row["status"] for row in csv.DictReader(sheet)}
    assert len(statuses) == 28
    assert {one.status for one in METHODOLOGY.opening} == statuses


def test_a_finished_cluster_opens_after_the_exit_and_no_other_does() -> None:
    for one in METHODOLOGY.opening:
        assert one.finished == (one.stage == METHODOLOGY.term.exit_stage), one.status


def test_no_rule_reads_a_field_that_is_kept_as_a_commitment() -> None:
    for one in ALL:
        kinds = {spec.key: spec.kind for spec in one.fields}
        kinds |= {f"{spec.key}.{column.key}": column.kind for spec in one.fields for column in spec.columns}
        for check in one.checks:
            for name in filter(None, (check.a, check.b)):
                assert kinds[name] not in ("text", "person", "document")
