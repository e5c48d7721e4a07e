"""A program that knows nothing but `vocabulary --json` and `show --json`'s `allowed` leads a cluster to its licence."""

import asyncio
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from adapters.documents import DocumentFolder
from cli.reference import calendar, methodology
from cli.standing import allowed, standing
from client.directory import Directory
from client.directory_sheet import Known
from client.ids import repeatable_id
from client.sheet import Row
from domain.recording import Actor, Envelope
from rehearsal.engine import EARLY, TimeSkippingEngine
from rehearsal.premises import Premises
from rehearsal.rehearsing import START
from starter import app
from tests.forecasts import REFERENCE
from tests.scripted import answered

CLUSTER, PROVINCE = "qom-footwear", "qom"
MOST_DAYS = 5 * 365
IDENTITY = {"name_fa": "کفش قم", "name_en": "Qom footwear", "province": PROVINCE, "product": "footwear"}


class Program:
    """Sends, on every day on which something is due, whatever brings the cluster forward."""

    def __init__(self, engine, premises, vocabulary):
        self.engine, self.premises = engine, premises
        self.known = {command["type"] for command in vocabulary["commands"]}
        self.directory = Directory(
            premises.ledger, DocumentFolder(premises.settings.path("documents")),
            Known(REFERENCE.methodology.role_by_key), build="rehearsal", clock=lambda: self.at,
        )  # fmt: skip
        self.at, self.sent = calendar().opening(START) + timedelta(hours=7), 0

    def show(self):
        """What `show --json` prints of the cluster: where it stands, and what is allowed."""
        found = standing(self.premises.ledger, CLUSTER, self.at)
        cluster = found.cluster
        shown = {"allowed": allowed(found, self.directory), "licence": cluster.licence and cluster.licence.number,
                 "effects": list(cluster.effects), "due": self.premises.ledger.portfolio()[0]["next_due"]}  # fmt: skip
        return json.loads(json.dumps(shown, default=str))

    async def send(self, kind, by, person, data, *, opening=False):
        assert kind in self.known
        self.sent += 1
        envelope = Envelope(
            id=repeatable_id("program", self.sent), cluster=CLUSTER, type=kind, occurred_at=self.at,
            actor=Actor(person=person, role=by, scope=scope(by)), data=data,
        )  # fmt: skip
        await (self.engine.open(envelope) if opening else self.engine.submit(envelope))

    async def act(self):
        """One after the other, each a minute later, until nothing that is owed can be done."""
        while offer := next((o for o in self.show()["allowed"] if o.get("forward", True)), None):
            persons = offer["by"]["persons"]
            taken = {p for field in offer["missing"] for p in field.get("not_by", [])}
            person = next(p for p in persons if p not in taken)
            data = answered(offer, self.members(offer))
            await self.send(offer["type"], offer["by"]["role"], person, data)
            await self.until(self.at + timedelta(minutes=1))

    def members(self, offer):
        wanted = next((f["role"] for f in offer["missing"] if f["kind"] == "persons"), None)
        return list(self.directory.who(wanted, province=PROVINCE, cluster=CLUSTER))[:5] if wanted else []

    async def until(self, moment):
        """It is that moment, the alarms before it have rung and the services have answered."""
        self.at = moment
        await self.engine.advance(moment)
        # Another process writes what is waited for, so there is no event to wait on.
        while not self.is_quiet(self.show(), moment):  # noqa: ASYNC110 - as said above
            await asyncio.sleep(0.005)

    @staticmethod
    def is_quiet(shown, moment):
        return not shown["effects"] and (shown["due"] is None or datetime.fromisoformat(shown["due"]) > moment)

    async def run(self):
        await self.engine.advance(self.at)
        role = "provincial_coordinator"
        first = self.directory.who(role, province=PROVINCE)[0]
        await self.send("IdentifyCluster", role, first, IDENTITY, opening=True)
        while not (shown := self.show())["licence"]:
            await self.act()
            shown = self.show()
            due = datetime.fromisoformat(shown["due"]).astimezone(UTC)
            assert due < calendar().opening(START) + timedelta(days=MOST_DAYS), shown
            await self.until(calendar().opening(calendar().day_of(due)) + timedelta(hours=7))
        return shown["licence"]


def scope(role):
    level = REFERENCE.methodology.role_by_key[role].scope
    return {"nation": "nation", "province": f"province/{PROVINCE}", "cluster": f"cluster/{CLUSTER}"}[level]


@pytest.mark.timeout(300)
async def test_offers_alone_lead_from_identified_to_the_licence(tmp_path):
    vocabulary = json.loads(CliRunner().invoke(app, ["vocabulary", "--json"]).stdout)
    with closing(Premises(tmp_path, REFERENCE, 1403, START)) as premises:
        premises.people([Row(1, CLUSTER, "IdentifyCluster", {"province": PROVINCE})])
        engine = TimeSkippingEngine(premises, 0, calendar().opening(START) - EARLY)
        await engine.start()
        try:
            licence = await Program(engine, premises, vocabulary).run()
            live = await engine.state(CLUSTER)
        finally:
            await engine.close()
    assert licence.startswith("KH-")
    assert json.loads(live["state"])["stage"] == methodology().methodology.term.exit_stage
