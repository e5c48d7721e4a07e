"""Each rule of loading, tried on a copy of the default methodology broken in one place."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.reference_methodology import load
from domain.faults import Fault, ReferenceFaults

SHIPPED = Path(__file__).parents[2] / "reference" / "methodology" / "isipo-unido-default" / "1.0"
HEAD = "methodology.toml"
DIAGNOSTIC = "40_diagnostic.toml"
PLAN = "50_action_plan.toml"
MONITORING = "95_monitoring_evaluation.toml"
TRUST = "45_trust_building.toml"

Replace = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "copy"))


@pytest.fixture
def replace(folder: Path) -> Replace:
    """Replaces the first occurrence of a text in a file of the copy; the text must be there."""

    def replace(file: str, old: str, new: str) -> None:
        written = (folder / file).read_text(encoding="utf-8")
        assert old in written
        (folder / file).write_text(written.replace(old, new, 1), encoding="utf-8")

    return replace


def faults(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(ReferenceFaults) as caught:
        load(folder)
    return caught.value.faults


def test_an_untouched_copy_has_no_fault(folder: Path) -> None:
    assert load(folder).methodology == load(SHIPPED).methodology


BROKEN = {
    "unknown key": (
        DIAGNOSTIC, 'owner = "cda"', 'owner = "cda"\ncolour = "red"',
        Fault(DIAGNOSTIC, "colour", "unknown key"),
    ),
    "unknown key of a field": (
        DIAGNOSTIC, 'key = "links", kind', 'key = "links", unit = "km", kind',
        Fault(DIAGNOSTIC, "deliverables.stakeholder_map.fields.actors.columns.links.unit", "unknown key"),
    ),
    "missing key": (
        DIAGNOSTIC, "planned_days = 120\n", "",
        Fault(DIAGNOSTIC, "planned_days", "is missing"),
    ),
    "unknown role": (
        DIAGNOSTIC, 'approver = "technical_supervisor"', 'approver = "minister"',
        Fault(DIAGNOSTIC, "deliverables.work_plan.approver", "unknown role minister"),
    ),
    "unknown role on a ladder": (
        HEAD, 'at = -7, to = ["owner"]', 'at = -7, to = ["minister"]',
        Fault(HEAD, "ladders.standard.pre7.to", "unknown role minister"),
    ),
    "unknown condition": (
        DIAGNOSTIC, 'predicate = "seated"', 'predicate = "blessed"',
        Fault(DIAGNOSTIC, "gate.conditions.0.predicate", "Input should be 'approved', 'count', 'value', "
              "'delta', 'seated', 'assigned', 'gate_passed', 'no_critical_finding' or 'accounts_closed'"),
    ),
    "condition on an unknown deliverable": (
        DIAGNOSTIC, 'predicate = "approved", of = "diagnostic_report"',
        'predicate = "approved", of = "horoscope"',
        Fault(DIAGNOSTIC, "gate.g3", "condition approved names an unknown horoscope"),
    ),
    "condition without a least value": (
        MONITORING, ", at_least = 60 }", " }",
        Fault(MONITORING, "gate.g8", "condition value of evaluation_total says no least value"),
    ),
    "weights": (
        HEAD, "weight = 25", "weight = 15",
        Fault(HEAD, "rubric.criteria", "weights sum to 90, not to 100"),
    ),
    "ladder out of order": (
        HEAD, "at = -7,", "at = -70,",
        Fault(HEAD, "ladders.standard", "rungs are not in the order of their days"),
    ),
    "unknown ladder": (
        "80_sustained.toml", 'ladder = "licence_expiry"', 'ladder = "rope"',
        Fault("80_sustained.toml", "deliverables.licence_renewal.ladder", "unknown ladder rope"),
    ),
    "stage not in the order": (
        HEAD, '"handover", "sustained",\n', '"sustained",\n',
        Fault("70_handover.toml", "key", "unreachable: the order of methodology.toml does not name handover"),
    ),
    "order names no stage": (
        HEAD, "order = [", 'order = ["dreaming", ',
        Fault(HEAD, "order", "unknown stage of the main track dreaming"),
    ),
    "parallel stage that nothing starts": (
        TRUST, 'starts_with = "diagnostic"', 'starts_with = "spring"',
        Fault(TRUST, "starts_with", "unreachable: it names no stage of the main track"),
    ),
    "no Persian title": (
        DIAGNOSTIC, '{ fa = "برنامه کار مطالعه", en = "Work plan" }', '{ en = "Work plan" }',
        Fault(DIAGNOSTIC, "deliverables.work_plan.title", "has no text in fa"),
    ),
    "empty English title of a choice": (
        DIAGNOSTIC, 'en = "Interviews"', 'en = " "',
        Fault(DIAGNOSTIC, "deliverables.work_plan.fields.activities.method.choices.interview.title",
              "has no text in en"),
    ),
    "question without Persian": (
        HEAD, 'fa = "آیا شبکه فراگیر زنده و فعال است؟", ', "",
        Fault(HEAD, "rubric.criteria.sustainability.questions.1", "has no text in fa"),
    ),
    "deliverable id reused": (
        DIAGNOSTIC, 'key = "work_plan"', 'key = "cluster_profile"',
        Fault(DIAGNOSTIC, "deliverables.cluster_profile", "the key is used 2 times"),
    ),
    "field id reused": (
        DIAGNOSTIC, 'key = "technology"', 'key = "market"',
        Fault(DIAGNOSTIC, "deliverables.diagnostic_report.fields", "a field's key is used twice"),
    ),
    "choice without choices": (
        DIAGNOSTIC, 'kind = "choice", choices = "confidence"', 'kind = "choice"',
        Fault(DIAGNOSTIC, "deliverables.baseline_indicators.fields.confidence",
              "exactly a choice has choices"),
    ),
    "unknown list of choices": (
        DIAGNOSTIC, 'choices = "confidence"', 'choices = "moods"',
        Fault(DIAGNOSTIC, "deliverables.baseline_indicators.fields.confidence.choices", "unknown list moods"),
    ),
    "check on an unknown field": (
        PLAN, 'b = "activities.end_month"', 'b = "activities.last_month"',
        Fault(PLAN, "deliverables.action_plan_document.checks", "unknown field activities.last_month"),
    ),
    "never due": (
        PLAN, "dues = [{ days = 30 }]\n", "",
        Fault(PLAN, "deliverables.vision_statement.dues", "nothing says when it is due"),
    ),
    "no answer passes": (
        "10_identified.toml", 'does = "pass"', 'does = "stop"',
        Fault("10_identified.toml", "gate.g0.answers", "no answer lets the gate pass"),
    ),
    "unknown unit": (
        HEAD, 'unit = "usd"', 'unit = "florin"',
        Fault(HEAD, "indicators.export_value.unit", "unknown unit florin"),
    ),
    "measure of state without words": (
        HEAD, 'trust = { fa = "میانگین اعتماد در آخرین سنجش", en = "Mean trust at the latest pulse" }\n', "",
        Fault(HEAD, "measures.trust", "has no text in fa and en"),
    ),
    "opening into no stage": (
        HEAD, 'stage = "handover"', 'stage = "heaven"',
        Fault(HEAD, "opening.comprehensive_network_formed", "unknown stage of the main track heaven"),
    ),
    "two openings of one status": (
        HEAD, 'status = "planned"', 'status = "proposed"',
        Fault(HEAD, "opening.proposed", "the key is used 2 times"),
    ),
    "version of another form": (
        HEAD, 'version = "1.0"', 'version = "one"',
        Fault(HEAD, "version", "String should match pattern '^[0-9]+\\.[0-9]+$'"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_fault_is_told_alone_with_its_file_and_key(
    folder: Path, replace: Replace, broken: tuple[str, str, str, Fault]
) -> None:
    file, old, new, fault = broken
    replace(file, old, new)
    assert faults(folder) == (fault,)


def test_a_stage_without_a_gate_bars_the_way(folder: Path, replace: Replace) -> None:
    replace("10_identified.toml", "[gate]", "[not_a_gate]")
    assert {(one.key, one.message) for one in faults(folder)} == {
        ("gate", "the stage has no gate, so no stage after it can be reached"),
        ("not_a_gate", "unknown key"),
    }


def test_gates_that_wait_for_each_other_are_told_at_each(folder: Path, replace: Replace) -> None:
    replace(TRUST, "conditions = [", 'conditions = [\n  { predicate = "gate_passed", of = "g5" },')
    assert faults(folder) == (
        Fault(TRUST, "gates.g4", "the gate waits for itself: g4 → g5 → g4"),
        Fault(PLAN, "gates.g5", "the gate waits for itself: g5 → g4 → g5"),
    )


def test_a_wrong_word_is_told_by_its_place_and_not_by_number(folder: Path, replace: Replace) -> None:
    replace(DIAGNOSTIC, 'key = "gaps", kind = "text"', 'key = "gaps", kind = "poem"')
    (fault,) = faults(folder)
    assert fault.key == "deliverables.diagnostic_report.fields.gaps.kind"


def test_faults_of_all_files_are_told_together(folder: Path, replace: Replace) -> None:
    replace(HEAD, "weight = 25", "weight = 15")
    replace(DIAGNOSTIC, 'approver = "technical_supervisor"', 'approver = "minister"')
    replace(PLAN, 'en = "Vision statement"', 'en = ""')
    replace("20_feasibility.toml", "planned_days = 90", "planned_days = 90\nx = 1")
    assert {(one.file, one.key) for one in faults(folder)} == {
        (HEAD, "rubric.criteria"),
        (DIAGNOSTIC, "deliverables.work_plan.approver"),
        (PLAN, "deliverables.vision_statement.title"),
        ("20_feasibility.toml", "x"),
    }


def test_a_wrong_value_hides_no_fault_of_the_whole(folder: Path, replace: Replace) -> None:
    replace(DIAGNOSTIC, "rework_days = 20", 'rework_days = "soon"')
    replace(HEAD, "weight = 25", "weight = 15")
    told = [one.key for one in faults(folder)]
    assert told == ["deliverables.diagnostic_report.rework_days", "rubric.criteria"]


def test_a_file_that_is_no_toml_is_told_beside_faults_of_others(folder: Path, replace: Replace) -> None:
    replace(DIAGNOSTIC, "planned_days = 120", "planned_days = ")
    replace(PLAN, 'en = "Vision statement"', 'en = ""')
    first, second = faults(folder)
    assert (first.file, first.message.partition(":")[0]) == (DIAGNOSTIC, "is no TOML")
    assert second == Fault(PLAN, "deliverables.vision_statement.title", "has no text in en")


def test_a_folder_without_its_head_says_so(folder: Path) -> None:
    (folder / HEAD).unlink()
    assert Fault(HEAD, "", "is missing") in faults(folder)


def test_two_files_with_one_stage_are_told_at_the_second(folder: Path) -> None:
    shutil.copy(folder / "80_sustained.toml", folder / "85_again.toml")
    assert Fault("85_again.toml", "stages.sustained", "the key is used 2 times") in faults(folder)


def test_a_corrected_word_changes_the_words_and_not_the_methodology(folder: Path, replace: Replace) -> None:
    replace(DIAGNOSTIC, 'en = "Work plan"', 'en = "Plan of work"')
    corrected = load(folder)
    assert corrected.methodology == load(SHIPPED).methodology
    assert corrected.words["deliverable.work_plan"]["en"] == "Plan of work"


def test_a_note_is_kept_beside_its_title() -> None:
    words = load(SHIPPED).words
    assert words["indicator.firms_active_share"]["en"] == "Share of active firms"
    assert words["note.indicator.firms_active_share"]["en"] == "firms_active / firms_total"
