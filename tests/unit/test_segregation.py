"""Who broke which rule about persons follows from the entries alone."""

import json
from datetime import timedelta

import pytest

from ledger.segregation import Segregation

STREAM, DIGEST = "cluster/qom-carpet", "sha256:" + "a" * 64
RULES = {"methodology": {"stages": [{"deliverables": [{"key": "plan", "approver": "ceo"}, {"key": "visit"}]}]}}
AUTHOR, OTHER, THIRD = "p-author", "p-other", "p-third"


def text(digest):
    if digest != DIGEST:
        raise LookupError(digest)
    return json.dumps(RULES).encode()


def said(type_, actor_id, command="", behalf=None, **data):
    actor = {"id": actor_id, "role": "any", "scope": "nation"} | ({"on_behalf_of": behalf} if behalf else {})
    return {"type": type_, "stream": STREAM, "actor": actor, "command": {"id": command or f"{type_} {actor_id}"},
            "methodology": {"digest": DIGEST}, "data": data}  # fmt: skip


SENT = said("deliverable.submitted", AUTHOR, duty="plan", deliverable="plan")
OPENED = said("duty.opened", AUTHOR, duty="plan:approval", kind="approval", ref="plan", owner="council")
SEATED = said("body.seated", THIRD, body="council", members=[AUTHOR, OTHER, THIRD])
ASKED = said("extension.asked", AUTHOR, months=3)
EXTENSION = said("duty.opened", AUTHOR, duty="extension:council", kind="extension", ref="extension", owner="council")
SCORED = said("evaluation.scored", AUTHOR, duty="mid")
ANSWERED = said("finding.answered", AUTHOR, finding=1)
LED = said("agent.assigned", "svc:agents", agent=AUTHOR)
VOTED = said("vote.cast", OTHER, duty="plan:approval", answer="approve")


def approved(person, command="", **more):
    return said("deliverable.approved", person, command, duty="plan", deliverable="plan", **more)


def broken(*entries):
    segregation = Segregation(text)
    return [rule for entry in entries for rule in segregation.take(entry)]


@pytest.mark.parametrize(
    "entries",
    [
        (SENT, approved(OTHER)), (SENT, OPENED, SEATED, VOTED),
        (SENT, said("deliverable.returned", OTHER, duty="plan"), {**SENT, "actor": {"id": THIRD}}, approved(AUTHOR)),
        (SENT, OPENED, SEATED, VOTED, said("vote.cast", THIRD, duty="plan:approval")),
        (SENT, OPENED, SEATED, VOTED, SEATED, VOTED), (SENT, OPENED, SEATED, VOTED, OPENED, VOTED),
        (ASKED, EXTENSION, SEATED, said("vote.cast", OTHER, duty="extension:council")),
        (ASKED, said("extension.decided", OTHER)), (LED, said("evaluation.scored", OTHER, duty="mid")),
        (SCORED, said("evaluation.scored", OTHER, duty="mid"), said("evaluation.moderated", THIRD, duty="mid")),
        (SCORED, said("deliverable.returned", OTHER, duty="mid"), SCORED),
        (SCORED, said("evaluation.scored", AUTHOR, duty="final")),
        (ANSWERED, said("finding.closed", OTHER, finding=1)), (ANSWERED, said("finding.closed", AUTHOR, finding=2)),
        (said("cluster.recovered", OTHER, second=AUTHOR),),
        (said("gate.decided", "svc:engine", role="engine"),), (said("gate.decided", OTHER, role="ceo"),),
        (said("deliverable.submitted", AUTHOR, "c", duty="visit.1", deliverable="visit"),
         said("deliverable.approved", AUTHOR, "c", duty="visit.1", deliverable="visit")),
    ],
)  # fmt: skip
def test_what_is_right_breaks_no_rule(entries):
    assert broken(*entries) == []


