"""Each kind of exception, where it shows and where it does not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.exceptional import KIND_BY_KEY, KINDS, LEAST_JUDGED, concluded, noticed, since
from domain.recording import Actor, Cause, CommandRef, Fact
from i18n.text import LANGUAGES, words
from tests.worlds import RULEBOOK

CALENDAR = RULEBOOK.calendar
NINE = datetime(2026, 4, 4, 5, 30, tzinfo=UTC)
AGENT, SUPERVISOR = "p-agent", "p-supervisor"


class Told:
    """A record that is written fact by fact."""

    def __init__(self, cluster="qom-footwear"):
        self.cluster, self.facts, self.at = cluster, [], NINE

    def __call__(self, type, by=SUPERVISOR, *, late=timedelta(), after=timedelta(hours=1), **data):
        """One more fact of a command of its own, `after` the last one, told `late`."""
        self.at += after
        return self.beside(type, by, late=late, **data)

    def beside(self, type, by=SUPERVISOR, *, late=timedelta(), same=False, **data):
        told: dict[str, Any] = {
            "cause": "command",
            "on_behalf_of": None,
            "auth": "session",
            "role": "technical_supervisor",
        }
        told |= {key: data.pop(key) for key in tuple(data) if key in told}
        seq = len(self.facts) + 1
        number = self.facts[-1].command.n + 1 if same else 1
        command = CommandRef(id=self.facts[-1].command.id if same else f"c{seq}", n=number, of=number)
        actor = Actor(person=by, role=told["role"], scope="nation", on_behalf_of=told["on_behalf_of"])
        fact = Fact(
            seq=seq, type=type, occurred_at=self.at - late, recorded_at=self.at, command=command, actor=actor,
            cause=Cause(kind=told["cause"], ref="Asked"), authenticated_by=told["auth"], build="test",
            data=data,
        )  # fmt: skip
        self.facts.append(fact)
        return self


def shown(kind, *records):
    """What of this kind is told of the records: cluster and seq."""
    kinds = [KIND_BY_KEY[kind]]
    found = [one for told in records for one in noticed((told.cluster, told.facts, CALENDAR), kinds)]
    return [(one.cluster, one.fact.seq, one.detail) for one in concluded(found, kinds)]


def seqs(kind, *records):
    return [seq for _, seq, _ in shown(kind, *records)]


def test_a_waived_condition_is_one():
    assert seqs("waiver", Told()("gate.asked", gate="g3")("gate.condition_waived", gate="g3", condition=1)) == [2]


def test_what_is_told_on_a_later_day_is_one_and_what_is_told_the_same_day_is_none():
    told = Told()("visit.recorded", late=timedelta(days=3)).beside("duty.closed", same=True, late=timedelta(days=3))
    told("visit.recorded", late=timedelta(hours=2))
    ((_, seq, detail),) = shown("back_dated", told)
    assert (seq, detail["days"]) == (1, 3)


@pytest.mark.parametrize(("after", "is_one"), [(600, True), (601, False)])
def test_an_approval_within_ten_minutes_of_sending_is_one(after, is_one):
    told = Told()("deliverable.submitted", AGENT, duty="work_plan")
    told("deliverable.approved", duty="work_plan", after=timedelta(seconds=after))
    assert bool(shown("swift_approval", told)) is is_one


def test_what_is_accepted_when_sent_is_no_swift_approval_and_a_later_version_counts_anew():
    told = Told()("deliverable.submitted", AGENT, duty="log").beside(
        "deliverable.approved", AGENT, same=True, duty="log"
    )
    assert shown("swift_approval", told) == []
    told("deliverable.submitted", AGENT, duty="plan")("deliverable.returned", duty="plan", after=timedelta(days=2))
    told("deliverable.submitted", AGENT, duty="plan")("deliverable.approved", duty="plan", after=timedelta(minutes=5))
    assert [detail["sent_seq"] for _, _, detail in shown("swift_approval", told)] == [5]


def test_what_is_done_for_another_is_one_for_each_command():
    told = Told()("gate.decided", gate="g3", on_behalf_of="p-other").beside(
        "stage.left", same=True, on_behalf_of="p-other"
    )
    assert seqs("delegated", told("gate.decided", gate="g4")) == [1]


def test_a_decision_by_the_key_of_the_office_is_one_and_other_work_is_none():
    told = Told()("deliverable.submitted", AGENT, auth="local_key", duty="plan")
    told("deliverable.approved", auth="local_key", duty="plan")("gate.decided", auth="webauthn", gate="g1")
    assert seqs("local_key", told) == [2]


def test_a_recovery_and_a_correction_are_ones():
    told = Told()("cluster.recovered", cause="recovery")("measures.corrected", corrects=7)
    assert (seqs("recovery", told), seqs("correction", told)) == ([1], [2])


def test_clocks_that_stand_are_one_when_they_stop_and_when_due_dates_are_moved():
    told = Told()("agent.notice_given", agent=AGENT)("agent.assigned", agent="p-next", paused_days=40)
    told.beside("duty.due_changed", same=True, duty="plan", reason="pause")
    told("duty.due_changed", duty="plan", reason="extension")
    assert sorted(seqs("suspended_clock", told)) == [1, 3]


def judged(told, judge, author, answer="deliverable.approved"):
    duty = f"log.{len(told.facts)}"
    return told("deliverable.submitted", author, duty=duty)(answer, judge, duty=duty, after=timedelta(days=1))


def test_two_who_always_approve_each_other_are_told_once_over_all_clusters():
    one, other = Told("one"), Told("other")
    for _ in range(LEAST_JUDGED - 2):
        judged(one, SUPERVISOR, AGENT)
    judged(other, AGENT, SUPERVISOR)
    assert shown("mutual_approval", one, other) == [], "too few to say always"
    judged(other, AGENT, SUPERVISOR)
    ((cluster, seq, detail),) = shown("mutual_approval", one, other)
    assert (cluster, seq, detail["times"]) == ("other", len(other.facts), LEAST_JUDGED)
    judged(other, AGENT, SUPERVISOR, "deliverable.returned")
    assert shown("mutual_approval", one, other) == [], "sent back once: they do read each other"


def test_who_judges_and_is_not_judged_is_the_usual_course():
    one = Told()
    for _ in range(2 * LEAST_JUDGED):
        judged(one, SUPERVISOR, AGENT)
    assert shown("mutual_approval", one) == []


def test_votes_are_judgements_too_and_the_approval_they_lead_to_is_none_besides():
    one = Told("one")
    for judge, author in ((SUPERVISOR, AGENT), (AGENT, SUPERVISOR)) * 2:
        one("deliverable.submitted", author, duty="plan")
        one("vote.cast", judge, duty="plan:approval", answer="approve")
        one.beside("deliverable.approved", judge, same=True, duty="plan")
        one.facts[-1] = one.facts[-1].model_copy(update={"cause": Cause(kind="command", ref="CastVote")})
    assert [detail["times"] for _, _, detail in shown("mutual_approval", one)] == [4]


def test_the_latest_stands_first_and_a_day_cuts_what_is_older():
    told = Told()("gate.condition_waived", condition=1)("gate.condition_waived", condition=2, after=timedelta(days=9))
    kinds = [KIND_BY_KEY["waiver"]]
    found = concluded(noticed((told.cluster, told.facts, CALENDAR), kinds), kinds)
    assert [one.fact.seq for one in found] == [2, 1]
    last = CALENDAR.day_of(told.at)
    assert [one.fact.seq for one in since(found, last, CALENDAR)] == [2]
    assert since(found, last + timedelta(days=1), CALENDAR) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_kind_has_a_title_and_a_reason(lang):
    said = words(lang)
    assert [one.key for one in KINDS if f"exception.{one.key}" not in said] == []
    assert [one.key for one in KINDS if f"exception_why.{one.key}" not in said] == []
    assert {key for key in said if key.startswith("exception.")} == {f"exception.{one.key}" for one in KINDS}
