"""`audit exceptions`: what an auditor looks at first, in all clusters, with the reason and the way to look at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import Province, province_of
from cli.command import command, day
from cli.errors import no_such
from cli.hindsight import record_of
from cli.office import Office
from cli.opened import Opener
from cli.output import Screen
from cli.processors import in_parts, on_processors
from cli.reference import calendar, duty_title, title
from cli.telling import Teller
from domain.exceptional import KIND_BY_KEY, KINDS, Noticed, concluded, noticed, since
from domain.people import OWN_ROLES
from domain.refusals import Refused
from ledger.entry import fact_of, moment_text

if TYPE_CHECKING:
    from ledger.views import Viewed

FIRST = 10
"""So many of each kind are shown to people who did not ask for one kind."""


@command
def exceptions(
    office: Office,
    *,
    kind: Annotated[str | None, typer.Option(metavar="|".join(KIND_BY_KEY), help="Only this kind, all of it.")] = None,
    after: Annotated[str | None, typer.Option("--since", metavar="DATE", help="Recorded on that day or later.")] = None,
    province: Province = None,
    cluster: Annotated[str | None, typer.Option(help="Only this cluster.")] = None,
) -> None:
    """What was allowed and is not the usual course: waivers, back-dated facts, swift approvals, delegations …

    None of it is a fault by itself: it is where to look first. The latest stands first.

    Examples:
      khoosheh audit exceptions --province yazd --since 1404/01/01
      khoosheh audit exceptions --kind swift_approval
    """
    if kind is not None and kind not in KIND_BY_KEY:
        raise no_such("kind", kind, KIND_BY_KEY)
    first, place = day(after, "--since") if after else None, province_of(province)
    kinds = [KIND_BY_KEY[kind]] if kind else list(KINDS)
    with office.reading() as ledger:
        rows = ledger.portfolio(provinces=[place] if place else None, clusters=[cluster] if cluster else None)
        if cluster and not rows:
            raise Refused("not_found", "cluster")
        found = concluded(look_through(office, rows, [one.key for one in kinds]), kinds)
        if first is not None:
            found = since(found, first, calendar())
        counted = Counter(one.kind for one in found)
        teller = Teller(office, Opener(office, ledger))
        office.screen.result({
            "kinds": {one.key: counted[one.key] for one in kinds},
            "exceptions": [_form(office, one) for one in found],
        })  # fmt: skip
        if not office.screen.json:
            for one in kinds:
                _show(
                    office, teller, one.key, [row for row in found if row.kind == one.key], everything=kind is not None
                )
            if not found:
                office.screen.line(office.screen.say("screen.no_exceptions"))


def look_through(office: Office, rows: Sequence[Viewed], kinds: Sequence[str]) -> list[Noticed]:
    """What shows in the records of these clusters, before it is concluded over all of them."""
    parts = in_parts([row["cluster_id"] for row in rows])
    found: list[Noticed] = []
    with (
        office.screen.progress(office.screen.say("screen.looking_through"), len(rows)) as bar,
        on_processors(sum(row["seq"] for row in rows)) as each,
    ):
        for part, of_part in zip(parts, each(partial(_part, office.data, kinds), parts), strict=True):
            found += of_part
            bar.advance(bar.task_ids[0], len(part))
    return found


def _part(data: Path, kinds: Sequence[str], clusters: Sequence[str]) -> list[Noticed]:
    wanted = [KIND_BY_KEY[key] for key in kinds]
    with Office(data, Screen("en", json=True, quiet=True)).reading() as ledger:
        records = ((one, [fact_of(leaf) for leaf in record_of(ledger, one)], calendar()) for one in clusters)
        return [found for record in records for found in noticed(record, wanted)]


def look_at(one: Noticed) -> str:
    """The command that shows it among what happened that day."""
    on = calendar().day_of(one.fact.occurred_at)
    return f"khoosheh audit timeline {one.cluster} --from {on} --until {on}"


def _form(office: Office, one: Noticed) -> dict[str, Any]:
    fact = one.fact
    return {
        "kind": one.kind, "title": office.screen.say(f"exception.{one.kind}"), "cluster": one.cluster, "seq": fact.seq,
        "type": fact.type, "who": fact.actor.model_dump(), "occurred_at": moment_text(fact.occurred_at),
        "recorded_at": moment_text(fact.recorded_at), "why": _why(office, one), "detail": one.detail,
        "look_at": look_at(one),
    }  # fmt: skip


def _why(office: Office, one: Noticed) -> str:
    """Why it is an exception, with the figures that make it one."""
    screen = office.screen
    given = {key: screen.count(value) if isinstance(value, int) else str(value) for key, value in one.detail.items()}
    return screen.say(f"exception_why.{one.kind}", **given)


def _show(office: Office, teller: Teller, kind: str, found: Sequence[Noticed], *, everything: bool) -> None:
    """The kind with its number, and each case in a paragraph that fits any width."""
    screen, say = office.screen, office.screen.say
    if not found:
        return
    screen.line(f"{say(f'exception.{kind}')} ({screen.count(len(found))})", "bold underline")
    shown = found if everything else found[:FIRST]
    cases = Table.grid(padding=(0, 1, 0, 0))
    cases.add_column(style="dim", justify="right", no_wrap=True)
    cases.add_column(overflow="fold")
    for one in shown:
        cases.add_row(screen.count(one.fact.seq), _case(office, teller, one))
    screen.show(cases)
    if len(shown) < len(found):
        screen.line(say("screen.more_exceptions", n=screen.count(len(found) - len(shown)), kind=kind), "dim")
    screen.line()


def _case(office: Office, teller: Teller, one: Noticed) -> Text:
    screen, fact = office.screen, one.fact
    by_itself = fact.actor.role in OWN_ROLES
    who = [] if by_itself else [title("role", fact.actor.role, office.lang)]
    who.append(teller.person(fact.actor.person))
    if fact.actor.on_behalf_of:
        who.append(screen.isolated("timeline.on_behalf_of", person=teller.person(fact.actor.on_behalf_of)))
    when = screen.day(calendar().day_of(fact.recorded_at))
    return Text.assemble(
        (f"{screen.say(f'event.{fact.type}')}{_about(office, one)}", "bold"),
        f" · {one.cluster} · {when}\n{' · '.join(who)}\n",
        (f"{_why(office, one)}\n", "yellow"), (look_at(one), "dim"),
    )  # fmt: skip


def _about(office: Office, one: Noticed) -> str:
    detail = one.detail
    if "duty" in detail:
        return f": {duty_title(detail['duty'], '', office.lang)}"
    return f": {title('gate', detail['gate'], office.lang)}" if "gate" in detail else ""
