"""A draw depends on nothing but the ids and the seed."""

from hashlib import sha256

from domain.sampling import draw

IDS = [f"cluster-{n}" for n in range(100)]


def test_the_order_in_which_the_ids_come_does_not_matter():
    assert draw(IDS, 10, "seed") == draw(reversed([*IDS, *IDS]), 10, "seed")


def test_a_larger_sample_only_adds_to_a_smaller_one():
    assert draw(IDS, 30, "seed")[:10] == draw(IDS, 10, "seed")
    assert draw(IDS, 1000, "seed") == draw(IDS, 100, "seed")


def test_the_method_can_be_followed_by_hand():
    first = min(IDS, key=lambda id: sha256(b"1405-09-05|" + id.encode()).hexdigest())
    assert draw(IDS, 1, "1405-09-05") == [first] == ["cluster-75"]


def test_another_seed_draws_others():
    assert draw(IDS, 10, "seed") != draw(IDS, 10, "other")
    assert draw([], 3, "seed") == []
