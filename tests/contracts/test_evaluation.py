"""An evaluation is worked out from the sealed record of its cluster, as it stood when it was asked for."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from activities.evaluation import EvaluationActivities
from activities.trust_network import figures
from adapters.ledger_sql import SqlLedger
from adapters.reference_calendar import load_calendar
from adapters.reference_methodology import load
from domain.effects import Evaluate
from domain.recording import Actor, Fact, MethodologyRef
from domain.rulebook import carried, content_of, read
from tests.ledger_facts import fact
from tests.office import NINE, opened

REFERENCE = Path(__file__).parents[2] / "reference"
DUTY = "final_evaluation"
CONTENT = content_of(
    carried(
        load(REFERENCE / "methodology/isipo-unido-default/1.0").methodology, load_calendar(REFERENCE / "calendar/iran")
    )[1]
)
RULEBOOK = read(CONTENT)
KEYS = [criterion.key for criterion in RULEBOOK.methodology.rubric.criteria]
EDGES = [{"from": 0, "to": 1, "weight": 3}, {"from": 1, "to": 2, "weight": 2}, {"from": 2, "to": 1, "weight": 2}]
EVIDENCE = ["hmac-sha256:" + "0" * 64]


def said(seq: int, type_: str, person: str = "p-1", **data: Any) -> Fact:
    ref = MethodologyRef(id="isipo-unido-default", version="1.0", digest=RULEBOOK.digest)
    actor = Actor(person=person, role="evaluator", scope="nation")
    return fact(seq).model_copy(update={"type": type_, "actor": actor, "methodology": ref, "data": data})


def sheet(seq: int, person: str, points: int, evidence: list[str] = EVIDENCE) -> Fact:
    scores = {key: {"points": points, "evidence": evidence} for key in KEYS}
    return said(seq, "evaluation.scored", person, duty=DUTY, scores=scores)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    with closing(opened(tmp_path)) as ledger:
        ledger.put_text(RULEBOOK.digest, CONTENT)
        yield ledger


def asked(seq: int) -> Evaluate:
    return Evaluate(effect=f"c-1/{seq}/evaluate", cluster="c-1", duty=DUTY, at=NINE)


def evaluated(ledger: SqlLedger, *facts: Fact):
    wanted = said(len(facts) + 1, "evaluation.wanted", duty=DUTY)
    ledger.append("cluster/c-1", 0, [*facts, wanted])
    return EvaluationActivities(ledger).evaluate(asked(wanted.seq))


def test_two_raters_are_combined_by_the_clusters_own_rubric(ledger):
    report = evaluated(ledger, sheet(1, "p-6", 80), sheet(2, "p-7", 70))
    assert (report.total, report.band, report.passed) == (75, "good", True)
    assert report.criteria == dict.fromkeys(KEYS, 75)
    assert (report.duty, report.effect) == (DUTY, "c-1/3/evaluate")


def test_a_score_without_evidence_counts_nothing(ledger):
    report = evaluated(ledger, sheet(1, "p-6", 80), sheet(2, "p-7", 80, []))
    assert (report.total, report.passed) == (40, False)


def test_a_moderated_criterion_counts_as_moderated(ledger):
    settled = said(3, "evaluation.moderated", duty=DUTY, scores={KEYS[0]: 50}, reason=EVIDENCE[0])
    report = evaluated(ledger, sheet(1, "p-6", 90), sheet(2, "p-7", 60), settled)
    assert report.criteria[KEYS[0]] == 50


def test_the_networks_before_and_after_come_with_it(ledger):
    surveys = [
        said(
            n,
            "deliverable.submitted",
            duty=key,
            deliverable=key,
            round=0,
            on_time=True,
            values={"edges": edges, "n": 5},
        )
        for n, (key, edges) in enumerate([("social_network_baseline", EDGES[:1]), ("trust_pulse", EDGES)], start=1)
    ]
    report = evaluated(ledger, *surveys, sheet(3, "p-6", 80))
    assert report.network_before == figures(EDGES[:1], 5)
    assert report.network_after == figures(EDGES, 5)


def test_what_is_recorded_later_does_not_change_the_answer(ledger):
    first = evaluated(ledger, sheet(1, "p-6", 80))
    ledger.append("cluster/c-1", 2, [sheet(3, "p-7", 10)])
    assert EvaluationActivities(ledger).evaluate(asked(2)) == first


def test_nothing_is_answered_before_the_asking_is_sealed(ledger):
    ledger.append("cluster/c-1", 0, [sheet(1, "p-6", 80)])
    with pytest.raises(LookupError):
        EvaluationActivities(ledger).evaluate(asked(2))
