import pytest

from domain.provisions import Band, Criterion, Rubric
from domain.rubric import combine, gaps

RUBRIC = Rubric(
    criteria=(
        Criterion(key="effect", weight=3, minimum=50),
        Criterion(key="cost", weight=1),
    ),
    pass_total=60,
    max_gap=20,
    bands=(Band(key="not_yet", min=0), Band(key="pass", min=60), Band(key="good", min=70)),
)
NOTHING_MODERATED: dict[str, int] = {}


def of(*sheets, moderated=NOTHING_MODERATED):
    return combine({f"p-{n}": sheet for n, sheet in enumerate(sheets)}, moderated, RUBRIC)


def test_a_criterion_is_the_mean_of_its_raters_and_the_total_is_weighted():
    marks = of({"effect": 80, "cost": 40}, {"effect": 60, "cost": 40})
    assert marks.criteria == {"effect": 70, "cost": 40}
    assert marks.total == 63  # (3 · 70 + 40) / 4 = 62.5


def test_halves_are_rounded_up():
    assert of({"effect": 61, "cost": 0}, {"effect": 60, "cost": 0}).criteria["effect"] == 61


def test_the_total_is_counted_from_the_criteria_as_rounded():
    # Exact criteria 60.5 and 60.5 give 60.5; as shown they are 61 and 61.
    assert of({"effect": 61, "cost": 61}, {"effect": 60, "cost": 60}).total == 61


def test_a_criterion_without_a_score_counts_nothing():
    assert of({"effect": 80}).criteria == {"effect": 80, "cost": 0}


def test_nobodys_scores_are_nothing():
    marks = of()
    assert (marks.total, marks.band, marks.passed) == (0, "not_yet", False)


def test_a_moderated_criterion_counts_as_moderated():
    marks = of({"effect": 90, "cost": 50}, {"effect": 10, "cost": 50}, moderated={"effect": 70})
    assert marks.criteria == {"effect": 70, "cost": 50}


@pytest.mark.parametrize(
    ("effect", "cost", "passed"),
    [(60, 60, True), (60, 57, False), (50, 90, True), (49, 100, False)],
)
def test_it_passes_with_the_total_and_every_minimum(effect, cost, passed):
    marks = of({"effect": effect, "cost": cost})
    assert marks.passed is passed, marks


@pytest.mark.parametrize(("points", "band"), [(59, "not_yet"), (60, "pass"), (69, "pass"), (70, "good")])
def test_the_band_is_the_highest_the_total_reaches(points, band):
    assert of({"effect": points, "cost": points}).band == band


def test_only_criteria_further_apart_than_allowed_need_moderation():
    sheets = {"p-1": {"effect": 80, "cost": 41}, "p-2": {"effect": 60, "cost": 20}}
    assert gaps(sheets, RUBRIC) == ("cost",)


def test_one_rater_is_never_apart():
    assert gaps({"p-1": {"effect": 80, "cost": 0}}, RUBRIC) == ()
    assert gaps({}, RUBRIC) == ()
