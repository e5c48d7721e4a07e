"""Nothing lost, nothing doubled: what must hold of an office's record after any fault.

Every acknowledged command has exactly one whole set of facts, every fact has a cause, the numbers have no gap,
the chain is whole, no rung fired twice, and the fold of the ledger is the live state of every cluster.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHistory

from domain.recording import Fact, Head
from ledger.chain import verify_chain
from ledger.entry import fact_of
from ledger.store import Entries
from tests.replay.stored import SUFFIX, write
from workflows.cluster_development import ClusterDevelopment

ROOT = Path(__file__).parents[1]
PEOPLE, TIME, SERVICES, ENGINE = ("command", "import", "recovery"), "rung", "effect", "engine"
HASH_SEEDS = ("0", "1403")


@dataclass(frozen=True)
class Answer:
    """What a caller was told: the receipt's place, or a refusal (`count` 0)."""

    id: str
    cluster: str
    seq: int = 0
    count: int = 0


@dataclass
class Judgement:
    """What a whole office showed."""

    clusters: int = 0
    facts: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)


def judge(ledger: Entries, answers: Iterable[Answer], sent: Iterable[str]) -> Judgement:
    """The record against what callers were told; `sent` are the ids of all that was ever asked."""
    found = Judgement()
    asked = set(sent)
    by_command: dict[str, list[Fact]] = defaultdict(list)
    for stream, head in ledger.streams("cluster/"):
        facts = _facts(ledger, stream, head, found)
        found.clusters += 1
        found.facts += len(facts)
        _judge_rungs(stream, facts, found)
        for fact in facts:
            by_command[fact.command.id].append(fact)
            if fact.cause.kind in PEOPLE and fact.command.id not in asked:
                found.wrong.append(f"{stream}#{fact.seq} has no cause: {fact.command.id} was never sent")
            if fact.cause.kind not in (*PEOPLE, TIME, SERVICES, ENGINE):
                found.wrong.append(f"{stream}#{fact.seq} is caused by {fact.cause.kind}")
    for id, facts in by_command.items():
        if not _is_one_set(facts):
            found.doubled.append(f"{id}: {[(fact.command.n, fact.command.of, fact.seq) for fact in facts]}")
    for answer in answers:
        facts = by_command.get(answer.id, [])
        told = list(range(answer.seq, answer.seq + answer.count))
        if [fact.seq for fact in facts] != told:
            found.lost.append(f"{answer.id} of {answer.cluster}: told {told}, sealed {[fact.seq for fact in facts]}")
    return found


async def judge_live(client: Client, ledger: Entries, at_once: int = 16) -> list[str]:
    """Every cluster whose live state is not the fold of its facts."""
    turns = asyncio.Semaphore(at_once)

    async def differs(stream: str) -> str:
        async with turns:
            live = await client.get_workflow_handle(stream).query(ClusterDevelopment.state)
        folded = ledger.snapshot(stream)
        assert folded is not None
        is_same = (live["seq"], live["digest"], live["frozen"]) == (folded.seq, folded.state_digest, False)
        return "" if is_same else f"{stream}: live {live['seq']} {live['digest']}, sealed {folded.seq}"

    told = await asyncio.gather(*(differs(stream) for stream, _ in ledger.streams("cluster/")))
    return [one for one in told if one]


async def histories(client: Client, stream: str) -> list[WorkflowHistory]:
    """The histories of all chapters of one cluster, the last first, found along their chain."""
    found: list[WorkflowHistory] = []
    run: str | None = (await client.get_workflow_handle(stream).describe()).run_id
    while run:
        found.append(await client.get_workflow_handle(stream, run_id=run).fetch_history())
        run = found[-1].events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return found


async def keep_histories(client: Client, streams: Iterable[str], folder: Path) -> int:
    """The histories of all chapters of these clusters lie in `folder`; how many there are."""
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240 - nobody else waits
    number = 0
    for stream in streams:
        for history in await histories(client, stream):
            number += 1
            place = folder / f"{number:05}{SUFFIX}"
            place.write_bytes(write(history, preset=0))
    return number


def replayed(folder: Path | None = None, *options: str, seeds: Iterable[str] = HASH_SEEDS) -> list[dict[str, str]]:
    """What became of each history of `folder` (default: the golden ones), told in one process for each hash seed."""
    arguments = [*([] if folder is None else [str(folder)]), *options]
    told: list[dict[str, str]] = []
    for seed in seeds:
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tests.replay.replaying", *arguments],
            cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr[-2000:]
        told.append(json.loads(ran.stdout.splitlines()[-1]))  # the engine's library logs there too
    return told


def _facts(ledger: Entries, stream: str, head: Head, found: Judgement) -> list[Fact]:
    leaves = ledger.entries(stream)
    if (verdict := verify_chain(stream, leaves)) != head:
        found.wrong.append(f"{stream}: {verdict}, and its head is {head}")
    if ledger.frozen(stream) is not None:
        found.wrong.append(f"{stream} is frozen")
    facts = [fact_of(leaf) for leaf in leaves]
    if [fact.seq for fact in facts] != list(range(1, len(facts) + 1)):
        found.wrong.append(f"{stream} has a gap")
    return facts


def _is_one_set(facts: list[Fact]) -> bool:
    first = facts[0]
    places = [(fact.command.n, fact.command.of, fact.seq) for fact in facts]
    return places == [(n, len(facts), first.seq + n - 1) for n in range(1, len(facts) + 1)]


def _judge_rungs(stream: str, facts: Iterable[Fact], found: Judgement) -> None:
    fired: dict[str, set[Any]] = defaultdict(set)
    for fact in facts:
        duty = fact.data.get("duty")
        if fact.type == "duty.opened":
            fired[fact.data["duty"]] = set()
        elif fact.type in ("rung.fired", "rung.skipped") and duty is not None:
            if fact.data["rung"] in fired[duty]:
                found.doubled.append(f"{stream}#{fact.seq}: {fact.data['rung']} of {duty} again")
            fired[duty].add(fact.data["rung"])
