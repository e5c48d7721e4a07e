"""What people ask to see, by the words they know: a province by any of its names, a stage of the methodology."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.errors import no_such
from cli.reference import methodology, provinces

Province = Annotated[str | None, typer.Option(help="Only this province, by any of its names.")]
Stage = Annotated[str | None, typer.Option(help="Only this stage.")]


def province_of(written: str | None) -> str | None:
    """The province's slug; None when none was asked for. Wrong use with the nearest names."""
    from client.wording import folded

    if written is None:
        return None
    names = {folded(one[key]): one["province"] for one in provinces() for key in ("province", "name_fa", "name_en")}
    if folded(written) not in names:
        raise no_such("province", written, {one["province"] for one in provinces()})
    return names[folded(written)]


def stage_of(written: str | None) -> str | None:
    """The stage's key; None when none was asked for. Wrong use with the nearest keys."""
    if written is not None and written not in methodology().methodology.stage_by_key:
        raise no_such("stage", written, methodology().methodology.stage_by_key)
    return written
