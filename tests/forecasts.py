"""Years of some clusters in an office's folder, as a rehearsal leaves it, made in seconds by the pure core alone."""

import asyncio
from contextlib import closing

from adapters.tables import read_table
from cli.reference import FOLDER, calendar, methodology, provinces
from client.sheet import check, known_words
from domain.cluster import new_cluster
from domain.rulebook import unpack
from ledger.entry import fact_of
from rehearsal.chance import Chance
from rehearsal.driver import Driver
from rehearsal.figures import counted
from rehearsal.life import Life
from rehearsal.premises import Premises, Reference, sampled
from rehearsal.rehearsing import Wanted, opening_act, people_of
from tests.pure_engine import PureEngine

MONTHS = 14
REFERENCE = Reference(
    methodology().methodology, calendar(), tuple(FOLDER / "directory" / n for n in ("demo.csv", "agents.csv")),
    frozenset(one["province"] for one in provinces()),
)  # fmt: skip


def wanted(clusters, months=MONTHS, engines=1, seed=1403, people="typical"):
    table, loaded = read_table(FOLDER / "clusters/iran.csv"), methodology()
    known = known_words(loaded.methodology, loaded.words, provinces())
    rows = check(table.heading, table.rows, known, calendar().estimated_until).rows
    chance = Chance(seed, "sample")
    taken = sampled(rows, clusters, lambda cluster: chance.between(0, 2**48, cluster))
    return Wanted(tuple(taken), months, seed, people, engines=engines)


def forecast(what, folder):
    """The same script over decide and evolve alone: the facts of every stream, and the figures. `folder` is an
    office's data folder then.
    """
    with closing(Premises(folder, REFERENCE, what.seed, what.start)) as premises:
        cast, rulebook = premises.people(what.rows), unpack(REFERENCE.rulebook)
        engine = PureEngine(premises.ledger, rulebook)
        lives = [
            Life(id, engine, people_of(id, what, premises, cast), new_cluster(id, rulebook))
            for id in (row.cluster for row in what.rows)
        ]
        driver = Driver(lives, cast, premises.ledger, calendar(), seed=what.seed, told=lambda _month, _course: None)
        opening = {row.cluster: opening_act(row, what, cast) for row in what.rows}
        course = asyncio.run(driver.run(opening, what.start, what.months))
        assert course.refused == []
        return counted(premises.ledger, REFERENCE.methodology, what.start), facts_in(premises.ledger)


def facts_in(ledger):
    return {
        stream: [(fact.seq, fact.type, fact.recorded_at) for fact in map(fact_of, ledger.entries(stream))]
        for stream, _ in ledger.streams("cluster/")
    }
