"""A whole life in the pure core: driven by nothing but `next_due` and what `offers` offers."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.reference_calendar import load_calendar
from adapters.reference_methodology import load
from domain import commands as c
from domain.cluster import Cluster, new_cluster
from domain.decisions import decide
from domain.duties import next_due
from domain.events import Candidate
from domain.evolution import dump, evolve, evolve_all
from domain.evolution import load as load_state
from domain.jalali import add_months
from domain.offers import offers
from domain.recording import Actor, Cause, Fact
from domain.refusals import Refused
from domain.requests import ENGINE, Request, own_request
from domain.rulebook import carried, unpack
from tests.scripted import answered

ROOT = Path(__file__).parents[2]
START = datetime(2024, 3, 30, 11, 30, tzinfo=UTC)
RULEBOOK = unpack(
    carried(load(ROOT / "reference/methodology/isipo-unido-default/1.0").methodology,
            load_calendar(ROOT / "reference/calendar/iran"))[1]
)  # fmt: skip


def _person(role: str, n: int = 0) -> str:
    return f"p-{role.replace('_', '-')[:30]}-{n}"


class Life:
    """A cluster and its record; people do at once what is offered, the services answer at once."""

    def __init__(self, **identified: str) -> None:
        self.cluster = new_cluster("qom-footwear", RULEBOOK)
        self.facts: list[Fact] = []
        self.now = START
        self.sent = 0

    def do(self, kind: str, data: dict[str, Any], role: str, person: str = "") -> None:
        cls = c.TYPES[kind]
        scope = RULEBOOK.methodology.role_by_key[role].scope
        place = {"nation": "nation", "province": "province/qom", "cluster": f"cluster/{self.cluster.id}"}[scope]
        self.sent += 1
        self.decide(Request(
            id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.sent}")), command=cls.model_validate(data),
            occurred_at=self.now, actor=Actor(person=person or _person(role), role=role, scope=place),
            cause=Cause(kind="command", ref=kind), authenticated_by="local_key", build="test",
        ))  # fmt: skip

    def decide(self, request: Request) -> None:
        facts = decide(self.cluster, request, self.now)
        self.facts += facts
        self.cluster = evolve_all(self.cluster, facts)
        for effect in list(self.cluster.effects.values()):
            self.answer(effect)

    def answer(self, effect: Any) -> None:
        report: Any
        match effect.kind:
            case "propose_agent":
                candidate = Candidate(agent=f"p-agent-{self.cluster.sought}", points=10, reasons={"province": 10})
                report = c.ReportCandidates(effect=effect.key, candidates=(candidate,))
            case "assign_agent":
                report = c.ReportAssignment(effect=effect.key, agent=effect.ref)
            case "release_agent":
                report = c.ReportRelease(effect=effect.key, agent=effect.ref)
            case "evaluate":
                keys = [k.key for k in RULEBOOK.methodology.rubric.criteria]
                report = c.ReportEvaluation(
                    effect=effect.key, duty=effect.ref, total=100, passed=True, band="excellent",
                    criteria=dict.fromkeys(keys, 100), network_before={}, network_after={},
                )  # fmt: skip
            case "issue_licence":
                today = self.cluster.calendar.day_of(self.now)
                report = c.ReportLicence(effect=effect.key, number="KH-1", code="A", issued_on=today,
                                         valid_until=add_months(today, 36))  # fmt: skip
        self.decide(own_request(report, id=effect.key, at=self.now, build="test", person="svc:agents",
                                cause=Cause(kind="effect", ref=effect.key)))  # fmt: skip

    def act(self) -> int:
        """Everybody does what is offered to them under a duty, once; returns how many did."""
        done = 0
        while True:
            today = self.cluster.calendar.day_of(self.now)
            offer = next((o for o in offers(self.cluster, today) if o.forward), None)
            if offer is None:
                return done
            self.send(offer)
            done += 1

    def send(self, offer: Any) -> None:
        members = [f"p-{offer.fields.get('body', 'x').replace('_', '-')}-{n}" for n in range(5)]
        taken: list[str] = next((f.get("not_by", []) for f in offer.missing if f.get("not_by")), [])
        free = (_person(offer.role, n) for n in range(9) if _person(offer.role, n) not in taken)
        person = next(iter(offer.persons), "") or next(free)
        self.do(offer.type, answered(offer.model_dump(mode="json"), members), offer.role, person)

    def until(self, end: datetime, acting: bool = True) -> None:
        while (due := next_due(self.cluster)) is not None and due <= end:
            before, self.now = self.now, max(due, self.now)
            facts = len(self.facts)
            self.decide(own_request(
                c.PassTime(until=self.now), id=f"alarm/{len(self.facts)}", at=self.now, build="test",
                person=ENGINE.person, cause=Cause(kind="engine", ref="alarm"),
            ))  # fmt: skip
            assert len(self.facts) > facts, f"the alarm of {due} changed nothing: {self.cluster.duties}"
            assert before <= self.now
            if acting:
                self.now += timedelta(hours=7)
                self.act()


def identified() -> Life:
    life = Life()
    life.do(
        "IdentifyCluster", {"name_fa": "کفش قم", "province": "qom", "product": "footwear"}, "provincial_coordinator"
    )
    return life


def test_a_cluster_goes_from_identified_to_licence_by_what_is_offered_and_when_it_is_due() -> None:
    life = identified()
    life.act()
    life.until(START + timedelta(days=3 * 365 + 700))
    assert life.cluster.licence is not None, (life.cluster.stage, life.cluster.duties)
    life.until(START + timedelta(days=8 * 365))
    assert life.cluster.verdict == "self_sustaining"
    assert life.cluster.approved["sustainability_check"] == 4


def test_the_fold_of_the_facts_is_the_carried_state() -> None:
    life = identified()
    life.act()
    life.until(START + timedelta(days=800))
    fold: Cluster = new_cluster("qom-footwear", RULEBOOK)
    for fact in life.facts:
        fold = evolve(fold, Fact.model_validate_json(fact.model_dump_json()))
    assert dump(load_state(dump(fold), RULEBOOK)) == dump(fold)
    assert fold == life.cluster


def test_nobody_acting_for_years_ends_in_reviews_and_a_question_and_never_in_silence() -> None:
    life = identified()
    life.until(START + timedelta(days=365), acting=False)
    assert any(d.kind == "stall_review" for d in life.cluster.duties.values())


def main() -> None:
    life = identified()
    life.act()
    try:
        life.until(START + timedelta(days=8 * 365))
    except Refused as refused:
        print("REFUSED", refused.told())
    print(
        life.now,
        life.cluster.stage,
        len(life.facts),
        life.sent,
        len(dump(life.cluster)),
        life.cluster.licence,
    )
    for d in life.cluster.duties.values():
        print(d.id, d.kind, d.owner, d.due_on)
    print(Counter(f.type for f in life.facts))


if __name__ == "__main__":
    main()
