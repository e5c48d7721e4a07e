"""Killing the processes of an office in turn while callers call, and how long each recovery takes."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from client.ids import command_id
from domain.recording import Envelope
from tests.e2e.machine import Machine, until
from tests.oracle import Answer, Judgement, judge, judge_live, keep_histories, replayed
from tests.workflow.office import COORDINATOR, IDENTITY, RULEBOOK

PATIENCE = 300.0


@dataclass
class Report:
    """The figures of one run. `recoveries`: from a kill to the first answer to a question asked after it."""

    commands: int
    kills: int
    judgement: Judgement
    not_live: list[str]
    repeats_differ: list[str]
    histories: int
    replays: set[str]
    recoveries: list[float] = field(default_factory=list)

    def check(self) -> None:
        assert not self.judgement.wrong, self.judgement.wrong[:5]
        assert not self.judgement.lost, self.judgement.lost[:5]
        assert not self.judgement.doubled, self.judgement.doubled[:5]
        assert not self.repeats_differ, self.repeats_differ[:5]
        assert not self.not_live, self.not_live[:5]
        assert self.replays == {"same"}, self.replays

    def __str__(self) -> str:
        slowest = sorted(self.recoveries)
        recovery = (f"recovery median {statistics.median(slowest):.1f} s, p99 {slowest[int(len(slowest) * 0.99)]:.1f} s"
                    if slowest else "nothing to recover")  # fmt: skip
        return (f"{self.judgement.clusters} clusters, {self.kills} kills, {self.commands} commands, "
                f"{len(self.judgement.lost)} lost, {len(self.judgement.doubled)} doubled, {recovery}; "
                f"{self.judgement.facts} facts, {self.histories} histories replay")  # fmt: skip


Callers = Mapping[str, Sequence[str]]
"""Name of the process → what it is started with."""


async def kill_in_turn(machine: Machine, victims: Iterable[str], callers: Callers, every: int) -> list[float]:
    """One after the other dies and is started again, each after so many answers more, until the callers are done.

    How long it took each time from the kill to the first answer to a question asked after it.
    """
    recoveries: list[float] = []
    for victim in victims:
        await _answers(machine, callers, len(machine.told()) + every)
        if are_done(machine, callers):
            break
        if victim in callers and machine.has_ended(victim):
            continue
        killed = time.time()
        await machine.kill(victim)
        await _start_again(machine, victim, callers)
        recoveries += await _recovery(machine, callers, killed)
    return recoveries


async def ended(machine: Machine, callers: Callers) -> None:
    """Every caller was told everything and went."""
    await until(lambda: are_done(machine, callers), "callers at their end", PATIENCE)
    assert not (failed := {name: machine.output(name) for name in callers if machine.exit_code(name)}), failed


def are_done(machine: Machine, callers: Callers) -> bool:
    return all(machine.has_ended(name) for name in callers)


async def _answers(machine: Machine, callers: Callers, number: int) -> None:
    await until(lambda: are_done(machine, callers) or len(machine.told()) >= number, "more answers", PATIENCE)


async def _recovery(machine: Machine, callers: Callers, killed: float) -> list[float]:
    def answered() -> list[float]:
        return sorted(one.told_at - killed for one in machine.told() if one.asked_at > killed)

    await until(lambda: are_done(machine, callers) or answered(), "an answer after the kill", PATIENCE)
    return answered()[:1]


async def settled(machine: Machine) -> None:
    """All that was decided is sealed: no cluster's live state is ahead of the ledger."""
    client = await machine.connected()
    with machine.ledger() as ledger:
        for _ in range(200):
            if not await judge_live(client, ledger):
                return
            await asyncio.sleep(0.1)


async def report(machine: Machine, kills: int, recoveries: list[float], opened: Iterable[str], folder: Path) -> Report:
    """The whole record, and all histories of the run, judged."""
    await settled(machine)
    client, told = await machine.connected(), machine.told()
    first: dict[str, Answer] = {}
    for one in told:
        first.setdefault(one.answer.id, one.answer)
    with machine.ledger() as ledger:
        judgement = judge(ledger, first.values(), [*machine.sent(), *opened])
        not_live = await judge_live(client, ledger)
        kept = await keep_histories(client, [stream for stream, _ in ledger.streams("cluster/")], folder)
    outcomes = {outcome for told_again in replayed(folder) for outcome in told_again.values()}
    differ = [one.answer.id for one in told if one.answer != first[one.answer.id]]
    return Report(len(first), kills, judgement, not_live, differ, kept, outcomes, recoveries)


async def open_some(machine: Machine, number: int) -> list[str]:
    """So many clusters are open; the ids of the commands that opened them."""
    with machine.ledger() as ledger:
        programme = machine.programme(await machine.connected(), ledger)
        now = datetime.now(UTC)
        opening = [
            Envelope(id=command_id(now), cluster=f"cluster-{n}", type="IdentifyCluster", occurred_at=now,
                     actor=COORDINATOR, data=IDENTITY)
            for n in range(number)
        ]  # fmt: skip
        await asyncio.gather(*(programme.open(envelope, RULEBOOK) for envelope in opening))
    return [envelope.id for envelope in opening]


async def _start_again(machine: Machine, victim: str, callers: Callers) -> None:
    if victim == "engine":
        await machine.start_engine()
    elif victim == "worker":
        machine.start_worker()
    else:
        machine.start_caller(victim, *callers[victim])
