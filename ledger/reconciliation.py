"""Whether what the engine says of a cluster and what the ledger says are one and the same, and what mends it if not.

Pure: both sides are read elsewhere. What is found is told by codes; `i18n` has the words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from domain.recording import Head
from domain.values import Digest
from ledger.entry import Leaf, entry_in
from ledger.inspection import Inspection

Kind = Literal["behind", "ahead", "conflict", "missing_run", "foreign"]
Repair = Literal["refill", "rebuild", "archive", "release", "recover", "restore", "wait"]
"""refill: entries from the histories · rebuild: what follows from the entries · archive: the engine's history is put
into the archive again · release: a frozen cluster may go on · recover: the workflow from the ledger, by two people ·
restore: from a backup · wait: it mends itself.
"""
Status = Literal["open", "continued", "terminated", "cancelled", "failed", "timed_out", "completed"]

BY_ITSELF: tuple[Repair, ...] = ("refill", "rebuild", "archive", "release")
"""What one person may have done by a word, because nothing is decided by it."""

CODES = (
    "not_in_ledger", "entries_changed", "columns_changed", "text_missing", "head_changed", "state_changed",
    "views_changed", "no_run", "run_not_found", "not_archived", "archive_missing", "archive_differs", "reset", "update",
    "terminated", "cancelled", "ended", "unsigned", "unrecorded", "no_answer", "sealed_otherwise", "frozen",
    "not_in_engine", "not_sealed", "other_state", "command_not_sealed",
)  # fmt: skip
LOG_CODES = ("log_behind", "log_differs", "log_forked", "tiles_missing", "checkpoint_unsigned", "document_lost")
"""Stable, as those of refusals are. These are found in `client.published_log` and `client.lost_documents`."""

RECOVERED = "cluster.recovered"


class Told(NamedTuple):
    """One thing that is not as it must be. `code` names the words, `values` fill them, `repair` is what mends it."""

    kind: Kind
    code: str
    repair: Repair
    values: Mapping[str, str | int] = {}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a cluster's workflow, as its history tells.

    `leaves` are the entries it had sealed, worked out anew from what it handed to the ledger; `refused` those of
    a batch that the ledger did not take. `told`: the first place at which the ledger had answered with another head
    than these give; 0 when it never had. `commands` are those whose facts must be sealed. `archived`: what is wrong
    with the ended run's history in the archive; `in_engine`: the engine has it too.
    """

    id: str
    status: Status
    begins: Head
    from_fold: bool = False
    leaves: Mapping[int, Leaf] = field(default_factory=dict)
    refused: Mapping[int, Leaf] = field(default_factory=dict)
    told: int = 0
    commands: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    resets: tuple[str, ...] = ()
    ended_by: str = ""
    archived: Literal["", "late", "missing", "differs"] = ""
    in_engine: bool = True


@dataclass(frozen=True, slots=True)
class Engine:
    """What the engine says: its runs, the first first, and the open run's own answer.

    `lost` is the run that the first of `runs` continues and that nobody has any more. `state` is empty when no run
    is open, or the open one gives no answer.
    """

    runs: tuple[Run, ...] = ()
    lost: str = ""
    seq: int = 0
    state: Digest | Literal[""] = ""
    is_frozen: bool = False

    @property
    def truth(self) -> dict[int, Leaf]:
        """Every entry as the histories have it; of a place that was sealed in several runs, as the first had it."""
        found: dict[int, Leaf] = {}
        for run in self.runs:
            found = {**run.leaves, **found}
        return found


def judge(engine: Engine, ledger: Inspection) -> list[Told]:
    """Everything that is not as it must be of a cluster; what only follows from another finding is not told."""
    begun = max((run.begins.seq for run in engine.runs), default=0)
    record = list(judge_record(ledger, engine.truth, begun, surplus(engine, ledger)))
    if not engine.runs:
        return [*record, Told("missing_run", "no_run", "recover", {"seq": ledger.head.seq})]
    strangers, lost = list(_strangers(engine, ledger)), list(_lost(engine))
    if strangers or any(one.repair in ("refill", "restore") for one in record):
        return [*record, *lost, *strangers]
    return [*record, *lost, *_state(engine, ledger)]


def surplus(engine: Engine, ledger: Inspection) -> set[int]:
    """Rows that are no entries, behind the last entry that the engine knows of: nothing is lost with them."""
    last = max(engine.truth, default=0)
    if not engine.state or engine.seq < last:
        return set()
    return {flaw.seq for flaw in ledger.flaws if flaw.kind == "entry" and flaw.seq > last}


def judge_record(
    ledger: Inspection, truth: Mapping[int, Leaf], until: int = 0, extra: Collection[int] = ()
) -> Iterator[Told]:
    """A stream of the ledger by itself, and against what the histories have of it, entries up to `until` at least.

    `extra` are rows that can go.
    """
    kept = ledger.leaves
    last = max([until, *truth, *kept], default=0)
    missing = [seq for seq in range(1, last + 1) if seq not in kept]
    tail = [seq for seq in missing if seq > max(kept, default=0)]
    changed = {flaw.seq for flaw in ledger.flaws if flaw.kind == "entry"} | (set(missing) - set(tail))
    changed |= {seq for seq, leaf in truth.items() if seq in kept and kept[seq].raw != leaf.raw}
    if tail:
        yield Told("behind", "not_in_ledger", _from(truth, tail), {"first": tail[0], "last": tail[-1]})
    if changed:
        values = {"seq": min(changed), "count": len(changed)}
        yield Told("conflict", "entries_changed", _from(truth, sorted(changed - set(extra))), values)
    else:
        yield from _what_follows(ledger, has_runs=bool(truth))


