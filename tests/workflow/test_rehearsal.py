"""A rehearsal is repeatable, whole, and equal to the forecast of the pure core."""

import asyncio
from contextlib import closing

import pytest

from rehearsal.premises import Premises
from rehearsal.rehearsing import rehearse
from rehearsal.report import as_object, is_sound
from tests.forecasts import MONTHS, REFERENCE, facts_in, forecast, wanted


def rehearsed(what, folder):
    return asyncio.run(rehearse(what, REFERENCE, folder, lambda _month, _course: None))


@pytest.mark.timeout(300)
def test_the_same_seed_gives_the_same_facts_on_one_engine_on_two_and_in_the_pure_core(tmp_path):
    one = as_object(rehearsed(wanted(3), tmp_path / "one"))
    two = as_object(rehearsed(wanted(3, engines=2), tmp_path / "two"))
    figures, _ = forecast(wanted(3), tmp_path / "pure")
    assert one["facts_digest"] == two["facts_digest"] == figures.digest
    assert one["facts"] == two["facts"] > 300
    assert one["funnel"] == two["funnel"]
    assert (one["ownerless"], one["rungs"]["doubled"], one["stuck"], one["refused"]) == (0, 0, [], 0)
    assert one["verify"]["ok"]
    assert one["replay"] == {"ok": True, "clusters": 3}
    assert len(one["funnel"]) == MONTHS


@pytest.mark.timeout(300)
def test_the_forecast_of_one_cluster_is_its_rehearsal_fact_for_fact(tmp_path):
    what = wanted(1, months=8)
    result = rehearsed(what, tmp_path / "engine")
    assert is_sound(result)
    with closing(Premises(tmp_path / "engine", REFERENCE, what.seed, what.start)) as premises:
        _, expected = forecast(what, tmp_path / "pure")
        assert facts_in(premises.ledger) == expected


def test_another_seed_is_another_history(tmp_path):
    first, _ = forecast(wanted(2, months=4), tmp_path / "a")
    other, _ = forecast(wanted(2, months=4, seed=7), tmp_path / "b")
    assert first.digest != other.digest


def test_when_an_agent_leaves_one_other_person_stands_in_and_another_follows(tmp_path):
    _, facts = forecast(wanted(1, months=20, seed=16, people="late"), tmp_path)
    types = [type for of_cluster in facts.values() for _, type, _ in of_cluster]
    order = ["agent.notice_given", "agent.load_freed", "agent.interim_named", "agent.assigned"]
    assert [type for type in types[types.index("agent.notice_given") :] if type in order] == order


def test_a_sample_has_every_status_of_the_sheet():
    everything, sample = wanted(None), wanted(30)
    statuses = {row.data.get("status", "") for row in everything.rows}
    assert {row.data.get("status", "") for row in sample.rows} == statuses
    assert len(sample.rows) == 30
