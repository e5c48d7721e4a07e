"""The timeline for people: stages as chapters, months inside them, what one command caused in one paragraph."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from cli.hindsight import seen_from
from cli.output import visible
from cli.reasons import cited
from cli.reference import calendar, methodology, province_name, title
from cli.telling import Teller
from domain.people import OWN_ROLES
from i18n.dates import ltr, show_month, show_short, show_with_iso

if TYPE_CHECKING:
    from cli.office import Office
    from cli.opened import Opener
    from domain.hindsight import Sight

SHORT = 8
"""Hex digits of a seal that are shown: enough to find it again, `--json` has it whole."""
SAME = timedelta(minutes=1)
"""Two times so near are one to a reader."""


def page(
    office: Office, opener: Opener, cluster: str, entries: Sequence[dict[str, Any]], *, of: int, sight: Sight | None
) -> None:
    """Printed, chapter by chapter."""
    screen = office.screen
    _head(office, cluster, entries, of, sight)
    teller, month = Teller(office, opener), ""
    for stage, of_stage in groupby(_blocks(entries), key=lambda block: block[0]["stage"]):
        chapter = list(of_stage)
        screen.show(Rule(_chapter(office, stage, chapter), align="left", style="cyan", characters="─"))
        month = ""
        for block in chapter:
            if (now := show_month(date.fromisoformat(block[0]["recorded_on"]), office.lang)) != month:
                screen.line()
                screen.line(f"  {now}", "bold underline")
                month = now
            screen.line()
            screen.show(Padding(Group(*_block(office, teller, block)), (0, 0, 0, 2)))
        screen.line()
    if entries:
        screen.line(
            screen.say("timeline.end", seq=screen.count(entries[-1]["seq"]), digest=entries[-1]["digest"]), "dim"
        )


def _head(office: Office, cluster: str, entries: Sequence[dict[str, Any]], of: int, sight: Sight | None) -> None:
    screen = office.screen
    screen.line(screen.isolated("timeline.head", cluster=ltr(cluster) if office.lang == "fa" else cluster,
                                n=screen.count(len(entries)), of=screen.count(of)), "bold")  # fmt: skip
    if sight is not None:
        screen.line(seen_from(office, sight), "bold cyan")
    if not entries:
        screen.line(screen.say("timeline.none"))
    screen.line()


def _blocks(entries: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """What one command caused, together, in the chapter in which it began."""
    return [list(block) for _, block in groupby(entries, key=lambda entry: entry["command"]["id"])]


def _chapter(office: Office, key: str, chapter: Sequence[Sequence[dict[str, Any]]]) -> Text:
    """The stage with its number among the five of the mission, the days it spans here, and how many facts."""
    screen = office.screen
    stage = methodology().methodology.stage_by_key.get(key)
    number = f"{screen.count(stage.number)} · " if stage and stage.number else ""
    first, last = (date.fromisoformat(block[0]["recorded_on"]) for block in (chapter[0], chapter[-1]))
    days = " – ".join(dict.fromkeys(show_short(day, office.lang) for day in (first, last)))
    facts = screen.say("timeline.facts", n=screen.count(sum(len(block) for block in chapter)))
    return Text.assemble((f"{number}{title('stage', key, office.lang)}", "bold cyan"), (f" · {days} · {facts}", "cyan"))


def _block(office: Office, teller: Teller, block: Sequence[dict[str, Any]]) -> list[Any]:
    first = block[0]
    by_itself = first["actor"]["role"] in OWN_ROLES
    sources = [entry["why"]["source"] for entry in block]
    source = next((one for one in sources if one.get("titles")), sources[0])
    causes = {entry["why"]["words"] for entry in block}
    lines: list[Any] = [_when(office, first, causes.pop() if len(causes) == 1 else office.screen.say("why.time"))]
    if by_itself:
        lines[0].append(f"  {source.get('document', '')}", "dim")
    else:
        lines += [_who(office, teller, first), Text(f"{office.screen.say('timeline.source')} {cited(source)}", "dim")]
    facts = Table.grid(padding=(0, 1, 0, 0))
    facts.add_column(justify="right", style="dim", no_wrap=True)
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for entry in block:
        seal = entry["digest"].partition(":")[2][:SHORT]
        facts.add_row(office.screen.count(entry["seq"]), seal, _what(entry))
    return [*lines, facts]


def _when(office: Office, entry: dict[str, Any], cause: str) -> Text:
    """Day and minute in the office, and the cause; besides when it happened, if it was told later."""
    told, happened = (datetime.fromisoformat(entry[f"{name}_at"]) for name in ("recorded", "occurred"))
    line = Text.assemble((_moment(office, told), "bold"), "  ", (cause, "green"))
    if told - happened >= SAME:
        line.append("  ")
        line.append(office.screen.isolated("timeline.happened", at=_moment(office, happened)), "yellow")
    return line


def _moment(office: Office, at: datetime) -> str:
    clock = (at + timedelta(minutes=calendar().utc_offset_minutes)).strftime("%H:%M")
    return f"{show_with_iso(calendar().day_of(at), office.lang)} {office.screen.digits(clock)}"


def _who(office: Office, teller: Teller, entry: dict[str, Any]) -> Text:
    actor, screen = entry["actor"], office.screen
    level, _, place = actor["scope"].partition("/")
    parts = [actor["role_title"], teller.person(actor["id"])]
    if level == "province":
        parts.insert(1, province_name(place, office.lang))
    if "on_behalf_of" in actor:
        parts.append(screen.isolated("timeline.on_behalf_of", person=teller.person(actor["on_behalf_of"])))
    parts.append(screen.say(f"signed.{entry['authenticated_by']}"))
    return Text(" · ".join(parts))


def _what(entry: dict[str, Any]) -> Text:
    """The title of the event and what matters in it; the due rule besides, where a date follows from one."""
    told = Text(visible(entry["title"]), "bold")
    details = [(one["label"], one["value"]) for one in entry["details"]]
    for place, (label, value) in enumerate(details):
        told.append(": " if place == 0 else " · ", "")
        if label:
            told.append(f"{label} ", "dim")
        told.append(value, "")
    if rule := entry["why"]["source"].get("due_rule"):
        told.append(f" ({rule})", "dim")
    return told
