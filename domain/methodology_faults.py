"""What is wrong with a methodology as a whole: every fault, each with the key it concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from domain.form_faults import faults_of_form

if TYPE_CHECKING:
    from domain.methodology import Methodology
    from domain.stages import Condition, Deliverable, Gate, Stage

NEEDED_LADDERS = ("standard", "approval")
RECIPIENTS = ("owner", "approver")
MEASURES_OF_STATE = (
    "council_attendance", "milestones_done_share", "trust", "evaluation_total",
    "evaluation_passed", "umbrella_share", "self_funding_share", "networks",
)  # fmt: skip
"""Measures that gate conditions may name besides the methodology's own indicators."""


def faults_of(methodology: Methodology) -> list[tuple[str, str]]:
    """All faults as (key, message); empty when the methodology hangs together."""
    return list(_faults(methodology))


def _faults(m: Methodology) -> Iterator[tuple[str, str]]:
    yield from _repeated(m)
    yield from _unknown_roles(m)
    yield from _tracks(m)
    for key in NEEDED_LADDERS:
        if key not in [ladder.key for ladder in m.ladders]:
            yield f"ladders.{key}", "the engine needs a ladder of this key"
    for ladder in m.ladders:
        places = [rung.at for rung in ladder.rungs]
        if places != sorted(places):
            yield f"ladders.{ladder.key}", "rungs are not in the order of their days"
        for rung in ladder.rungs:
            for role in rung.to:
                if role not in RECIPIENTS and role not in _roles(m):
                    yield f"ladders.{ladder.key}.{rung.key}.to", f"unknown role {role}"
    weights = sum(c.weight for c in m.rubric.criteria)
    if weights != 100:
        yield "rubric.criteria", f"weights sum to {weights}, not to 100"
    for stage in m.stages:
        for deliverable in stage.deliverables:
            yield from _deliverable(m, stage, deliverable)
        if stage.gate:
            for condition in stage.gate.conditions:
                yield from _condition(m, f"{stage.key}.gate.{stage.gate.key}", condition)
            if stage.gate.decides and not any(a.does == "pass" for a in stage.gate.answers):
                yield f"{stage.key}.gate.{stage.gate.key}.answers", "no answer lets the gate pass"
            yield from _reopened(stage, stage.gate)


def _repeated(m: Methodology) -> Iterator[tuple[str, str]]:
    groups = {
        "roles": [r.key for r in m.roles],
        "ladders": [x.key for x in m.ladders],
        "stages": [s.key for s in m.stages],
        "deliverables": [d.key for s in m.stages for d in s.deliverables],
        "gates": [s.gate.key for s in m.stages if s.gate],
        "indicators": [i.key for i in m.indicators],
        "opening": [o.status for o in m.opening],
    }
    for group, keys in groups.items():
        for key, times in Counter(keys).items():
            if times > 1:
                yield f"{group}.{key}", f"the key is used {times} times"


def _roles(m: Methodology) -> set[str]:
    return {role.key for role in m.roles}


def _unknown_roles(m: Methodology) -> Iterator[tuple[str, str]]:
    named = [("term.term_answered_by", m.term.term_answered_by), ("term.agent_role", m.term.agent_role),
             ("term.agent_confirmed_by", m.term.agent_confirmed_by),
             ("term.start_confirmed_by", m.term.start_confirmed_by),
             ("term.stall_reviewed_by", m.term.stall_reviewed_by)]  # fmt: skip
    named += [("term.extension_needs", role) for role in m.term.extension_needs]
    for stage in m.stages:
        named.append((f"{stage.key}.owner", stage.owner))
        for d in stage.deliverables:
            named.append((f"{stage.key}.{d.key}.owner", d.owner))
            named.append((f"{stage.key}.{d.key}.approver", d.approver))
        if stage.gate:
            named += [(f"{stage.key}.gate.decides", role) for role in stage.gate.decides]
            named.append((f"{stage.key}.gate.waives", stage.gate.waives))
    for role in m.roles:
        named += [(f"roles.{role.key}.conflicts_with", other) for other in role.conflicts_with]
    for key, role_key in named:
        if role_key and role_key not in _roles(m):
            yield key, f"unknown role {role_key}"


