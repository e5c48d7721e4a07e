"""`audit sample`: cases to look into, drawn so that anybody can draw them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import Province, Stage, province_of, stage_of
from cli.audit_exceptions import look_through
from cli.command import command
from cli.office import Office
from cli.output import visible
from cli.reference import province_name, title
from domain.exceptional import KINDS
from domain.sampling import METHOD, draw

if TYPE_CHECKING:
    from ledger.views import Viewed

SHOWN_ALONE = [kind.key for kind in KINDS if kind.conclude is iter]
"""Kinds of exception that one record shows without the others."""


@command
def sample(
    office: Office,
    *,
    n: Annotated[int, typer.Option("--n", min=1, help="How many cases.")] = 5,
    seed: Annotated[str, typer.Option(help="Any text. The same seed draws the same cases, also elsewhere.")],
    province: Province = None,
    stage: Stage = None,
) -> None:
    """Draw clusters to look into: the ids in the order of the SHA-256 of `seed|id`, the first N of them.

    Nobody can choose the cases who does not choose the seed: let somebody else name it, or the day's lottery.

    Example:
      khoosheh audit sample --n 5 --seed 1405-09-05
    """
    with office.reading() as ledger:
        wanted = province_of(province)
        rows = ledger.portfolio(provinces=[wanted] if wanted else None, stage=stage_of(stage))
    by_id = {row["cluster_id"]: row for row in rows}
    drawn = [by_id[id] for id in draw(by_id, n, seed)]
    noticed = Counter((one.cluster, one.kind) for one in look_through(office, drawn, SHOWN_ALONE))
    cases = [_form(row, {kind: noticed[row["cluster_id"], kind] for kind in SHOWN_ALONE}) for row in drawn]
    office.screen.result({"seed": seed, "method": METHOD, "of": len(rows), "clusters": cases})
    _show(office, seed, len(rows), cases)


def _form(row: Viewed, noticed: dict[str, int]) -> dict[str, Any]:
    id = row["cluster_id"]
    named = {key: row[key] for key in ("name_fa", "name_en", "province", "stage", "state")}
    found = {kind: n for kind, n in noticed.items() if n}
    look_at = [f"khoosheh audit timeline {id}", f"khoosheh show {id}"]
    if found:
        look_at.insert(1, f"khoosheh audit exceptions --cluster {id}")
    return {"id": id, **named, "facts": row["seq"], "exceptions": found, "look_at": look_at}


def _show(office: Office, seed: str, of: int, cases: Sequence[dict[str, Any]]) -> None:
    screen, lang, say = office.screen, office.lang, office.screen.say
    if not cases:
        screen.line(say("screen.no_such_clusters"))
        return
    screen.line(say("screen.drawn", n=screen.count(len(cases)), of=screen.count(of), seed=seed), "bold")
    drawn = Table.grid(padding=(1, 1, 0, 0))
    drawn.add_column(style="dim", justify="right", no_wrap=True)
    drawn.add_column(overflow="fold")
    for place, case in enumerate(cases, start=1):
        name = case["name_fa"] if lang == "fa" else case["name_en"] or case["name_fa"]
        facts = f"{say('screen.facts')} {screen.count(case['facts'])}"
        where = [title("stage", case["stage"], lang), province_name(case["province"], lang), facts]
        seen = [f"{say(f'exception.{kind}')} ({screen.count(n)})" for kind, n in case["exceptions"].items()]
        drawn.add_row(screen.count(place), Text.assemble(
            (f"{case['id']} · {visible(name)}\n", "bold"), f"{' · '.join(where)}\n",
            (f"{' · '.join(seen)}\n" if seen else "", "yellow"), ("\n".join(case["look_at"]), "dim"),
        ))  # fmt: skip
    screen.show(drawn)
    screen.line()
    screen.line(say("screen.drawn_how", method=METHOD), "dim")
