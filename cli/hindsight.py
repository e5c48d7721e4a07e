"""`--as-of` and `--known-on`: the record as it was on a day, and as it was known on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from cli.command import day
from cli.office import now
from cli.processors import in_parts, on_processors
from cli.reference import calendar
from domain.hindsight import Seen, Sight, seen, sight_of, state_of
from domain.refusals import Refusal, Refused
from domain.rulebook import read
from ledger.entry import Leaf, fact_of, moment_text, times_in
from ledger.projection import PREFIX, viewed
from ledger.views import Viewed

if TYPE_CHECKING:
    from cli.office import Office
    from domain.cluster import Cluster
    from domain.recording import Fact
    from ledger.store import Entries

AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="As it was at the end of that day, e.g. 1404/06/31.")
]
KnownOn = Annotated[
    str | None, typer.Option("--known-on", metavar="DATE", help="By what had been recorded at the end of that day.")
]


def asked_sight(as_of: str | None, known_on: str | None, today: date) -> Sight | None:
    """The sight that was asked for; None for the present. Wrong use or refused when a day cannot be."""
    of = day(as_of, "--as-of") if as_of else None
    known = day(known_on, "--known-on") if known_on else None
    return sight_of(of, known, today)


def record_of(ledger: Entries, cluster_id: str) -> list[Leaf]:
    """Every entry of the cluster. Refused `not_found`, whatever the reason."""
    leaves = ledger.entries(PREFIX + cluster_id)
    if not leaves:
        raise Refused("not_found", "cluster")
    return leaves


def last_day(facts: Sequence[Fact]) -> date:
    """The cluster's present day: today or, of a rehearsal that ended in the future, its last."""
    return calendar().day_of(max(now(), facts[-1].recorded_at))


def cluster_seen(ledger: Entries, cluster_id: str, facts: Sequence[Fact], sight: Sight) -> tuple[Cluster, Seen]:
    """The state that is seen, and the facts it is made of. Refused `before_the_file`."""
    found = seen(facts, sight, calendar())
    named = found.facts[-1].methodology
    if named is None:
        raise Refused("not_found", "cluster")
    return state_of(cluster_id, found.facts, read(ledger.text(named.digest))), found


class Past(NamedTuple):
    """Rows of the portfolio and of the duties as the views would have been, and the first day of who had no file."""

    rows: list[Viewed]
    owed: list[Viewed]
    first: Refusal | None


def portfolio_seen(office: Office, rows: Sequence[Viewed], sight: Sight) -> Past:
    """The clusters of these rows as they are seen; refused `before_the_file` when none of them is."""
    clusters = [row["cluster_id"] for row in rows]
    parts = in_parts(clusters)
    past = Past([], [], None)
    with (
        office.screen.progress(office.screen.say("screen.looking_back"), len(clusters)) as bar,
        on_processors(sum(row["seq"] for row in rows)) as each,
    ):
        for part, found in zip(parts, each(partial(_part_seen, office.data, sight), parts), strict=True):
            past = _together(past, found)
            bar.advance(bar.task_ids[0], len(part))
    if past.first is not None and not past.rows:
        raise Refused(**past.first.model_dump())
    return past


def _part_seen(data: Path, sight: Sight, clusters: Sequence[str]) -> Past:
    from cli.office import Office
    from cli.output import Screen

    past = Past([], [], None)
    with Office(data, Screen("en", json=True, quiet=True)).reading() as ledger:
        for cluster_id in clusters:
            leaves = record_of(ledger, cluster_id)
            facts = [fact_of(leaf) for leaf in _within(leaves, sight) or leaves]
            try:
                row, owed = viewed(cluster_seen(ledger, cluster_id, facts, sight)[0])
            except Refused as refused:
                past = _together(past, Past([], [], refused.told()))
            else:
                past = _together(past, Past([row], owed, None))
    return past


def _within(leaves: Sequence[Leaf], sight: Sight) -> list[Leaf]:
    """The entries that are seen, told by their times alone: parsing the others would take most of the time."""
    happened_by, recorded_by = (moment_text(calendar().end_of(day)) for day in sight)
    times = ((leaf, *times_in(leaf.raw)) for leaf in leaves)
    return [leaf for leaf, happened, recorded in times if happened < happened_by and recorded < recorded_by]


def _together(one: Past, other: Past) -> Past:
    firsts = [found.first for found in (one, other) if found.first is not None]
    return Past(one.rows + other.rows, one.owed + other.owed, min(firsts, key=lambda first: first.rule, default=None))


def seen_from(office: Office, sight: Sight) -> str:
    """From where it is seen, as the line above what is shown."""
    screen = office.screen
    as_of, known_on = screen.day(sight.as_of), screen.day(sight.known_on)
    return screen.isolated("screen.seen_from", as_of=as_of, known_on=known_on)
