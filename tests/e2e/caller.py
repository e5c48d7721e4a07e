"""A caller as a process: sends small commands to open clusters, and writes down what it asks before it asks.

Killed and started again, it first asks for the outcome of what it was not told, under the same ids.
`python -m tests.e2e.caller --data DIR --journal FILE --commands N --seed S [--stop FILE]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.ledger_at import ledger_at
from adapters.ledger_sql import SqlLedger
from client.ending import run_to_end
from client.ids import command_id
from client.programme import Programme, Unknown
from client.signing import read_key
from domain.cluster import Cluster
from domain.evolution import load
from domain.recording import Actor, Envelope
from domain.refusals import Refused
from domain.rulebook import read
from ledger.entry import fact_of
from ledger.projections import PROJECTIONS
from settings import Settings
from tests.e2e.machine import KEY, connected, journal_lines

TEXT = "hmac-sha256:" + "0" * 64
ASKED_AGAIN = 10
"""One answer in so many is asked for once more, and must be the same."""


class Caller:
    def __init__(self, programme: Programme, ledger: SqlLedger, journal: Path, seed: int) -> None:
        self._programme, self._ledger, self._journal = programme, ledger, journal
        self._chance = random.Random(seed)

    async def catch_up(self) -> int:
        """Everything asked so far is answered; how many commands that is."""
        asked: dict[str, Envelope] = {}
        told: set[str] = set()
        for line in journal_lines(self._journal):
            if "envelope" in line:
                asked[line["id"]] = Envelope.model_validate(line["envelope"])
            else:
                told.add(line["id"])
        for id, envelope in asked.items():
            if id not in told:
                await self._ask(envelope)
        return len(asked)

    async def call(self) -> None:
        """One more command to one of the clusters."""
        envelope = self._small_command()
        self._write({"id": envelope.id, "envelope": envelope.model_dump(mode="json")})
        is_done = await self._ask(envelope)
        if is_done and not self._chance.randrange(ASKED_AGAIN):
            await self._ask(envelope)

    async def _ask(self, envelope: Envelope) -> bool:
        """True when the command is done; then, and when it is refused, the journal says so."""
        asked = time.time()
        outcome = {"told": "receipt", "seq": 0, "count": 0}
        while True:
            try:
                receipt = await self._programme.submit(envelope)
            except Unknown:
                continue
            except Refused as refused:
                outcome["told"] = refused.code
            else:
                outcome |= {"seq": receipt.seq, "count": receipt.count}
            break
        self._write({"id": envelope.id, "cluster": envelope.cluster, "asked": asked, "at": time.time(), **outcome})
        return outcome["told"] == "receipt"

    def _small_command(self) -> Envelope:
        """One that may be given again and again: a reminder, a remark, days without notices."""
        stream = self._chance.choice(self._ledger.streams("cluster/"))[0]
        cluster = self._cluster(stream)
        duty = cluster.duties[self._chance.choice(sorted(cluster.duties))]
        office = Actor(person="p-office", role="national_office", scope="nation")
        owner = cluster.methodology.role_by_key[duty.owner]
        kind, actor, data = "RemindNow", office, {"duty": duty.id}
        match self._chance.randrange(5):
            case 0 if len(cluster.findings) < 3:
                kind, data = "OpenFinding", {"level": "note", "text": TEXT}
            case 1 if owner.scope == "nation" and owner.writes and not owner.body:
                until = cluster.calendar.day_of(datetime.now(UTC)) + timedelta(days=9)
                actor = Actor(person="p-owner", role=owner.key, scope="nation")
                kind, data = "Snooze", {"duty": duty.id, "until": str(until), "reason": TEXT}
        now = datetime.now(UTC)
        return Envelope(id=command_id(now), cluster=cluster.id, type=kind, occurred_at=now, actor=actor, data=data)

    def _cluster(self, stream: str) -> Cluster:
        folded = self._ledger.snapshot(stream)
        first = fact_of(self._ledger.entries(stream, limit=1)[0])
        assert folded is not None
        assert first.methodology is not None
        return load(folded.state_json, read(self._ledger.text(first.methodology.digest)))

    def _write(self, line: dict[str, Any]) -> None:
        # A line that a kill cut off ends where the next begins.
        with self._journal.open("a", encoding="utf-8") as journal:
            journal.write("\n" + json.dumps(line) + "\n")


async def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--data", "--journal", "--stop"):
        parser.add_argument(name, type=Path, default=Path(os.devnull + "/never"))
    for name in ("--commands", "--seed"):
        parser.add_argument(name, type=int, default=1)
    given = parser.parse_args()
    settings = Settings.read(given.data)
    client = await connected(settings.temporal)
    with closing(ledger_at(settings.ledger_place, PROJECTIONS)) as ledger:
        programme = Programme(client, ledger, read_key(settings.keys_path, KEY), task_queue=settings.task_queue)
        caller = Caller(programme, ledger, given.journal, given.seed)
        for _ in range(await caller.catch_up(), given.commands):
            if given.stop.exists():
                break
            await caller.call()


if __name__ == "__main__":
    run_to_end(lambda: asyncio.run(main()))
