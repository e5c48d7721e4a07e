"""A list of differences is enough to make the one state of the other, and names facts that did it."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.differences import FIELDS, changes, steps_of
from domain.hindsight import Sight, seen, state_of
from tests.properties.test_hindsight_properties import CALENDAR, SOME, lived
from tests.worlds import RULEBOOK


def compared(cluster):
    return cluster.model_dump(mode="json", include=set(FIELDS))


def applied(state, found):
    """The state with every change made."""
    state = deepcopy(state)
    for change in found:
        *way, last = steps_of(change.path)
        place = state
        for step in way:
            place = place[next(key for key in place if str(key) == step)]
        key = next((key for key in place if str(key) == last), last)
        if change.after is None and len(way) == 1:
            del place[key]
        else:
            place[key] = change.after
    return state


def as_text(value):
    """The same with every key as text, as JSON has it, and without records that are not there."""
    if isinstance(value, dict):
        return {str(key): as_text(one) for key, one in value.items()}
    return value


@SOME
@given(seed=st.integers(0, 2**32), days=st.integers(100, 400), back=st.tuples(st.integers(0, 400), st.integers(0, 400)))
def test_the_differences_lead_from_the_one_state_to_the_other(seed, days, back):
    world = lived(seed, days)
    first = CALENDAR.day_of(world.facts[0].recorded_at)
    early, late = sorted(max(world.today - timedelta(days=n), first) for n in back)
    for one, other in (
        (Sight(early, world.today), Sight(late, world.today)), (Sight(early, early), Sight(early, world.today)),
    ):  # fmt: skip
        before, after = (seen(world.facts, sight, CALENDAR).facts for sight in (one, other))
        found = changes(world.cluster.id, RULEBOOK, before, after)
        states = [compared(state_of(world.cluster.id, facts, RULEBOOK)) for facts in (before, after)]
        assert as_text(applied(states[0], found)) == as_text(states[1])
        assert len({change.path for change in found}) == len(found)
        assert {change.by_seq for change in found} <= {fact.seq for fact in after}
        assert changes(world.cluster.id, RULEBOOK, after, after) == []


@SOME
@given(seed=st.integers(0, 2**32), days=st.integers(100, 400), share=st.floats(0.1, 0.9))
def test_what_changed_after_a_moment_was_changed_by_a_fact_after_it(seed, days, share):
    world = lived(seed, days)
    cut = max(1, int(len(world.facts) * share))
    found = changes(world.cluster.id, RULEBOOK, world.facts[:cut], world.facts)
    assert all(change.by_seq is not None and change.by_seq > world.facts[cut - 1].seq for change in found)
