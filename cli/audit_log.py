"""`audit log`: the streams that tell what was refused, taken out, looked at or erased, newest first."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer

from cli.command import command
from cli.errors import no_such
from cli.office import Office
from cli.reference import calendar, title
from domain.recording import Fact
from ledger.entry import fact_of, moment_text

STREAMS = ("accesses", "refusals", "exports", "documents", "directory", "archive", "repairs")
PAGE = 1_000


@command
def log(
    office: Office,
    stream: Annotated[str, typer.Argument(metavar="|".join(STREAMS), help="Which of them.")],
    *,
    whose: Annotated[str | None, typer.Option("--person", help="Only what this person did or asked.")] = None,
    n: Annotated[int, typer.Option("--n", min=1, help="At most so many entries, the newest.")] = 50,
) -> None:
    """What was looked at, refused, taken out, erased, granted or archived: who, when, what; the newest first.

    Example:
      khoosheh audit log refusals --n 20
    """
    if stream not in STREAMS:
        raise no_such("stream", stream, STREAMS)
    with office.reading() as ledger:
        whole = ledger.head(stream).seq
        found = _newest(ledger, stream, whole, whose, n)
    office.screen.result({"stream": stream, "of": whole, "entries": [_form(fact) for fact in found]})
    _show(office, whole, found)


def _newest(ledger: Any, stream: str, whole: int, person: str | None, n: int) -> list[Fact]:
    found: list[Fact] = []
    for end in range(whole, 0, -PAGE):
        first = max(0, end - PAGE)
        page = [fact_of(leaf) for leaf in ledger.entries(stream, first, end - first)]
        found += [fact for fact in reversed(page) if person in (None, fact.actor.person)]
        if len(found) >= n:
            break
    return found[:n]


def _form(fact: Fact) -> dict[str, Any]:
    return {
        "seq": fact.seq, "type": fact.type, "recorded_at": moment_text(fact.recorded_at),
        "actor": fact.actor.model_dump(exclude_none=True), "command_id": fact.command.id, "data": fact.data,
    }  # fmt: skip


def _show(office: Office, whole: int, found: list[Fact]) -> None:
    screen, say = office.screen, office.screen.say
    if not found:
        screen.line(say("screen.no_entries"))
        return
    headings = [say(f"screen.{key}") for key in ("seq", "when", "person", "event", "what")]
    rows = []
    for fact in found:
        local = fact.recorded_at + timedelta(minutes=calendar().utc_offset_minutes)
        when = f"{screen.day(local.date())} {screen.digits(local.strftime('%H:%M'))}"
        who = f"{fact.actor.person}\n{title('role', fact.actor.role, office.lang)}"
        rows.append((screen.count(fact.seq), when, who, say(f"event.{fact.type}"), _told(screen, fact.data)))
    screen.table(headings, rows, say("screen.entries_of", n=screen.count(len(found)), of=screen.count(whole)))


def _told(screen: Any, data: dict[str, Any]) -> str:
    """What stands in the fact, one value a line; a refusal with its words."""
    if "code" in data:
        named = screen.say(f"command.{data['type']}")
        return f"{named} · {data['cluster']}\n{data['code']} {data['field']}".strip()
    shown = {key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in data.items()}
    return "\n".join(f"{key}: {value}" for key, value in shown.items())
