"""What the rubric makes of the raters' sheets, in whole points, so that a reader can recount it by hand."""

from __future__ import annotations

from collections.abc import Mapping

from domain.provisions import Rubric
from domain.values import Frozen

Sheet = Mapping[str, int]
"""Points by criterion, 0…100; a score without evidence stands there as 0, and a missing one counts so too."""


class Marks(Frozen):
    """The judgement: points by criterion and in all (0…100), the band of the total, and whether it passed."""

    total: int
    criteria: dict[str, int]
    band: str
    passed: bool


def combine(sheets: Mapping[str, Sheet], moderated: Sheet, rubric: Rubric) -> Marks:
    """The marks of these sheets by rater; a moderated criterion counts as moderated.

    A criterion is the mean of its raters and the total the weighted mean of the criteria as rounded, both
    to the nearest whole, halves up. It passes with the total and every criterion at or above its minimum.
    """
    criteria = {
        criterion.key: moderated[criterion.key]
        if criterion.key in moderated
        else _mean([(sheet.get(criterion.key, 0), 1) for sheet in sheets.values()])
        for criterion in rubric.criteria
    }
    total = _mean([(criteria[criterion.key], criterion.weight) for criterion in rubric.criteria])
    reached = all(criteria[criterion.key] >= criterion.minimum for criterion in rubric.criteria)
    return Marks(
        total=total,
        criteria=criteria,
        band=_band(total, rubric),
        passed=reached and total >= rubric.pass_total,
    )


def gaps(sheets: Mapping[str, Sheet], rubric: Rubric) -> tuple[str, ...]:
    """The criteria in which two raters are further apart than the rubric allows, in its order."""
    return tuple(criterion.key for criterion in rubric.criteria if _spread(sheets, criterion.key) > rubric.max_gap)


def _spread(sheets: Mapping[str, Sheet], criterion: str) -> int:
    points = [sheet.get(criterion, 0) for sheet in sheets.values()]
    return max(points) - min(points) if points else 0


def _mean(weighted: list[tuple[int, int]]) -> int:
    """The weighted mean to the nearest whole, halves up; of nothing: 0."""
    weight = sum(of for _, of in weighted)
    return (2 * sum(points * of for points, of in weighted) + weight) // (2 * weight) if weight else 0


def _band(total: int, rubric: Rubric) -> str:
    """The highest band the total reaches, or the lowest there is."""
    ordered = sorted(rubric.bands, key=lambda band: band.min)
    return next((band.key for band in reversed(ordered) if band.min <= total), ordered[0].key)
