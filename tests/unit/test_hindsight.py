"""A record seen from a day: as it was, and as it was known."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain import commands as c
from domain.evolution import dump
from domain.hindsight import Sight, seen, sight_of, state_of
from domain.refusals import Refused
from tests.worlds import RULEBOOK, actor, identified

CALENDAR = RULEBOOK.calendar


def days_later(world, days):
    world.now += timedelta(days=days)
    return world.today


@pytest.fixture
def told_late():
    """Opened on day 0; on day 20 the profile is sent that had been ready on day 10, on day 15 a council is seated."""
    world = identified()
    ready_at, ready = world.now + timedelta(days=10), world.today + timedelta(days=10)
    seated = days_later(world, 15)
    members = tuple(f"p-member-{n}" for n in range(5))
    world.ask(c.SeatBody(body="provincial_committee", members=members, quorum=3, until=seated + timedelta(days=900)),
              actor("provincial_coordinator"))  # fmt: skip
    told = days_later(world, 5)
    offer = next(offer for offer in world.offers() if offer.type == "SubmitDeliverable")
    world.send(offer, occurred_at=ready_at)
    return world, offer.duty, ready, seated, told


def folded(world, as_of, known_on):
    found = seen(world.facts, Sight(as_of, known_on), CALENDAR)
    return state_of(world.cluster.id, found.facts, RULEBOOK), found.out_of_order


def test_a_back_dated_fact_is_seen_from_the_day_it_tells_of_and_known_from_the_day_it_was_told(told_late):
    world, duty, ready, _, told = told_late
    for as_of, known_on, is_there in (
        (ready, told, True), (ready - timedelta(days=1), told, False),
        (told - timedelta(days=1), told - timedelta(days=1), False), (told, told, True),
    ):  # fmt: skip
        assert (duty in folded(world, as_of, known_on)[0].sent) is is_there, (as_of, known_on)


def test_what_is_folded_before_something_that_was_there_when_it_was_decided_is_named(told_late):
    world, _, ready, seated, told = told_late
    state, out_of_order = folded(world, ready, told)
    assert state.bodies == {}
    assert out_of_order == tuple(fact.seq for fact in world.facts if fact.recorded_at == world.now)
    assert folded(world, seated, told)[1] == ()


def test_the_last_day_of_a_record_is_its_state(told_late):
    world, _, _, _, told = told_late
    state, out_of_order = folded(world, told, told)
    assert (dump(state), out_of_order) == (dump(world.cluster), ())


def test_a_day_is_seen_to_its_end_in_the_office():
    world = identified()
    world.now = CALENDAR.end_of(world.today) - timedelta(microseconds=1)
    opened = world.today
    world.pass_time()
    assert folded(world, opened, opened)[0].seq == world.cluster.seq
    assert CALENDAR.day_of(CALENDAR.end_of(opened)) == opened + timedelta(days=1)
    assert CALENDAR.end_of(date(2026, 4, 4)) == datetime(2026, 4, 4, 20, 30, tzinfo=UTC)


def test_before_the_file_there_is_nothing_and_the_first_day_is_told(told_late):
    world, _, _, _, told = told_late
    opened = CALENDAR.day_of(world.facts[0].recorded_at)
    before = opened - timedelta(days=1)
    for sight, field in ((Sight(before, told), "as_of"), (Sight(before, before), "known_on")):
        with pytest.raises(Refused, match="before_the_file") as found:
            seen(world.facts, sight, CALENDAR)
        assert (found.value.field, found.value.rule) == (field, opened.isoformat())


def test_one_day_alone_is_completed_by_the_other_axis(told_late):
    _, _, ready, _, told = told_late
    assert sight_of(None, None, told) is None
    assert sight_of(ready, None, told) == Sight(ready, told)
    assert sight_of(None, ready, told) == Sight(ready, ready)


def test_nobody_knows_a_day_that_is_still_to_come(told_late):
    _, _, ready, _, told = told_late
    for as_of, known_on, field in (
        (told + timedelta(days=1), None, "as_of"), (None, told + timedelta(days=1), "known_on"), (told, ready, "as_of"),
    ):  # fmt: skip
        with pytest.raises(Refused, match="in_the_future") as found:
            sight_of(as_of, known_on, told)
        assert found.value.field == field
