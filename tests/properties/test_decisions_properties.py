"""Whatever people do of what they are offered, in any order and on any day, the cluster keeps its promises."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain import commands as c
from domain.duties import is_paused, next_due
from domain.evolution import dump, load
from domain.offers import offers_for
from domain.refusals import CODES, Refused
from tests.samples import sample
from tests.worlds import METHODOLOGY, RULEBOOK, World, actor, identified, imported

MOST_BYTES = 30_000
STATUSES = [opening.status for opening in METHODOLOGY.opening]
# A failing life is found again by its seed; making it shorter would take minutes.
SOME = settings(
    max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


def live(world: World, days: int, *, lazy: float, contrary: float, failing: float) -> World:
    """Some days with scripted people: some leave things lying, some do what turns back, some services fail."""
    end = world.now + timedelta(days=days)
    while world.cluster.is_open:
        due = next_due(world.cluster)
        if due is None or due > end:
            break
        # Now and then the server was off for a while.
        world.now = max(due, world.now) + timedelta(days=world.rng.choice([0, 0, 0, 0, 1, 25]))
        assert world.pass_time(), f"the alarm of {due} changed nothing"
        assert world.pass_time() == ()
        following = next_due(world.cluster)
        assert following is None or following > world.now
        world.now += timedelta(hours=world.rng.randint(1, 6))
        world.answer_effects(failing)
        for _ in range(world.rng.randint(0, 6)):
            if world.rng.random() < lazy:
                break
            back = world.rng.random() < contrary
            choice = [offer for offer in world.offers() if offer.forward is not back and offer.type not in ENDS]
            if choice:  # none once the file is closed
                world.send(world.rng.choice(choice), varied=back)
                world.answer_effects(failing)
        keeps_its_promises(world)
    return world


ENDS = ("WithdrawCluster", "EndProgramme")


def keeps_its_promises(world: World) -> None:
    cluster = world.cluster
    assert [fact.seq for fact in world.facts[-50:]] == list(
        range(cluster.seq - len(world.facts[-50:]) + 1, cluster.seq + 1)
    )
    assert len(dump(cluster)) <= MOST_BYTES, Counter(duty.id.partition(".")[0] for duty in cluster.duties.values())
    for duty in cluster.duties.values():
        assert duty.owner in METHODOLOGY.role_by_key, duty
        assert is_paused(cluster, duty) or any(offers_for(cluster, duty, world.today)) or awaited(world, duty), duty


def every_service_answers(world: World) -> None:
    """Nothing is asked for ever, whatever has become of the file."""
    for _ in range(5):
        world.answer_effects()
    assert world.cluster.effects == {}


def awaited(world: World, duty) -> bool:
    """Somebody else has to answer first: a service, a moderator, or who names the members of a body."""
    cluster = world.cluster
    if any(effect.ref == duty.id for effect in cluster.effects.values()):
        return True
    others = (f"{duty.id}:moderation", f"effect:evaluate:{duty.id}", f"body:{duty.owner}")
    if any(other in cluster.duties for other in others):
        return True
    # All that a blocked approval lacks is something else that is owed.
    return duty.kind == "approval" and cluster.sent[duty.ref].deliverable == "action_plan_document"


def fired(world: World) -> Counter:
    """How often each rung fired since its duty opened or was given a new date."""
    times: Counter = Counter()
    clock: Counter = Counter()
    for fact in world.facts:
        duty = fact.data.get("duty", "")
        if fact.type == "duty.opened" or (fact.type == "duty.due_changed" and fact.data["reason"] != "pause"):
            clock[duty] += 1
        if fact.type in ("rung.fired", "rung.skipped"):
            times[duty, clock[duty], fact.data["rung"]] += 1
    return times


@SOME
@given(seed=st.integers(0, 2**32), lazy=st.sampled_from([0.0, 0.3, 0.9]), contrary=st.sampled_from([0.0, 0.1, 0.5]))
def test_any_legal_order_on_any_day_keeps_the_promises(seed, lazy, contrary):
    world = live(identified(seed), 700, lazy=lazy, contrary=contrary, failing=0.1)
    every_service_answers(world)
    assert dump(world.folded) == dump(world.cluster)
    assert dump(load(dump(world.cluster), RULEBOOK)) == dump(world.cluster)
    assert [rung for rung, times in fired(world).items() if times > 1] == []


@SOME
@given(seed=st.integers(0, 2**32), status=st.sampled_from(STATUSES), lazy=st.sampled_from([0.0, 0.5]))
def test_a_cluster_with_a_past_keeps_them_from_any_status(seed, status, lazy):
    world = live(imported(status, seed), 500, lazy=lazy, contrary=0.1, failing=0.1)
    every_service_answers(world)
    assert dump(world.folded) == dump(world.cluster)
    assert [rung for rung, times in fired(world).items() if times > 1] == []


@pytest.mark.parametrize("status", STATUSES)
def test_a_cluster_with_a_past_that_nobody_tends_is_escalated_and_stays_small(status):
    world = live(imported(status), 1500, lazy=1.0, contrary=0, failing=0)
    assert any(fact.type == "rung.fired" and fact.data["level"] == "national" for fact in world.facts)


@SOME
@given(seed=st.integers(0, 2**32), days=st.integers(0, 300))
def test_a_refused_command_changes_nothing_and_has_a_known_code(seed, days):
    world = live(identified(seed), days, lazy=0.2, contrary=0.1, failing=0)
    before, codes = dump(world.cluster), set()
    for kind in world.rng.choices(sorted(c.TYPES), k=40):
        made = c.TYPES[kind].model_validate(sample(c.TYPES[kind], full=world.rng.random() < 0.5, rng=world.rng))
        try:
            world.ask(made, actor(world.rng.choice(sorted(METHODOLOGY.role_by_key))))
        except Refused as refused:
            codes.add(refused.code)
            assert dump(world.cluster) == before
        else:
            before = dump(world.cluster)
    assert codes <= set(CODES)
