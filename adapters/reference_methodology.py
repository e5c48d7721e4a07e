"""Reads a methodology from its folder: one TOML for the whole, one for each stage.

A folder is read whole and judged whole: whoever mends it sees every fault at once, each with file and key.
"""

import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from adapters.reference_parts import part
from adapters.reference_titles import BUILT_IN_LISTS, Table, Titles, Words, tables
from domain.faults import Fault, ReferenceFaults
from domain.methodology import Methodology, MethodologyId, MethodologyVersion
from domain.methodology_faults import MEASURES_OF_STATE, faults_of
from domain.provisions import FunnelStep, Indicator, Ladder, Opening, Role, Rubric, Term
from domain.stages import Stage
from domain.values import Frozen

HEAD = "methodology.toml"


class About(Frozen):
    """What the office's own procedures carry on their last page (P-CL02…P-CL06): whence this version came."""

    code: str
    revision: int
    date: date


class _Head(Frozen):
    """`methodology.toml` without its words."""

    id: MethodologyId
    version: MethodologyVersion
    code: str
    revision: int
    date: date
    order: tuple[str, ...]
    roles: tuple[Role, ...]
    ladders: tuple[Ladder, ...]
    rubric: Rubric
    indicators: tuple[Indicator, ...]
    term: Term
    funnel: tuple[FunnelStep, ...]
    opening: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A methodology as the engine carries it, and beside it the words people read.

    `words` has {"fa", "en"} by keys such as `stage.diagnostic`, `deliverable.work_plan`,
    `field.work_plan.activities.title`, `choice.<field path>.<choice>`, `gate.g3`, `answer.g3.accept`,
    `rung.standard.pre14`, `criterion.relevance`, `question.relevance.1`, `measure.trust`; `note.<any of
    these>` says more where there is more to say.
    """

    methodology: Methodology
    words: Mapping[str, Mapping[str, str]]
    about: About


def load(folder: Path) -> Loaded:
    """The methodology of `folder`. ReferenceFaults with every fault of every file when it has any.

    What needs the parts together (roles named, tracks, cycles) is judged once each part can be read.
    """
    faults: list[Fault] = []
    raw = dict(_parsed(folder, faults))
    if not (folder / HEAD).exists():
        faults.append(Fault(HEAD, "", "is missing"))
    complete = not faults
    table_of_head = raw.pop(HEAD, {})
    titles = Titles(_lists(table_of_head, raw))
    stages: dict[str, Stage] = {}
    for file, table in raw.items():
        titles.stage(file, table)
        if stage := part(Stage, table, file, faults):
            stages[file] = stage
    head = None
    if table_of_head:
        titles.head(HEAD, table_of_head)
        head = part(_Head, table_of_head, HEAD, faults)
        faults += _unexplained(table_of_head, titles.words)
    faults += titles.faults
    if head and complete and len(stages) == len(raw):
        faults += _out_of_order(head, stages)
        faults += [fault for fault in _whole_faults(head, stages) if not _said(fault, faults)]
    if faults or not head:
        raise ReferenceFaults(sorted(set(faults)))
    about = About(code=head.code, revision=head.revision, date=head.date)
    return Loaded(Methodology.model_validate(_whole(head, stages)), titles.words, about)


def _parsed(folder: Path, faults: list[Fault]) -> Iterator[tuple[str, Table]]:
    for path in sorted(folder.glob("*.toml")):
        try:
            yield path.name, tomllib.loads(path.read_text(encoding="utf-8"), parse_float=str)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            faults.append(Fault(path.name, "", f"is no TOML: {error}"))


def _lists(head: Table, stages: Mapping[str, Table]) -> dict[str, list[Table]]:
    """The lists a choice may name instead of its own choices; taken out of `head`."""
    named = head.pop("lists", {})
    lists = {name: tables(named, name) for name in named} if isinstance(named, dict) else {}
    built_in = (list(stages.values()), tables(head, "indicators"))
    for name, members in zip(BUILT_IN_LISTS, built_in, strict=True):
        lists[name] = [{"key": one.get("key"), "title": deepcopy(one.get("title"))} for one in members]
    return lists


def _unexplained(head: Table, words: Words) -> Iterator[Fault]:
    """Units, frequencies and measures without words, and words for measures nobody takes."""
    for indicator in tables(head, "indicators"):
        place = f"indicators.{indicator.get('key')}"
        if f"unit.{indicator.get('unit')}" not in words:
            yield Fault(HEAD, f"{place}.unit", f"unknown unit {indicator.get('unit')}")
        frequencies = indicator.get("frequencies")
        for one in frequencies if isinstance(frequencies, list) else []:
            if f"frequency.{one}" not in words:
                yield Fault(HEAD, f"{place}.frequencies", f"unknown frequency {one}")
    named = {word.removeprefix("measure.") for word in words if word.startswith("measure.")}
    for measure in sorted(named - set(MEASURES_OF_STATE)):
        yield Fault(HEAD, f"measures.{measure}", "unknown measure")
    for measure in sorted(set(MEASURES_OF_STATE) - named):
        yield Fault(HEAD, f"measures.{measure}", "has no text in fa and en")


def _out_of_order(head: _Head, stages: Mapping[str, Stage]) -> Iterator[Fault]:
    main = {stage.key for stage in stages.values() if stage.track == "main"}
    for key in head.order:
        if key not in main:
            yield Fault(HEAD, "order", f"unknown stage of the main track {key}")
        elif head.order.count(key) > 1:
            yield Fault(HEAD, "order", f"names {key} twice")
    for file, stage in stages.items():
        if stage.track == "main" and stage.key not in head.order:
            yield Fault(file, "key", f"unreachable: the order of {HEAD} does not name {stage.key}")


def _ordered(head: _Head, stages: list[Stage]) -> tuple[Stage, ...]:
    """The main track in its order, parallel stages after it."""
    place = {key: number for number, key in enumerate(head.order)}
    return tuple(sorted(stages, key=lambda stage: (stage.track == "parallel", place.get(stage.key, len(place)))))


def _whole(head: _Head, stages: Mapping[str, Stage]) -> dict[str, Any]:
    """The parts of a methodology: the main track in its order, parallel stages after it."""
    place = {key: number for number, key in enumerate(head.order)}
    track = sorted(stages.values(), key=lambda one: (one.track == "parallel", place.get(one.key, -1)))
    parts = {name: getattr(head, name) for name in Methodology.model_fields if name != "stages"}
    return parts | {"stages": tuple(track)}


def _whole_faults(head: _Head, stages: Mapping[str, Stage]) -> Iterator[Fault]:
    """Faults of the methodology as a whole, each in the file that says what is at fault."""
    unproven = Methodology.model_construct(**_whole(head, stages))
    files: dict[str, str] = {}
    for file, stage in stages.items():
        files |= {stage.key: file, f"stages.{stage.key}": file}
        files |= {f"deliverables.{one.key}": file for one in stage.deliverables}
        if stage.gate:
            files[f"gates.{stage.gate.key}"] = file
    for key, message in faults_of(unproven):
        first, _, rest = key.partition(".")
        if first in files and first not in ("rubric", "term"):
            yield Fault(files[first], _inside(stages[files[first]], rest), message)
        else:
            yield Fault(files.get(key, HEAD), key, message)


def _inside(stage: Stage, place: str) -> str:
    """`work_plan.fields` of a stage as its file has it: `deliverables.work_plan.fields`."""
    first = place.partition(".")[0]
    return f"deliverables.{place}" if any(one.key == first for one in stage.deliverables) else place


def _said(fault: Fault, faults: list[Fault]) -> bool:
    """True when a fault at this very place is known, of which this one may be but the shadow."""
    return any(fault.file == one.file and fault.key and one.key.startswith(fault.key) for one in faults)
