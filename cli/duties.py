"""`duties`: what is owed, by whom, since when."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from cli.acting import As, person_id
from cli.command import command, day
from cli.errors import WrongUse
from cli.office import Office, now
from cli.reference import calendar, duty_title, title


@command
def duties(
    office: Office,
    *,
    mine: Annotated[bool, typer.Option("--mine", help="Only those of --as PERSON (or KHOOSHEH_PERSON).")] = False,
    owner: Annotated[str | None, typer.Option("--person", help="Only those of this person.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose day has passed.")] = False,
    until: Annotated[str | None, typer.Option(help="Only those due by this day, e.g. 1404/06/31.")] = None,
    person: As = None,
) -> None:
    """What is owed, by whom, since when; the earliest due date first.

    A person's duties are those of every role the directory gives them, and those a cluster knows to be theirs.

    Example:
      khoosheh duties --person p-0030 --overdue
    """
    if mine and person is None:
        raise WrongUse("mine")
    whose = person_id(owner, "--person") if owner else person_id(person) if person and mine else None
    today = calendar().day_of(now())
    with office.reading() as ledger:
        found = ledger.duties(overdue_on=today if overdue else None, until=day(until, "--until") if until else None)
        rows = [row for row in found if whose is None or row["owner_person"] == whose]
        if whose is not None:
            rows += _by_role(office, ledger, whose, [row for row in found if row["owner_person"] is None], today)
    rows.sort(key=lambda row: (row["due_on"] or "9", row["stream"], row["duty_id"]))
    office.screen.result({"duties": [duty_form(row, today) for row in rows]})
    _show(office, rows, today)


def _by_role(office: Office, ledger: Any, person: str, rows: list[Any], today: date) -> list[Any]:
    """Duties of a role that nobody in particular owes, where this person holds the role over the cluster."""
    from ledger.directory import covers

    del office
    grants = ledger.people(person=person, on=today)
    provinces = {row["stream"]: row["province"] for row in ledger.portfolio()} if grants else {}
    return [
        row for row in rows
        if any(
            grant["role"] == row["owner_role"]
            and covers(grant["scope"], row["stream"].partition("/")[2], provinces.get(row["stream"]))
            for grant in grants
        )
    ]  # fmt: skip


def _is_overdue(row: Any, today: date) -> bool:
    return bool(row["due_on"]) and row["due_on"] < today.isoformat()


def duty_form(row: Any, today: date) -> dict[str, Any]:
    """A duty as programs read it."""
    following = {"rung": row["next_rung"], "at": row["next_rung_at"]} if row["next_rung"] else None
    return {
        "id": row["duty_id"], "cluster": row["stream"].partition("/")[2], "kind": row["kind"], "ref": row["ref"],
        "owner": {"role": row["owner_role"], "person": row["owner_person"]}, "state": "open", "due": row["due_on"],
        "provisional": bool(row["provisional"]), "reason": row["reason"],
        "waits_for": {"role": row["waits_for_role"], "person": row["waits_for_person"]}, "since": row["opened_on"],
        "rungs_fired": row["rungs"], "next": following, "overdue": _is_overdue(row, today),
    }  # fmt: skip


def _show(office: Office, rows: list[Any], today: date) -> None:
    screen, lang = office.screen, office.lang
    if not rows:
        screen.line(screen.say("screen.no_duties"))
        return
    headings = [screen.say(f"screen.{key}") for key in ("cluster", "duty", "owner", "since", "due", "overdue", "next")]
    lines = []
    for row in rows:
        late = (today - date.fromisoformat(row["due_on"])).days if _is_overdue(row, today) else 0
        who = title("role", row["owner_role"], lang) + (f" ({row['owner_person']})" if row["owner_person"] else "")
        lines.append((
            row["stream"].partition("/")[2], duty_title(row["duty_id"], row["kind"], lang), who,
            screen.day(row["opened_on"]),
            screen.day(row["due_on"]) if row["due_on"] else screen.say("screen.due_unknown"),
            (screen.say("screen.overdue_days", days=screen.count(late)), "bold red") if late else "",
            screen.say(f"rung.{row['next_rung']}") if row["next_rung"] else "",
        ))  # fmt: skip
    screen.table(headings, lines, f"{screen.say('screen.duties')} ({screen.count(len(rows))})")
