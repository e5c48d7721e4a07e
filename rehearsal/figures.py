"""What a rehearsal came to, counted from its sealed record alone, which is verified on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple

from domain.methodology import Methodology
from domain.recording import Fact, Head
from ledger.chain import Finding, verify_chain
from ledger.entry import fact_of
from ledger.store import Entries

CLUSTERS = "cluster/"
ESCALATES = "level"


class Wait(NamedTuple):
    """One duty: how many days it was open, of whom, and whether it still is."""

    days: int
    cluster: str
    duty: str
    kind: str
    role: str
    is_open: bool


class Licensed(NamedTuple):
    """A licence issued, or an agent's exit with it."""

    on: date
    cluster: str
    number: str


@dataclass
class Figures:
    """Counts of all clusters together. A rung is doubled when it fired twice for one duty and its date: a date given
    by a decision, an extension or a confirmed start is reminded of anew, one moved by a pause is not.
    """

    entries: int = 0
    streams: int = 0
    findings: list[Finding] = field(default_factory=list)
    facts: Counter[str] = field(default_factory=Counter)
    reminders: int = 0
    escalations: Counter[str] = field(default_factory=Counter)
    by_stage: dict[str, Counter[str]] = field(default_factory=dict)
    doubled: int = 0
    waits: list[Wait] = field(default_factory=list)
    licences: list[Licensed] = field(default_factory=list)
    on_time: int = 0
    late: int = 0
    most_load: Counter[str] = field(default_factory=Counter)
    digest: str = ""

    @property
    def fired(self) -> int:
        return self.facts["rung.fired"]


def counted(ledger: Entries, methodology: Methodology, end: date) -> Figures:
    """The figures of everything sealed, each stream's chain verified; duties still open waited until `end`."""
    figures, heads = Figures(), list[str]()
    load: dict[str, set[str]] = {}
    for stream, head in ledger.streams():
        leaves = ledger.entries(stream)
        verified = verify_chain(stream, leaves)
        figures.streams, figures.entries = figures.streams + 1, figures.entries + len(leaves)
        if not isinstance(verified, Head):
            figures.findings += verified
        elif verified != head:
            figures.findings.append(Finding(stream, head.seq, "gap", "the head is another"))
        elif stream.startswith(CLUSTERS):
            heads.append(f"{stream}\t{head.seq}\t{head.digest}\n")
            _Stream(figures, methodology, stream.removeprefix(CLUSTERS)).count(map(fact_of, leaves), end)
        elif stream == "agents":
            for fact in map(fact_of, leaves):
                _count_load(figures, load, fact)
    figures.waits.sort(key=lambda wait: (-wait.days, wait.cluster, wait.duty))
    figures.licences.sort()
    figures.digest = sha256("".join(sorted(heads)).encode()).hexdigest()
    return figures


def _count_load(figures: Figures, load: dict[str, set[str]], fact: Fact) -> None:
    agent = fact.data["agent"]
    led = load.setdefault(agent, set())
    if fact.type == "agent.assigned":
        led.add(fact.data["cluster"])
        figures.most_load[agent] = max(figures.most_load[agent], len(led))
    elif fact.type == "agent.released":
        led.discard(fact.data["cluster"])


class _Stream:
    """Counting one cluster, fact after fact."""

    def __init__(self, figures: Figures, methodology: Methodology, cluster: str) -> None:
        self._figures, self._cluster = figures, cluster
        self._main = {stage.key for stage in methodology.main_track}
        self._stage = ""
        self._opened: dict[str, tuple[date, str, str]] = {}
        self._dated: dict[str, int] = {}
        self._fired: set[tuple[str, int, str]] = set()

    def count(self, facts: Iterable[Fact], end: date) -> None:
        for fact in facts:
            self._figures.facts[fact.type] += 1
            self._one(fact, fact.data)
        for duty, (on, kind, role) in self._opened.items():
            self._figures.waits.append(Wait((end - on).days, self._cluster, duty, kind, role, is_open=True))

    def _one(self, fact: Fact, said: dict[str, Any]) -> None:
        day = fact.recorded_at.date()
        match fact.type:
            case "stage.entered" if said["stage"] in self._main:
                self._stage = said["stage"]
            case "duty.opened":
                self._opened[said["duty"]] = (day, said["kind"], said["owner"])
                self._dated[said["duty"]] = fact.seq
            case "duty.due_changed" if said["reason"] != "pause":
                self._dated[said["duty"]] = fact.seq
            case "duty.closed" if said["duty"] in self._opened:
                on, kind, role = self._opened.pop(said["duty"])
                waited = Wait((day - on).days, self._cluster, said["duty"], kind, role, is_open=False)
                self._figures.waits.append(waited)
            case "rung.fired":
                self._rung(said)
            case "deliverable.submitted":
                if said.get("on_time"):
                    self._figures.on_time += 1
                else:
                    self._figures.late += 1
            case "licence.issued":
                self._figures.licences.append(Licensed(day, self._cluster, said["number"]))

    def _rung(self, said: dict[str, Any]) -> None:
        once = (said["duty"], self._dated.get(said["duty"], 0), said["rung"])
        self._figures.doubled += once in self._fired
        self._fired.add(once)
        level = said.get(ESCALATES) or ""
        stage = self._figures.by_stage.setdefault(self._stage, Counter())
        stage[level] += 1
        if level:
            self._figures.escalations[level] += 1
        else:
            self._figures.reminders += 1
