"""`audit sample`: cases to look into, drawn so that anybody can draw them again."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.asked import Province, Stage, province_of, stage_of
from cli.command import command
from cli.office import Office
from cli.reference import province_name, title
from domain.sampling import METHOD, draw


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
    office.screen.result({
        "seed": seed, "method": METHOD, "of": len(rows), "clusters": [_form(row) for row in drawn],
    })  # fmt: skip
    _show(office, seed, len(rows), drawn)


def _form(row: Any) -> dict[str, Any]:
    named = {key: row[key] for key in ("name_fa", "name_en", "province", "stage", "state")}
    return {"id": row["cluster_id"], **named, "facts": row["seq"], "look_at": _look_at(row)}


def _look_at(row: Any) -> list[str]:
    return [f"khoosheh audit timeline {row['cluster_id']}", f"khoosheh show {row['cluster_id']}"]


def _show(office: Office, seed: str, of: int, drawn: list[Any]) -> None:
    screen, lang, say = office.screen, office.lang, office.screen.say
    if not drawn:
        screen.line(say("screen.no_such_clusters"))
        return
    headings = [say(f"screen.{key}") for key in ("cluster", "stage", "facts", "look_at")]
    rows = []
    for row in drawn:
        name = row["name_fa"] if lang == "fa" else row["name_en"] or row["name_fa"]
        place = f"{title('stage', row['stage'], lang)}\n{province_name(row['province'], lang)}"
        rows.append((f"{row['cluster_id']}\n{name}", place, screen.count(row["seq"]), "\n".join(_look_at(row))))
    screen.table(headings, rows, say("screen.drawn", n=screen.count(len(drawn)), of=screen.count(of), seed=seed))
    screen.line(say("screen.drawn_how", method=METHOD), "dim")