def _tracks(m: Methodology) -> Iterator[tuple[str, str]]:
    main = [stage.key for stage in m.stages if stage.track == "main"]
    if not main:
        yield "stages", "no stage is on the main track"
    for stage in m.stages:
        if stage.track == "parallel" and stage.starts_with not in main:
            yield f"{stage.key}.starts_with", "unreachable: it names no stage of the main track"
        if stage.track == "main" and stage.starts_with:
            yield f"{stage.key}.starts_with", "a stage of the main track follows the one before it"
        if stage.track == "main" and stage.key != main[-1] and stage.gate is None:
            yield f"{stage.key}.gate", "the stage has no gate, so no stage after it can be reached"
    keys = [("term.clock_starts", m.term.clock_starts), ("term.exit_stage", m.term.exit_stage),
            ("term.agent_needed_in", m.term.agent_needed_in)]  # fmt: skip
    keys += [(f"opening.{o.status}", o.stage) for o in m.opening]
    keys += [(f"funnel.{f.key}", s) for f in m.funnel for s in (f.from_stage, f.until_stage) if s]
    for key, stage_key in keys:
        if stage_key not in main:
            yield key, f"unknown stage of the main track {stage_key}"
    yield from _cycles(m)


def _cycles(m: Methodology) -> Iterator[tuple[str, str]]:
    needs = {s.gate.key: [c.of for c in s.gate.conditions if c.predicate == "gate_passed"]
             for s in m.stages if s.gate}  # fmt: skip
    for start, direct in needs.items():
        path, todo = [start], list(direct)
        while todo:
            key = todo.pop()
            if key == start:
                yield f"gates.{start}", f"the gate waits for itself: {' → '.join([*path, start])}"
                break
            if key not in path:
                path.append(key)
                todo += needs.get(key, [])


def _deliverable(m: Methodology, stage: Stage, d: Deliverable) -> Iterator[tuple[str, str]]:
    place = f"{stage.key}.{d.key}"
    if d.ladder not in {ladder.key for ladder in m.ladders}:
        yield f"{place}.ladder", f"unknown ladder {d.ladder}"
    if not (d.dues or d.cadence or d.on_demand):
        yield f"{place}.dues", "nothing says when it is due"
    if d.raters and not d.approver:
        yield f"{place}.approver", "what is scored needs somebody who approves it"
    for key, message in faults_of_form(d, _roles(m)):
        yield f"{place}.{key}", message
    for condition in d.approve_when:
        yield from _condition(m, f"{place}.approve_when", condition)


def _reopened(stage: Stage, gate: Gate) -> Iterator[tuple[str, str]]:
    """A gate that is sent back must wait for something, or it would be asked again at once."""
    single = [d.key for d in stage.deliverables if not d.repeats]
    for answer in gate.answers:
        place = f"{stage.key}.gate.{gate.key}.answers.{answer.key}"
        if answer.does == "rework" and not answer.reopens:
            yield f"{place}.reopens", "names nothing to be sent anew"
        for key in answer.reopens:
            if key not in single:
                yield f"{place}.reopens", f"{key} is no single deliverable of the stage"


def _condition(m: Methodology, place: str, c: Condition) -> Iterator[tuple[str, str]]:
    known: dict[str, set[str]] = {
        "approved": {d.key for s in m.stages for d in s.deliverables},
        "count": {d.key for s in m.stages for d in s.deliverables},
        "value": {*MEASURES_OF_STATE, *(i.key for i in m.indicators)},
        "delta": {*MEASURES_OF_STATE, *(i.key for i in m.indicators)},
        "seated": {role.key for role in m.roles if role.body},
        "gate_passed": {s.gate.key for s in m.stages if s.gate},
    }
    if c.predicate in known and c.of not in known[c.predicate]:
        yield place, f"condition {c.predicate} names an unknown {c.of or 'nothing'}"
    if c.predicate in ("count", "value", "delta") and c.at_least is None:
        yield place, f"condition {c.predicate} of {c.of} says no least value"
