"""`audit timeline`: the years of one cluster, fact by fact: when, who, what, why, and under which seal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.command import command, day
from cli.errors import WrongUse, no_such
from cli.hindsight import AsOf, KnownOn, asked_sight, last_day, record_of
from cli.office import Office
from cli.opened import Opener
from cli.reasons import why
from cli.reference import calendar, methodology, title
from cli.telling import Teller
from domain.events import TYPES
from domain.hindsight import seen
from domain.jalali import format_jalali
from ledger.entry import Leaf, entry_in, fact_of
from ledger.erasure import commitments_in

if TYPE_CHECKING:
    from domain.hindsight import Sight


@command
def timeline(
    office: Office,
    cluster: Annotated[str, typer.Argument(help="The cluster's id; `board` lists them.")],
    *,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="What happened on that day or after it.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="What happened on that day or before it.")] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", help="Only this type of fact, e.g. gate.decided, or `gate` for all.")
    ] = None,
    as_of: AsOf = None,
    known_on: KnownOn = None,
) -> None:
    """Step through the years of a cluster, in the order of the record: when, who, what, why, and the seal.

    What one command caused stands together. Texts are opened from the document store where it is at hand.

    Examples:
      khoosheh audit timeline qom-carpet --from 1404/01/01 --until 1404/06/31
      khoosheh audit timeline qom-carpet --type gate --type vote.cast
      khoosheh audit timeline qom-carpet --known-on 1404/06/31
    """
    first, last = day(since, "--from") if since else date.min, day(until, "--until") if until else date.max
    if last < first:
        raise WrongUse("reversed", field="--until", given=until, before=since)
    wanted = _wanted(types or [])
    with office.reading() as ledger:
        leaves = record_of(ledger, cluster)
        sight, kept = _kept(leaves, as_of, known_on)
        opener = Opener(office, ledger)
        entries = [
            entry for entry in _entries(office, leaves, opener)
            if entry["seq"] in kept and (not wanted or entry["type"] in wanted)
            and first <= date.fromisoformat(entry["occurred_on"]) <= last
        ]  # fmt: skip
        office.screen.result({
            "cluster": cluster, "as_of": sight.as_of if sight else None, "known_on": sight.known_on if sight else None,
            "of": len(leaves), "entries": entries,
        })  # fmt: skip
        if not office.screen.json and not office.screen.quiet:
            from cli.timeline_page import page

            page(office, opener, cluster, entries, of=len(leaves), sight=sight)


def _wanted(types: Sequence[str]) -> set[str]:
    """The types named, whole families by their first word. Wrong use with the nearest."""
    known = set(TYPES) | {name.partition(".")[0] for name in TYPES}
    for one in types:
        if one not in known:
            raise no_such("type", one, known, "khoosheh vocabulary")
    return {name for name in TYPES if name in types or name.partition(".")[0] in types}


def _kept(leaves: Sequence[Leaf], as_of: str | None, known_on: str | None) -> tuple[Sight | None, set[int]]:
    facts = [fact_of(leaf) for leaf in leaves]
    sight = asked_sight(as_of, known_on, last_day(facts))
    found = seen(facts, sight, calendar()).facts if sight else facts
    return sight, {fact.seq for fact in found}


def _entries(office: Office, leaves: Sequence[Leaf], opener: Opener) -> Iterator[dict[str, Any]]:
    """Every entry as programs read it: as sealed, and beside it what it says to people."""
    main = {one.key for one in methodology().methodology.main_track}
    sealed = [(entry_in(leaf.raw), leaf.digest) for leaf in leaves]
    entered = [entry["data"].get("stage") if entry["type"] == "stage.entered" else None for entry, _ in sealed]
    stage = next((one for one in entered if one in main), "")
    beside: dict[str, list[dict[str, Any]]] = {}
    for entry, _ in sealed:
        beside.setdefault(entry["command"]["id"], []).append(entry)
    teller = Teller(office, opener)
    for (entry, digest), left_for in zip(sealed, entered, strict=True):
        reason = why(office.screen, entry, beside[entry["command"]["id"]])
        said = _said(office, entry, opener, teller)
        yield {**entry, "digest": digest, "stage": stage, **said, "why": reason._asdict()}
        stage = left_for if left_for in main else stage


def _said(office: Office, entry: dict[str, Any], opener: Opener, teller: Teller) -> dict[str, Any]:
    """What an entry says in the reader's language, its days in both calendars, and what its seals hold."""
    times: dict[str, str] = {}
    for name in ("occurred", "recorded"):
        on = calendar().day_of(datetime.fromisoformat(entry[f"{name}_at"]))
        times |= {f"{name}_on": on.isoformat(), f"{name}_on_jalali": format_jalali(on)}
    actor = entry["actor"]
    names = {who: opener.name(who) for who in (actor["id"], actor.get("on_behalf_of")) if who}
    return {
        **times, "title": office.screen.say(f"event.{entry['type']}"),
        "actor": {**actor, "role_title": title("role", actor["role"], office.lang), "names": names},
        "details": [{"label": label, "value": value} for label, value in teller.details(entry["data"])],
        "texts": {seal: opener.open(seal)._asdict() for _, seal in commitments_in(entry["data"])},
    }  # fmt: skip
