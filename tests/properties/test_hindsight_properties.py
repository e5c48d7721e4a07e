"""Whatever people did and told late: the past that is shown is a part of the record, and its end is the present."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.cluster import new_cluster
from domain.evolution import dump, evolve_all
from domain.hindsight import Sight, seen, state_of
from domain.recording import Fact
from domain.refusals import Refused
from tests.properties.test_decisions_properties import live
from tests.worlds import RULEBOOK, World, identified

CALENDAR = RULEBOOK.calendar
SOME = settings(
    max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


class Forgetful(World):
    """People who tell some things only days later."""

    def ask(self, command, by, occurred_at=None):
        late = self.rng.choice([0, 0, 0, 3, 12])
        began = self.facts[0].recorded_at if self.facts else self.now
        return super().ask(command, by, max(self.now - timedelta(days=late), began))


def lived(seed: int, days: int) -> World:
    world = identified(seed)
    world.__class__ = Forgetful
    return live(world, days, lazy=0.2, contrary=0.1, failing=0)


@SOME
@given(
    seed=st.integers(0, 2**32), days=st.integers(60, 500), back=st.lists(st.integers(0, 500), min_size=6, max_size=6)
)
def test_the_past_is_a_part_of_the_record(seed, days, back):
    world = lived(seed, days)
    first = CALENDAR.day_of(world.facts[0].recorded_at)
    days_seen = sorted({max(world.today - timedelta(days=n), first) for n in back} | {world.today})
    for known_on in days_seen:
        known = [fact for fact in world.facts if CALENDAR.day_of(fact.recorded_at) <= known_on]
        at_that_seq = evolve_all(new_cluster(world.cluster.id, RULEBOOK), world.facts[: len(known)])
        before: tuple[Fact, ...] = ()
        state = at_that_seq
        for as_of in (day for day in days_seen if day <= known_on):
            found = seen(world.facts, Sight(as_of, known_on), CALENDAR)
            assert {fact.seq for fact in before} <= {fact.seq for fact in found.facts}
            assert all(CALENDAR.day_of(fact.occurred_at) <= as_of for fact in found.facts)
            before = found.facts
        state = state_of(world.cluster.id, before, RULEBOOK)
        assert dump(state) == dump(at_that_seq), "as of the day it is known on, the fold is the snapshot at that seq"
        assert known_on < world.today or dump(state) == dump(world.cluster)


@SOME
@given(seed=st.integers(0, 2**32), days=st.integers(60, 300))
def test_what_is_folded_out_of_order_never_fails(seed, days):
    world = lived(seed, days)
    for back in range(0, days, 7):
        try:
            found = seen(world.facts, Sight(world.today - timedelta(days=back), world.today), CALENDAR)
        except Refused:
            continue
        state = state_of(world.cluster.id, found.facts, RULEBOOK)
        assert state.seq == found.facts[-1].seq
        left_out = {fact.seq for fact in world.facts} - {fact.seq for fact in found.facts}
        assert found.out_of_order == tuple(fact.seq for fact in found.facts if left_out and fact.seq > min(left_out))
