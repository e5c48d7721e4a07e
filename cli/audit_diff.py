"""`audit diff`: what changed in a cluster between two days, or in what was known of one day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import typer

from cli.command import command, day
from cli.errors import WrongUse
from cli.hindsight import last_day, record_of
from cli.office import Office
from cli.opened import Opener
from cli.reference import calendar
from domain.differences import changes
from domain.hindsight import Seen, Sight, seen, sight_of
from domain.recording import Fact
from domain.refusals import Refused
from domain.rulebook import read
from ledger.entry import fact_of


class Side(NamedTuple):
    """One side of the comparison: from where it is seen, and what is seen from there."""

    sight: Sight
    seen: Seen


@command
def diff(
    office: Office,
    cluster: Annotated[str, typer.Argument(help="The cluster's id; `board` lists them.")],
    on: Annotated[str, typer.Argument(metavar="DATE", help="The day, or the earlier one.")],
    until: Annotated[str | None, typer.Argument(metavar="[DATE]", help="The later day.")] = None,
    known: Annotated[
        list[str] | None,
        typer.Option("--known-on", metavar="DATE", help="By what was recorded by then. Of one day: once, then or now; "
                     "twice, then and later."),
    ] = None,
) -> None:  # fmt: skip
    """What changed between two days; or, of one day, between what was known then and what is known now.

    Each change names the fact that made it so; `audit timeline` shows who made it, and why.

    Examples:
      khoosheh audit diff qom-carpet 1404/01/01 1404/06/31
      khoosheh audit diff qom-carpet 1404/03/31 --known-on 1404/03/31
      khoosheh audit diff qom-carpet 1404/03/31 --known-on 1404/03/31 --known-on 1404/06/31
    """
    with office.reading() as ledger:
        leaves = record_of(ledger, cluster)
        facts = [fact_of(leaf) for leaf in leaves]
        one, other = (Side(sight, seen(facts, sight, calendar())) for sight in _sights(on, until, known or [], facts))
        named = other.seen.facts[-1].methodology
        if named is None:
            raise Refused("not_found", "cluster")
        found = changes(cluster, read(ledger.text(named.digest)), one.seen.facts, other.seen.facts)
        told = [change._asdict() for change in found]
        office.screen.result({"cluster": cluster, "from": _form(one), "to": _form(other), "changes": told})
        if not office.screen.json and not office.screen.quiet:
            from cli.diff_page import page

            page(office, Opener(office, ledger), (one.sight, other.sight), found)


def _sights(on: str, until: str | None, known: Sequence[str], facts: Sequence[Fact]) -> tuple[Sight, Sight]:
    """The two sights that were asked for, the earlier one first. Wrong use when that cannot be told."""
    today, first = last_day(facts), day(on, "DATE")
    if len(known) > (2 if until is None else 1):
        raise WrongUse("diff_known", field="--known-on")
    if until is None:
        if not known:
            raise WrongUse("diff_one", field="DATE")
        by = [day(one, "--known-on") for one in known]
        pairs = [(first, by[0]), (first, by[1] if len(by) > 1 else today)]
        written, axis = known, "--known-on"
    else:
        by_then = day(known[0], "--known-on") if known else today
        pairs = [(first, by_then), (day(until, "DATE"), by_then)]
        written, axis = [on, until], "DATE"
    if pairs[1] < pairs[0]:
        raise WrongUse("reversed", field=axis, given=written[-1], before=written[0])
    one, other = (sight_of(of, by_day, today) or Sight(today, today) for of, by_day in pairs)
    return one, other


def _form(side: Side) -> dict[str, Any]:
    return {**side.sight._asdict(), "seq": side.seen.facts[-1].seq, "out_of_order": list(side.seen.out_of_order)}
