"""The pure core: whole lives without engine, clock or database."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter

from bench.figure import Figure, middle
from domain.cluster import new_cluster
from domain.evolution import evolve_all
from domain.recording import Fact
from tests.unit.test_three_years import RULEBOOK, START, Life

YEARS, LIVES = 8, 5


def lived() -> Life:
    """A cluster for eight years, everybody doing at once what is offered."""
    life = Life()
    life.do(
        "IdentifyCluster", {"name_fa": "کفش قم", "province": "qom", "product": "footwear"}, "provincial_coordinator"
    )
    life.act()
    life.until(START + timedelta(days=365 * YEARS))
    return life


async def run() -> list[Figure]:
    facts = lived().facts
    written = [fact.model_dump_json() for fact in facts]
    lives, floors, folds = [], [], []
    for _ in range(LIVES):
        lives.append(_seconds(lived))
        floors.append(_seconds(lambda: [Fact.model_validate_json(line) for line in written]))
        folds.append(_seconds(lambda: evolve_all(new_cluster("qom-footwear", RULEBOOK), facts)))
    life, spread = middle(lives)
    floor, fold = middle(floors)[0], middle(folds)[0]
    return [
        Figure(what=f"lives of {YEARS} years and {len(facts)} facts", reached=1 / life, unit="a second",
               spread=(1 / spread[1], 1 / spread[0])),
        Figure(what="facts decided", reached=len(facts) / life, unit="a second"),
        Figure(what="a fact, decided and what is due worked out", reached=life / len(facts) * 1e6, unit="µs",
               floor=floor / len(facts) * 1e6, floor_is="the same fact read from JSON"),
        Figure(what="a fact, folded", reached=fold / len(facts) * 1e6, unit="µs", floor=floor / len(facts) * 1e6,
               floor_is="the same fact read from JSON"),
    ]  # fmt: skip


def _seconds(does: object) -> float:
    assert callable(does)
    start = perf_counter()
    does()
    return perf_counter() - start
