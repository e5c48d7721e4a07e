"""A program that knows no form of the default programme can still fill each of them rightly."""

from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from adapters.reference_methodology import load
from domain.stages import Deliverable, FieldSpec
from domain.submission import check_values

FOLDER = Path(__file__).parents[2] / "reference" / "methodology" / "isipo-unido-default" / "1.0"
ALL = [deliverable for stage in load(FOLDER).methodology.stages for deliverable in stage.deliverables]


def filled(spec: FieldSpec, row: int = 0) -> Any:
    """The greatest number, the same day everywhere, choices in turn, the fewest rows."""
    match spec.kind:
        case "text" | "person" | "document":
            return "hmac-sha256:" + "0" * 64
        case "decimal":
            return str(spec.max)
        case "date":
            return "2026-11-25"
        case "choice":
            return next(islice(cycle(spec.choices), row, None))
        case "boolean":
            return True
        case "table":
            return [{c.key: filled(c, n) for c in spec.columns} for n in range(spec.min or 1)]
        case _:
            return spec.max


@pytest.mark.parametrize("deliverable", ALL, ids=[one.key for one in ALL])
def test_a_form_filled_with_its_greatest_values_is_accepted(deliverable: Deliverable) -> None:
    check_values(deliverable, {spec.key: filled(spec) for spec in deliverable.fields})
