"""Figures of a trust network: who works with whom, drawn from the relations a survey found.

All figures are thousandths as integers (0…1000), also the number of components (2000: two of them), so
that one unit holds for all. The agent counts as a member of the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

from domain.recording import Fact

AGENT = 0
"""The number the agent has in every survey."""

BASELINE, PULSE = "social_network_baseline", "trust_pulse"
"""The deliverables whose table `edges` holds relations `from`, `to`, `weight`; `n` is how many answered."""

Figures = dict[str, int]


def before_and_after(facts: Iterable[Fact]) -> tuple[Figures, Figures]:
    """The network of the last baseline survey and of the last pulse sent; empty where there was none."""
    sent: dict[str, Figures] = {}
    for fact in facts:
        if fact.type == "deliverable.submitted" and fact.data["deliverable"] in (BASELINE, PULSE):
            values = fact.data["values"]
            if values.get("edges"):
                sent[fact.data["deliverable"]] = figures(values["edges"], int(values.get("n", 0)))
    return sent.get(BASELINE, {}), sent.get(PULSE, {})


def figures(edges: Iterable[Mapping[str, Any]], answered: int = 0) -> Figures:
    """Density, components, degree centralisation (Freeman), reciprocity, and the agent's betweenness.

    `answered` firms and the agent are in the network, whether or not anybody named them. Density,
    components, centralisation and betweenness are of ties in either direction; strengths do not count.
    """
    named = _named(edges, answered)
    ties = named.to_undirected()
    return {
        "density": _thousandths(nx.density(ties)),
        "components": 1000 * nx.number_connected_components(ties),
        "centralisation": _thousandths(_centralisation(ties)),
        "reciprocity": _thousandths(nx.overall_reciprocity(named)) if named.number_of_edges() else 0,
        "agent_betweenness": _thousandths(nx.betweenness_centrality(ties)[AGENT]),
    }


def _named(edges: Iterable[Mapping[str, Any]], answered: int) -> nx.DiGraph[Any]:
    """Who named whom. Nobody is related to himself."""
    named: nx.DiGraph[Any] = nx.DiGraph()
    named.add_node(AGENT)
    named.add_edges_from((int(edge["from"]), int(edge["to"])) for edge in edges if int(edge["from"]) != int(edge["to"]))
    named.add_nodes_from(("alone", n) for n in range(answered + 1 - named.number_of_nodes()))
    return named


def _centralisation(ties: nx.Graph[Any]) -> float:
    """1 for a star, 0 when all have as many ties (Freeman 1978)."""
    degrees = [degree for _, degree in ties.degree()]
    most_unequal = (len(degrees) - 1) * (len(degrees) - 2)
    return sum(max(degrees) - degree for degree in degrees) / most_unequal if most_unequal > 0 else 0.0


def _thousandths(share: float) -> int:
    return round(1000 * share)
