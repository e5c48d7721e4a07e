import pytest

from activities.trust_network import before_and_after, figures
from tests.ledger_facts import fact

STAR = [(0, 1), (0, 2), (0, 3), (0, 4)]
NAMES = ("density", "components", "centralisation", "reciprocity", "agent_betweenness")
RING = [(1, 2), (2, 3), (3, 4), (4, 1)]
FULL = [(a, b) for a in range(4) for b in range(4) if a != b]


def rows(*pairs):
    return [{"from": a, "to": b, "weight": 3} for a, b in pairs]


def of(pairs, answered=0):
    return figures(rows(*pairs), answered)


def test_every_figure_is_a_whole_number():
    assert all(type(value) is int for value in of(STAR).values())


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (STAR, (400, 1000, 1000, 0, 1000)),
        (FULL, (1000, 1000, 0, 1000, 0)),
        (RING, (400, 2000, 167, 0, 0)),
        ([], (0, 1000, 0, 0, 0)),
    ],
)
def test_the_figures_of_known_networks(pairs, expected):
    assert of(pairs) == dict(zip(NAMES, expected, strict=True))


def test_an_agent_between_two_groups_carries_the_network():
    """Two pairs joined by the agent alone: of the 6 pairs of firms, 4 go through the agent."""
    assert of([(1, 2), (3, 4), (0, 1), (0, 3)])["agent_betweenness"] == 667


def test_who_answered_and_named_nobody_is_in_the_network():
    assert of([(0, 1)], answered=3)["components"] == 3000
    assert of([(0, 1)], answered=3)["density"] == 167


def test_a_tie_named_from_both_sides_is_one_tie():
    assert of([(1, 2), (2, 1), (0, 1)])["density"] == of([(1, 2), (0, 1)])["density"]
    assert of([(1, 2), (2, 1), (0, 1)])["reciprocity"] == 667


def test_nobody_is_related_to_himself():
    assert of([*STAR, (1, 1)]) == of(STAR)


def submitted(seq, deliverable, pairs):
    values = {"edges": rows(*pairs), "n": 4}
    sent = fact(seq).model_copy(update={"type": "deliverable.submitted"})
    return sent.model_copy(update={"data": {"deliverable": deliverable, "values": values}})


def test_the_last_survey_and_the_last_pulse_are_compared():
    facts = [
        submitted(1, "social_network_baseline", FULL),
        submitted(2, "social_network_baseline", RING),
        submitted(3, "trust_pulse", RING),
        submitted(4, "trust_pulse", STAR),
        fact(5),
    ]
    assert before_and_after(facts) == (of(RING, 4), of(STAR, 4))


def test_without_a_pulse_there_is_nothing_after():
    assert before_and_after([submitted(1, "social_network_baseline", RING)]) == (of(RING, 4), {})
    assert before_and_after([fact(1)]) == ({}, {})
