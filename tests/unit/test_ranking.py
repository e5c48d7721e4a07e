from datetime import date

import pytest

from domain.ranking import MOST_PROPOSED, Applicant, Wanted, rank

TODAY = date(2026, 11, 24)
WANTED = Wanted(
    cluster="isfahan-carpet", province="isfahan", product="hand-woven carpet", on=TODAY, persons=("p-0043",)
)


def applicant(agent="p-1", **known):
    return Applicant(**{"agent": agent, "capacity": 2, "load": 0, "home_province": "yazd", **known})


def reasons(**known):
    (candidate,) = rank([applicant(**known)], WANTED)
    return candidate.reasons


def test_points_are_the_sum_of_the_reasons_shown():
    known = {"home_province": "isfahan", "products": ("hand-woven carpet",), "led_here": True}
    (best,) = rank([applicant(**known, certificate_until=date(2030, 1, 1))], WANTED)
    assert best.reasons == {
        "product_fit": 40,
        "same_province": 25,
        "free_places": 20,
        "led_here": 10,
        "certificate_lasts": 5,
    }
    assert best.points == 100


@pytest.mark.parametrize(
    ("products", "points"),
    [
        (("Hand-woven Carpet",), 40),
        (("bricks", "carpet"), 20),
        (("machine-made carpet",), 20),
        (("bricks",), 0),
        ((), 0),
    ],
)
def test_a_product_of_the_same_kind_fits_half(products, points):
    assert reasons(products=products).get("product_fit", 0) == points


@pytest.mark.parametrize(("load", "points"), [(0, 20), (1, 13), (2, 6)])
def test_free_places_count_by_their_share_of_the_capacity(load, points):
    assert reasons(capacity=3, load=load)["free_places"] == points


def test_who_has_no_free_place_is_left_out():
    assert rank([applicant(capacity=2, load=2), applicant(capacity=0)], WANTED) == ()


@pytest.mark.parametrize("conflict", ["p-0043", "province/isfahan", "cluster/isfahan-carpet"])
def test_a_conflict_of_interest_leaves_out(conflict):
    assert rank([applicant(conflicts=(conflict,))], WANTED) == ()


@pytest.mark.parametrize("conflict", ["p-0044", "province/yazd", "cluster/isfahan-gold"])
def test_a_conflict_elsewhere_does_not_count(conflict):
    assert len(rank([applicant(conflicts=(conflict,))], WANTED)) == 1


def test_a_lapsed_certificate_leaves_out_and_its_last_day_does_not():
    assert rank([applicant(certificate_until=date(2026, 11, 23))], WANTED) == ()
    assert "certificate_lasts" not in reasons(certificate_until=TODAY)


def test_the_excluded_are_left_out():
    assert rank([applicant("p-1"), applicant("p-2")], WANTED, ("p-1",))[0].agent == "p-2"


def test_equals_stand_in_the_order_of_their_ids_whatever_order_they_came_in():
    ids = [f"p-{n}" for n in range(100, 103)]
    assert [c.agent for c in rank([applicant(each) for each in reversed(ids)], WANTED)] == ids


def test_the_better_fit_stands_first_and_not_all_are_proposed():
    crowd = [applicant(f"p-{n}") for n in range(100, 100 + MOST_PROPOSED)]
    ranked = rank([*crowd, applicant("p-999", products=("carpet",))], WANTED)
    assert ranked[0].agent == "p-999"
    assert len(ranked) == MOST_PROPOSED
