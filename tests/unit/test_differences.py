"""Single changes, and the facts that made them."""

from datetime import timedelta

from domain import commands as c
from domain.differences import changes, steps_of
from tests.worlds import RULEBOOK, actor, identified

MEMBERS = tuple(f"p-member-{n}" for n in range(5))


def seated(world, days, members=MEMBERS):
    until = world.today + timedelta(days=days)
    world.ask(c.SeatBody(body="provincial_committee", members=members, quorum=3, until=until),
              actor("provincial_coordinator"))  # fmt: skip
    return world.facts[-1].seq if world.facts[-1].type == "body.seated" else world.facts[-2].seq


def between(world, first, last=None):
    return {
        change.path: change
        for change in changes(world.cluster.id, RULEBOOK, world.facts[:first], world.facts[: last or len(world.facts)])
    }


def test_a_record_that_came_is_one_change_and_a_value_of_one_that_stayed_is_one():
    world = identified()
    opened = len(world.facts)
    seq = seated(world, 400)
    found = between(world, opened)["/bodies/provincial_committee"]
    assert (found.before, found.after["quorum"], found.by_seq) == (None, 3, seq)
    before_again = len(world.facts)
    again = seated(world, 800)
    found = between(world, before_again)
    assert list(found) == ["/bodies/provincial_committee/until"]
    assert found["/bodies/provincial_committee/until"].by_seq == again


def test_a_duty_that_was_closed_is_gone_and_the_fact_that_closed_it_is_named():
    world = identified()
    opened = len(world.facts)
    seated(world, 400)
    gone = between(world, opened)["/duties/body:provincial_committee"]
    closed = next(fact.seq for fact in world.facts if fact.type == "duty.closed")
    assert (gone.after, gone.by_seq) == (None, closed)
    assert gone.before["owner"] == "provincial_coordinator"


def test_what_changed_and_changed_back_is_no_difference():
    world = identified()
    seated(world, 400)
    first = len(world.facts)
    seated(world, 800)
    seated(world, 400)
    assert between(world, first) == {}


def test_a_name_with_a_slash_or_a_tilde_is_one_step():
    assert steps_of("/a~1b/c~0d") == ("a/b", "c~d")
