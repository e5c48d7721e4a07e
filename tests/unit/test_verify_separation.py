"""verify.py recomputes from the entries who did what he may not, and says what was erased."""

from __future__ import annotations

from typing import Any

import pytest

from ledger import verify
from tests.page_bundles import Office, Q, R, bundle, digest, found, judged, office

Step = tuple[str, dict[str, Any], str, dict[str, Any]]


def do(kind: str, actor: str, /, *, for_whom: str = "", command: str = "", **data: Any) -> Step:
    more = {key: value for key, value in (("for_whom", for_whom), ("command", command)) if value}
    return kind, data, actor, more


def broken(*steps: Step) -> list[tuple[str, int]]:
    """The rules these steps break in one cluster, each with the number of its entry."""
    one = Office()
    for kind, data, actor, more in steps:
        one.add(Q, kind, data, actor, **more)
    answer = judged(bundle(one.leaves))
    assert {f["kind"] for f in answer["findings"]} <= {"segregation"}
    return [(f["detail"], f["seq"]) for f in answer["findings"]]


SUBMIT = do("deliverable.submitted", "p-a", duty="d", deliverable="report")
SEAT = do("body.seated", "p-x", body="b", members=["p-a", "p-b", "p-c"])


def opened(kind: str, ref: str = "d") -> Step:
    return do("duty.opened", "svc:engine", duty="v", kind=kind, ref=ref, owner="b")


@pytest.mark.parametrize("kind", ["deliverable.approved", "deliverable.returned"])
def test_own_work(kind: str) -> None:
    assert broken(SUBMIT, do(kind, "p-b", duty="d")) == []
    assert broken(SUBMIT, do(kind, "p-a", duty="d")) == [("own_work p-a", 2)]
    assert broken(SUBMIT, do(kind, "p-b", for_whom="p-a", duty="d")) == [("own_work p-a", 2)]
    by_deputy = do("deliverable.submitted", "p-a", for_whom="p-b", duty="d")
    assert broken(by_deputy, do(kind, "p-b", duty="d")) == [("own_work p-b", 2)]
    assert broken(SUBMIT, do(kind, "p-b", duty="d"), do(kind, "p-a", duty="d")) == [("own_work p-a", 3)]
    assert broken(SUBMIT, do(kind, "p-a", duty="other")) == []
    assert broken(SUBMIT, do(kind, "svc:x", duty="d")) == [("service_decided svc:x", 2)]


def test_an_approval_by_the_same_command() -> None:
    for deliverable, rule in (("report", [("unasked_approval p-a", 2)]), ("list", []), ("unknown", [])):
        submit = do("deliverable.submitted", "p-a", command="c", duty="d", deliverable=deliverable)
        approve = do("deliverable.approved", "p-a", command="c", duty="d", deliverable=deliverable)
        assert broken(submit, approve) == rule
    submit = do("deliverable.submitted", "svc:x", command="c", duty="d", deliverable="list")
    assert broken(submit, do("deliverable.approved", "svc:x", command="c", duty="d", deliverable="list")) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", [("text_missing", Q, 1)]),
        (b"[]", [("text_missing", Q, 1)]),
        (b"\xff", [("text_missing", Q, 1)]),
        (b"[" * 90_000, [("text_missing", Q, 1)]),
        (b'{"methodology":{"stages":[]},"methodology":{}}', [("text_missing", Q, 1)]),
        (b"{}", []),
        (b'{"methodology":{"stages":[{"deliverables":[5,{"key":"report","approver":""}]},7]}}', []),
    ],
)
def test_a_methodology_that_names_no_approver(text: bytes, told: list[Any]) -> None:
    one = Office()
    rules = {"methodology": {"id": "m", "version": "1", "digest": digest(text)}}
    for kind in ("deliverable.submitted", "deliverable.approved"):
        one.add(Q, kind, {"duty": "d", "deliverable": "report"}, "p-a", command="c", **rules)
    assert found(bundle(one.leaves, texts=(text,))) == told


def vote(actor: str, **more: Any) -> Step:
    return do("vote.cast", actor, duty="v", **more)


