"""What is found in a cluster's chain of chapters, and that people are told it in both languages."""

from typing import Any, get_args

import pytest

from client.replay_findings import FindingKind, faults_of_chain
from client.replayers import Run
from i18n.text import LANGUAGES, words

CLUSTER = "qom-footwear"


def run(number, before=None, after=None, closed="continued_as_new", **other):
    told: dict[str, Any] = {
        "verdict": "same",
        "detail": "",
        "seq": 1,
        "digest": None,
        "leaves": [],
        "began": 0,
        "from_fold": False,
        "cluster": CLUSTER,
    }
    return Run(**told | other, number=number, events=9, before=before, after=after, closed=closed)


FIRST, SECOND, AT_WORK = run(1, after="b"), run(2, "a", "c"), run(3, "b", closed=None)


def found(*runs, is_whole=True):
    return [(one.kind, one.run) for one in faults_of_chain(CLUSTER, runs, is_whole=is_whole)]


def test_chapters_that_follow_each_other_are_well():
    assert found(("a", FIRST), ("b", SECOND), ("c", AT_WORK)) == []
    assert found(("a", FIRST), ("b", SECOND), is_whole=False) == []


def test_a_chapter_recovered_from_the_ledger_follows_one_that_was_ended():
    ended = run(2, "a", closed="terminated")
    assert found(("a", FIRST), ("b", ended), ("x", run(3, closed=None, from_fold=True))) == []
    assert found(("a", FIRST), ("b", ended), ("x", run(3, closed=None))) == [("fork", 3)]


@pytest.mark.parametrize(("runs", "findings"), [
    ([("b", SECOND), ("c", AT_WORK)], [("missing_run", 1)]),
    ([("a", FIRST), ("c", AT_WORK)], [("missing_run", 2)]),
    ([("a", FIRST), ("b", SECOND)], [("missing_run", 3)]),
    ([("a", run(1, closed=None)), ("b", SECOND), ("c", AT_WORK)], [("missing_run", 1)]),
    ([("a", FIRST), ("b", SECOND), ("x", run(3, "b", closed=None))], [("fork", 3)]),
    ([("a", FIRST), ("b", SECOND), ("b", SECOND), ("c", AT_WORK)], [("fork", 2)]),
    ([("a", FIRST), ("b", run(2, "a", closed="terminated"))], [("ended", 2)]),
    ([("a", run(1, after="b", cluster="other")), ("b", SECOND), ("c", AT_WORK)], [("history_unfit", 1)]),
    ([("a", FIRST), ("b", run(2, "a", "c", verdict="failed")), ("c", AT_WORK)], [("course", 2)]),
])  # fmt: skip
def test_what_is_missing_branched_ended_foreign_or_on_another_course_is_named(runs, findings):
    assert found(*runs) == findings


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_has_words(lang):
    assert [kind for kind in get_args(FindingKind) if f"replay_finding.{kind}" not in words(lang)] == []