@pytest.mark.parametrize(
    ("entries", "rule", "person"),
    [
        ((SENT, approved(AUTHOR)), "own_work", AUTHOR), ((SENT, approved(OTHER, behalf=AUTHOR)), "own_work", AUTHOR),
        ((said("deliverable.submitted", OTHER, behalf=AUTHOR, duty="plan"), approved(AUTHOR)), "own_work", AUTHOR),
        ((SENT, said("deliverable.returned", AUTHOR, duty="plan")), "own_work", AUTHOR),
        ((SENT, approved(AUTHOR, SENT["command"]["id"])), "unasked_approval", AUTHOR),
        ((SENT, OPENED, SEATED, said("vote.cast", AUTHOR, duty="plan:approval")), "own_work", AUTHOR),
        ((SENT, OPENED, SEATED, said("vote.cast", OTHER, behalf=THIRD, duty="plan:approval")), "vote_by_proxy", OTHER),
        ((SENT, OPENED, VOTED), "not_seated", OTHER), ((SENT, OPENED, SEATED, VOTED, VOTED), "second_vote", OTHER),
        ((ASKED, EXTENSION, SEATED, said("vote.cast", AUTHOR, duty="extension:council")), "own_request", AUTHOR),
        ((ASKED, said("extension.decided", AUTHOR)), "own_request", AUTHOR),
        ((LED, SCORED), "own_cluster", AUTHOR),
        ((said("agent.interim_named", OTHER, person=AUTHOR), SCORED), "own_cluster", AUTHOR),
        ((SCORED, SCORED), "second_score", AUTHOR),
        ((SCORED, said("evaluation.moderated", AUTHOR, duty="mid")), "own_score", AUTHOR),
        ((SCORED, said("deliverable.submitted", "svc:evaluation", duty="mid"),
          said("deliverable.approved", AUTHOR, duty="mid", deliverable="mid")), "own_work", AUTHOR),
        ((ANSWERED, said("finding.closed", AUTHOR, finding=1)), "own_answer", AUTHOR),
        ((SENT, approved("svc:engine")), "service_decided", "svc:engine"),
        ((said("gate.decided", "svc:engine", role="ceo"),), "service_decided", "svc:engine"),
        ((said("gate.condition_waived", "svc:engine"),), "service_decided", "svc:engine"),
        ((said("log.epoch_began", OTHER, signed_by=[OTHER, OTHER]),), "one_person", OTHER),
        ((said("cluster.recovered", OTHER, second=OTHER),), "one_person", OTHER),
        ((said("cluster.recovered", OTHER, behalf=AUTHOR, second=AUTHOR),), "one_person", AUTHOR),
        ((said("log.epoch_began", OTHER, signed_by=[OTHER]),), "one_person", OTHER),
    ],
)  # fmt: skip
def test_who_decides_on_their_own_work_breaks_a_rule_of_a_name(entries, rule, person):
    assert broken(*entries) == [(rule, person)]


@pytest.mark.parametrize("first", ["deliverable.approved", "deliverable.returned"])
def test_whose_work_was_decided_once_may_not_decide_on_it_the_second_time(first):
    assert broken(SENT, said(first, OTHER, duty="plan", deliverable="plan"), approved(AUTHOR)) == [("own_work", AUTHOR)]


def test_an_approval_without_its_methodology_at_hand_is_not_called_unasked():
    entry = approved(AUTHOR, SENT["command"]["id"]) | {"methodology": {"digest": "sha256:" + "b" * 64}}
    assert broken(SENT, entry) == []


@pytest.mark.parametrize("data", [{}, [], None, {"duty": []}, {"duty": "plan:approval"}, "x"])
@pytest.mark.parametrize("kind", ["vote.cast", "deliverable.approved", "body.seated", "finding.closed", "gate.decided"])
def test_what_is_no_fact_of_ours_breaks_no_rule_and_no_program(kind, data):
    assert broken(said(kind, OTHER) | {"data": data}) == (
        [("not_seated", OTHER)] if kind == "vote.cast" and data == {"duty": "plan:approval"} else []
    )
    assert broken(said(kind, OTHER) | {"actor": data}) == []


def test_a_service_is_seen_even_where_the_rest_of_the_fact_cannot_be_read():
    assert broken(said("vote.cast", "svc:engine") | {"data": {}}) == [("service_decided", "svc:engine")]


@pytest.mark.parametrize("signed_by", [None, "ab", {"a": 1, "b": 2}, [1, 2], [OTHER, ""], [OTHER, AUTHOR, "p-3"]])
def test_two_persons_are_two_texts_in_a_list(signed_by):
    assert [rule for rule, _ in broken(said("log.epoch_began", OTHER, signed_by=signed_by))] == ["one_person"]


def test_clusters_do_not_mix():
    elsewhere = {**approved(AUTHOR), "stream": "cluster/other"}
    assert broken(SENT, elsewhere) == []
    assert broken(SENT, {**approved(AUTHOR), "stream": "agents"}) == []


def test_three_years_that_the_programme_accepted_break_no_rule():
    from ledger.entry import entry_in, seal
    from tests.unit.test_three_years import START, identified

    life = identified()
    life.act()
    life.until(START + timedelta(days=1_500))

    prev, segregation, seen = "", Segregation(text), set()
    for fact in life.facts:
        leaf = seal("cluster/lived", prev, fact)
        prev = leaf.digest
        seen.add(fact.type)
        assert segregation.take(entry_in(leaf.raw)) == []
    assert {"deliverable.approved", "vote.cast", "evaluation.scored", "gate.decided"} <= seen
