"""`board`: the funnel, the stages, and every cluster, the longest wait first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from cli.asked import Province, Stage, province_of, stage_of
from cli.command import command
from cli.hindsight import AsOf, KnownOn, asked_sight, portfolio_seen, seen_from
from cli.office import Office, now
from cli.reference import calendar, duty_title, methodology, province_name, title
from domain.provisions import FunnelStep


@command
def board(
    office: Office,
    province: Province = None,
    stage: Stage = None,
    as_of: AsOf = None,
    known_on: KnownOn = None,
) -> None:
    """The whole programme on one screen: how many are where, and which cluster has waited longest, for whom.

    Examples:
      khoosheh board --province yazd
      khoosheh board --as-of 1404/06/31 --known-on 1404/07/15
    """
    place, stage = province_of(province), stage_of(stage)
    wanted = [place] if place else None
    with office.reading() as ledger:
        rows, owed = ledger.portfolio(provinces=wanted), ledger.duties(provinces=wanted)
    today = _today(rows)
    sight = asked_sight(as_of, known_on, today)
    if sight is not None:
        rows, owed, _ = portfolio_seen(office, rows, sight)
        today = sight.as_of
    late = Counter(duty["stream"] for duty in owed if duty["due_on"] and duty["due_on"] < today.isoformat())
    first: dict[str, Any] = {}
    for duty in sorted(owed, key=lambda d: (d["due_on"] or "9", d["opened_on"], d["duty_id"])):
        first.setdefault(duty["stream"], duty)
    listed = [row for row in rows if row["state"] == "open" and stage in (None, row["stage"])]
    listed.sort(key=lambda r: (-late[r["stream"]], first.get(r["stream"], {}).get("due_on") or "9", r["cluster_id"]))
    funnel = {step.key: sum(_in_step(step, row) for row in listed) for step in methodology().methodology.funnel}
    stages = Counter(row["stage"] for row in listed)
    in_order = [one.key for one in methodology().methodology.stages if one.key in stages]
    office.screen.result({
        "as_of": today, "known_on": sight.known_on if sight else now(), "funnel": funnel,
        "stages": {key: stages[key] for key in in_order},
        "clusters": [_form(row, first.get(row["stream"]), late[row["stream"]]) for row in listed],
    })  # fmt: skip
    if sight is not None:
        office.screen.line(seen_from(office, sight), "bold cyan")
        office.screen.line()
    if not listed:
        is_filtered = bool(province or stage or sight)
        office.screen.line(office.screen.say("screen.no_such_clusters" if is_filtered else "screen.no_clusters"))
        return
    _show(office, funnel, {key: stages[key] for key in in_order}, listed, first=first, late=late)


def _today(rows: Sequence[Any]) -> date:
    """Today; of a rehearsal that ended in the future, the last day something was waited for."""
    latest = max((row["waiting_since"] for row in rows if row["rehearsal"] and row["waiting_since"]), default="")
    return max(calendar().day_of(now()), date.fromisoformat(latest) if latest else date.min)


def _in_step(step: FunnelStep, row: Any) -> bool:
    found = methodology().methodology
    if row["stage"] not in {stage.key for stage in found.main_track}:
        return False
    reached = found.reaches(row["stage"], step.from_stage)
    passed = bool(step.until_stage) and found.reaches(row["stage"], step.until_stage)
    return reached and not passed and (not step.licensed or bool(row["detail"].get("licence")))


def _form(row: Any, duty: Any, late: int) -> dict[str, Any]:
    waits_for = {"role": row["waits_for_role"], "person": row["waits_for_person"], "duty": duty and duty["duty_id"]}
    return {
        "id": row["cluster_id"], **{key: row[key] for key in ("name_fa", "name_en", "province", "county", "product",
                                                              "stage", "state", "agent")},
        "waits_for": waits_for if row["waits_for_role"] else None, "waiting_since": row["waiting_since"],
        "next_due": duty["due_on"] if duty else None, "wakes_at": row["next_due"], "overdue": late, "seq": row["seq"],
    }  # fmt: skip


def _show(
    office: Office, funnel: dict[str, int], stages: dict[str, int], rows: Sequence[Any], *, first: dict[str, Any],
    late: Counter[str],
) -> None:  # fmt: skip
    screen, lang = office.screen, office.lang
    most = max(*funnel.values(), 1)
    bars = [(title("funnel", key, lang), screen.count(n), "█" * round(30 * n / most)) for key, n in funnel.items()]
    screen.table(("", "", ""), bars, screen.say("screen.funnel"))
    screen.table(("", ""), [(title("stage", key, lang), screen.count(n)) for key, n in stages.items()],
                 screen.say("screen.stages"))  # fmt: skip
    headings = [screen.say(f"screen.{key}") for key in ("cluster", "stage", "waits_for", "due", "overdue")]
    lines = []
    for row in rows:
        duty, overdue = first.get(row["stream"]), late[row["stream"]]
        name = row["name_fa"] if lang == "fa" else row["name_en"] or row["name_fa"]
        what = duty_title(duty["duty_id"], duty["kind"], lang) if duty else ""
        due = screen.day(duty["due_on"]) if duty and duty["due_on"] else screen.say("screen.due_unknown")
        lines.append((
            f"{row['cluster_id']}\n{name}",
            f"{title('stage', row['stage'], lang)}\n{province_name(row['province'], lang)}",
            f"{title('role', row['waits_for_role'] or '', lang)}\n{what}",
            due if duty else "",
            (screen.count(overdue), "bold red") if overdue else "",
        ))  # fmt: skip
    screen.table(headings, lines, screen.say("screen.portfolio", n=screen.count(len(rows))))
