"""A record seen from a day, on both axes of time: what had happened by then, and what was known by then.

*Known on K*: the facts recorded on the day K or before. They are the beginning of the record, since a record only
grows; folded, they are the state as anybody could have read it at the end of K.

*As of D, known on K*: of those, the facts that had happened by the end of D (`occurred_at`), in the order of the
record. All facts of one command have one `occurred_at`, so a decision is seen whole or not at all. A back-dated fact
is therefore seen from the day it tells of, though nobody knew it then; `known on` takes that away again.

A fact may then be folded although one before it, which happened later, is left out: the state it was decided on was
more than what is seen here. `evolve` is total, so it is kept, and listed in `out_of_order` for whoever reads. Dates
that stand *inside* a fact (a milestone done on, a visit made on) are what somebody states, and no axis of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from domain.calendar import WorkingCalendar
from domain.cluster import Cluster, new_cluster
from domain.evolution import evolve_all
from domain.recording import Fact
from domain.refusals import Refused
from domain.rulebook import Rulebook


class Sight(NamedTuple):
    """From where a record is seen: as of one day, by what was known on that or a later one."""

    as_of: date
    known_on: date


class Seen(NamedTuple):
    """The facts that are seen, in the order of the record, and the seq of those folded out of their order."""

    facts: tuple[Fact, ...]
    out_of_order: tuple[int, ...]


def sight_of(as_of: date | None, known_on: date | None, today: date) -> Sight | None:
    """The sight asked for; None when neither day is given.

    Alone, `as_of` is by all that is known today, and `known_on` shows the state of that day itself. Refused
    `in_the_future` when a day is not over by `today`, or `as_of` not by `known_on`: nobody knows it.
    """
    if as_of is None and known_on is None:
        return None
    known = known_on or today
    if known > today:
        raise Refused("in_the_future", "known_on", "", (today.isoformat(),))
    of = as_of or known
    if of > known:
        raise Refused("in_the_future", "as_of", "", (known.isoformat(),))
    return Sight(of, known)


def seen(facts: Sequence[Fact], sight: Sight, calendar: WorkingCalendar) -> Seen:
    """What of a record is seen. Refused `before_the_file` with the first day that shows anything."""
    happened_by, recorded_by = calendar.end_of(sight.as_of), calendar.end_of(sight.known_on)
    known = [fact for fact in facts if fact.recorded_at < recorded_by]
    kept = [fact for fact in known if fact.occurred_at < happened_by]
    if not kept:
        axis = "as_of" if known else "known_on"
        first = min(fact.occurred_at for fact in known) if known else min(fact.recorded_at for fact in facts)
        day = calendar.day_of(first).isoformat()
        raise Refused("before_the_file", axis, day, (day,))
    if len(kept) == len(known):
        return Seen(tuple(kept), ())
    left_out = next(fact.seq for fact in known if fact.occurred_at >= happened_by)
    return Seen(tuple(kept), tuple(fact.seq for fact in kept if fact.seq > left_out))


def state_of(cluster_id: str, facts: Sequence[Fact], rulebook: Rulebook) -> Cluster:
    """The state that these facts add up to."""
    return evolve_all(new_cluster(cluster_id, rulebook), facts)
