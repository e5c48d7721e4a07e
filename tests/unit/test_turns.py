"""Whoever uses a shared register goes in the order of moments and ids, however fast their engines are."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from rehearsal.turns import Place, Turns

START = datetime(2026, 3, 21, tzinfo=UTC)


def places(chance, name):
    found = (Place(START + timedelta(days=chance.randrange(20)), f"c-{chance.randrange(9)}-{name}") for _ in range(6))
    return sorted(found)


@pytest.mark.parametrize("seed", range(20))
async def test_the_order_of_uses_is_that_of_their_places_and_not_of_their_haste(seed):
    chance = random.Random(seed)
    wanted = {object(): places(chance, name) for name in ("a", "b", "c")}
    turns, used = Turns(wanted), []

    async def live(party):
        for place in wanted[party]:
            turns.reach(party, Place(place.moment))
            for _ in range(chance.randrange(5)):
                await asyncio.sleep(0)
            await turns.take(party, place)
            used.append(place)
        turns.leave(party)

    await asyncio.gather(*(live(party) for party in wanted))
    assert used == sorted(used)
    assert len(used) == 18


async def test_who_is_ahead_waits_until_the_one_behind_has_come_as_far():
    ahead, behind = object(), object()
    turns = Turns([ahead, behind])
    taking = asyncio.create_task(turns.take(ahead, Place(START, "x")))
    await asyncio.sleep(0)
    turns.reach(behind, Place(START - timedelta(days=1)))
    await asyncio.sleep(0)
    assert not taking.done()
    turns.reach(behind, Place(START, "y"))
    await taking


async def test_who_leaves_is_waited_for_no_longer():
    stays, leaves = object(), object()
    turns = Turns([stays, leaves])
    turns.leave(leaves)
    await turns.take(stays, Place(START, "x"))


async def test_who_is_alone_never_waits():
    alone = object()
    await Turns([alone]).take(alone, Place(START, "x"))