def test_votes() -> None:
    assert broken(SEAT, SUBMIT, opened("approval"), vote("p-b"), vote("p-c")) == []
    assert broken(SEAT, SUBMIT, opened("approval"), vote("p-a")) == [("own_work p-a", 4)]
    assert broken(SEAT, SUBMIT, opened("gate"), vote("p-a")) == []
    assert broken(SEAT, SUBMIT, opened("approval", "other"), vote("p-a")) == []
    asked = do("extension.asked", "p-a")
    assert broken(SEAT, asked, opened("extension"), vote("p-a")) == [("own_request p-a", 4)]
    assert broken(SEAT, opened("gate"), vote("p-b", for_whom="p-c")) == [("vote_by_proxy p-b", 3)]
    assert broken(SEAT, opened("gate"), vote("p-z")) == [("not_seated p-z", 3)]
    assert broken(SEAT, vote("p-b")) == [("not_seated p-b", 2)]
    assert broken(SEAT, opened("gate"), vote("p-b"), vote("p-b")) == [("second_vote p-b", 4)]
    assert broken(SEAT, opened("gate"), vote("p-b"), opened("gate"), vote("p-b")) == []
    assert broken(SEAT, opened("gate"), vote("p-b"), SEAT, vote("p-b")) == []
    other = do("body.seated", "p-x", body="c", members=[])
    assert broken(SEAT, opened("gate"), vote("p-b"), other, vote("p-b")) == [("second_vote p-b", 5)]
    assert broken(SEAT, opened("gate"), vote("svc:x")) == [("not_seated svc:x", 3), ("service_decided svc:x", 3)]


def test_extensions_evaluations_findings_and_gates() -> None:
    asked = do("extension.asked", "p-a", for_whom="p-b")
    assert broken(asked, do("extension.decided", "p-b")) == [("own_request p-b", 2)]
    assert broken(asked, do("extension.asked", "p-c"), do("extension.decided", "p-b")) == []
    score = do("evaluation.scored", "p-e", duty="d")
    for kind, key in (("agent.assigned", "agent"), ("agent.interim_named", "person")):
        assert broken(do(kind, "p-x", **{key: "p-e"}), score) == [("own_cluster p-e", 2)]
    assert broken(score, score) == [("second_score p-e", 2)]
    assert broken(score, do("evaluation.scored", "p-e", duty="other")) == []
    assert broken(SUBMIT, do("evaluation.scored", "p-a", duty="d")) == []
    approved = do("deliverable.approved", "p-e", duty="d", deliverable="report")
    assert broken(score, do("deliverable.submitted", "svc:x", duty="d"), approved) == [("own_work p-e", 3)]
    assert broken(score, do("evaluation.moderated", "p-e", duty="d")) == [("own_score p-e", 2)]
    assert broken(score, do("deliverable.returned", "p-b", duty="d"), score) == []
    answered = do("finding.answered", "p-a", finding="f")
    assert broken(answered, do("finding.closed", "p-a", finding="f")) == [("own_answer p-a", 2)]
    assert broken(answered, do("finding.closed", "p-b", finding="f"), do("finding.closed", "p-a", finding="g")) == []
    assert broken(do("gate.decided", "svc:x", role="engine"), do("gate.decided", "p-a", role="board")) == []
    assert broken(do("cluster.recovered", "p-a", second="p-b")) == []
    assert broken(do("cluster.recovered", "p-a", second="p-a")) == [("one_person p-a", 1)]
    assert broken(do("gate.decided", "svc:x", role="board")) == [("service_decided svc:x", 1)]
    for kind in (
        "gate.condition_waived",
        "evaluation.scored",
        "evaluation.moderated",
        "finding.closed",
        "extension.decided",
    ):
        assert broken(do(kind, "p-a", for_whom="svc:x")) == [("service_decided svc:x", 1)]


def test_clusters_are_judged_apart_and_strange_values_break_nothing() -> None:
    one = Office()
    one.add(Q, "deliverable.submitted", {"duty": "d"}, "p-a")
    one.add(R, "deliverable.approved", {"duty": "d"}, "p-a")
    for kind in (*verify.JUDGED, *verify.BY_PEOPLE):
        for strange in (None, 5, ["x"], {"a": "b"}, True):
            one.add(
                Q,
                kind,
                dict.fromkeys(("duty", "kind", "ref", "owner", "body", "members", "agent", "finding"), strange),
                "p-z",
            )
    for kind, stream in (
        ("document.forgotten", "documents"),
        ("person.forgotten", "directory"),
        ("log.key_added", "directory"),
    ):
        for strange in (None, 5, ["x"], {"a": "b"}):
            one.add(stream, kind, dict.fromkeys(("commitment", "commitments", "key", "origin", "replaces"), strange))
    assert {kind for kind, stream, _ in found(bundle(one.leaves)) if stream == R} == set()


def test_what_was_erased() -> None:
    one = office()
    marks = [f"hmac-sha256:{n:064x}" for n in (1, 2)]
    one.add("directory", "person.forgotten", {"person": "p-9", "commitments": marks, "reason": "asked"})
    one.add("licences", "person.forgotten", {"commitments": marks})
    answer = judged(bundle(one.leaves))
    assert answer["ok"]
    assert [(one["commitment"], one["stream"], one["seq"]) for one in answer["erased"][1:]] == [
        (mark, "directory", 2) for mark in marks
    ]
