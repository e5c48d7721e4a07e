"""A methodology as data: stages, deliverables, gates, ladders, rubric, indicators.

This is the form the engine carries: keys and numbers only. Titles and explanations (fa, en) are looked
up by key outside the workflow, so a corrected word never touches a running cluster. Source of the
default content: the office's procedures P-CL02…P-CL06 and UNIDO's modules.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.methodology_faults import faults_of
from domain.provisions import FunnelStep, Indicator, Ladder, Opening, Role, Rubric, Term
from domain.stages import Deliverable, Gate, Stage
from domain.values import Frozen

MethodologyId = Annotated[str, Field(pattern=r"^[a-z0-9-]{3,40}$")]
MethodologyVersion = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+$")]


class Methodology(Frozen):
    """A whole programme. Stages stand in the order of the main track, parallel ones after them."""

    id: MethodologyId
    version: MethodologyVersion
    roles: tuple[Role, ...]
    ladders: tuple[Ladder, ...]
    stages: tuple[Stage, ...]
    rubric: Rubric
    indicators: tuple[Indicator, ...]
    term: Term
    funnel: tuple[FunnelStep, ...]
    opening: tuple[Opening, ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if faults := faults_of(self):
            raise ValueError("; ".join(f"{key}: {message}" for key, message in faults))
        return self

    @cached_property
    def stage_by_key(self) -> dict[str, Stage]:
        return {stage.key: stage for stage in self.stages}

    @cached_property
    def deliverable_by_key(self) -> dict[str, tuple[Stage, Deliverable]]:
        return {d.key: (stage, d) for stage in self.stages for d in stage.deliverables}

    @cached_property
    def gate_by_key(self) -> dict[str, tuple[Stage, Gate]]:
        return {stage.gate.key: (stage, stage.gate) for stage in self.stages if stage.gate}

    @cached_property
    def ladder_by_key(self) -> dict[str, Ladder]:
        return {ladder.key: ladder for ladder in self.ladders}

    @cached_property
    def role_by_key(self) -> dict[str, Role]:
        return {role.key: role for role in self.roles}

    @cached_property
    def main_track(self) -> tuple[Stage, ...]:
        return tuple(stage for stage in self.stages if stage.track == "main")

    def stage_after(self, key: str) -> Stage | None:
        """The next stage of the main track, or None after the last."""
        keys = [stage.key for stage in self.main_track]
        place = keys.index(key) + 1
        return self.main_track[place] if place < len(keys) else None

    def reaches(self, stage: str, other: str) -> bool:
        """True when `stage` is `other` or stands after it on the main track."""
        keys = [s.key for s in self.main_track]
        return keys.index(stage) >= keys.index(other)