def _from(truth: Mapping[int, Leaf], seqs: list[int]) -> Repair:
    return "refill" if all(seq in truth for seq in seqs) else "restore"


def _what_follows(ledger: Inspection, *, has_runs: bool) -> Iterator[Told]:
    """Head, texts, fold and views of a stream whose entries are whole."""
    if columns := [flaw.seq for flaw in ledger.flaws if flaw.kind == "columns"]:
        yield Told("conflict", "columns_changed", "rebuild", {"seq": columns[0], "count": len(columns)})
    for flaw in ledger.flaws:
        if flaw.kind == "text":
            yield Told("conflict", "text_missing", "refill" if has_runs else "restore", {"digest": flaw.detail})
        elif flaw.kind in ("head", "state"):
            yield Told("conflict", f"{flaw.kind}_changed", "rebuild", {"seq": flaw.seq})
    if views := [flaw.detail for flaw in ledger.flaws if flaw.kind == "view"]:
        yield Told("conflict", "views_changed", "rebuild", {"count": len(views), "first": views[0]})


def _lost(engine: Engine) -> Iterator[Told]:
    """Runs that nobody has, or the archive has not as it must."""
    if engine.lost:
        yield Told("missing_run", "run_not_found", "restore", {"run": engine.lost})
    for run in engine.runs:
        if run.archived == "late":
            yield Told("missing_run", "not_archived", "wait", {"run": run.id})
        elif run.archived:
            is_mended = run.archived == "missing" and run.in_engine
            yield Told("missing_run", f"archive_{run.archived}", "archive" if is_mended else "restore", {"run": run.id})


def _strangers(engine: Engine, ledger: Inspection) -> Iterator[Told]:
    """What somebody did to the workflow past its door."""
    for run in engine.runs:
        for reset in run.resets:
            yield Told("foreign", "reset", "recover", {"run": run.id, "by": reset})
        for update in run.strangers:
            yield Told("foreign", "update", "recover", {"run": run.id, "update": update})
        if run.status in ("terminated", "cancelled"):
            yield Told("foreign", run.status, "recover", {"run": run.id, "by": run.ended_by})
        elif run.status not in ("open", "continued"):
            yield Told("missing_run", "ended", "recover", {"run": run.id, "status": run.status})
    first = engine.runs[0]
    if not engine.lost and not _began_lawfully(first, ledger):
        code = "unsigned" if first.from_fold else "unrecorded"
        yield Told("foreign", code, "recover", {"run": first.id, "seq": first.begins.seq})


def _began_lawfully(first: Run, ledger: Inspection) -> bool:
    """The first run of a cluster begins with nothing; one after a recovery, right before the fact that tells of it."""
    if not first.from_fold:
        return first.begins.seq == 0
    return any(fact.seq == first.begins.seq + 1 and fact.type == RECOVERED for fact in ledger.facts)


def _state(engine: Engine, ledger: Inspection) -> Iterator[Told]:
    """The open run's own answer against the fold."""
    head = ledger.head.seq
    if not engine.state:
        yield Told("missing_run", "no_answer", "wait")
    elif told := next((run.told for run in engine.runs if run.told), 0):
        yield Told("conflict", "sealed_otherwise", "recover", {"seq": told})
    elif engine.is_frozen or ledger.frozen is not None:
        refused = engine.runs[-1].refused
        repair: Repair = "release" if _fits(refused, ledger) else "recover"
        yield Told("conflict", "frozen", repair, {"seq": ledger.frozen or min(refused, default=head)})
    elif engine.seq < head:
        yield Told("ahead", "not_in_engine", "recover", {"ledger": head, "engine": engine.seq})
    elif engine.seq > head:
        yield Told("behind", "not_sealed", "wait", {"first": head + 1, "last": engine.seq})
    elif ledger.state and engine.state != ledger.state:
        yield Told("conflict", "other_state", "recover", {"seq": head})
    else:
        sealed = {fact.command.id for fact in ledger.facts}
        if lost := [id for run in engine.runs for id in run.commands if id not in sealed]:
            yield Told("behind", "command_not_sealed", "recover", {"command": lost[0], "count": len(lost)})


def _fits(refused: Mapping[int, Leaf], ledger: Inspection) -> bool:
    """True when the ledger would take now what it refused: it has the same there, or nothing yet."""
    have = ledger.leaves
    others = {fact.command.id for fact in ledger.facts if fact.seq not in refused}
    return all(
        have[seq].raw == leaf.raw if seq in have else entry_in(leaf.raw)["command"]["id"] not in others
        for seq, leaf in refused.items()
    )
