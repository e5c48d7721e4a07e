"""Names, numbers and texts that people give stand in the document store, and nowhere else that is kept for years."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.documents import DocumentFolder
from client.filling import filled
from client.forgetting import Forgetting
from client.ids import command_id
from client.signatories import Signed
from domain.evolution import load
from domain.offers import offers
from domain.recording import Actor, Envelope
from domain.refusals import Refused
from domain.rulebook import unpack
from ledger.chain import verify_chain
from ledger.entry import fact_of
from ledger.erasure import commitments_in
from tests.e2e.kills import open_some
from tests.e2e.machine import Machine
from tests.oracle import histories
from tests.scripted import TEXT, answered
from tests.workflow.office import RULEBOOK

CLUSTER = "cluster-0"
STREAM = f"cluster/{CLUSTER}"
NAME, PHONE, WORDS = "زهرا نیک‌پندار", "09121234567", "از کارگاه خواهرش شکایت دارد"
LATIN, PERSIAN_PHONE = "NaderNikpendar", "۰۹۱۲۱۲۳۴۵۶۷"
PLANTED = (NAME, PHONE, WORDS, LATIN, PERSIAN_PHONE)
TOLD = f"{NAME} ({LATIN}), {PHONE} / {PERSIAN_PHONE}: {WORDS}"
OFFICE = Actor(person="p-office", role="national_office", scope="nation")
READ = unpack(RULEBOOK)


def forms_of(planted: str) -> list[bytes]:
    """How it could stand in a file: as it is, escaped in JSON, once and twice."""
    escaped = json.dumps(planted)[1:-1]
    return [planted.encode(), planted.encode("utf-16-le"), escaped.encode(), json.dumps(escaped)[1:-1].encode()]


def found_in(kept: bytes) -> list[str]:
    return [planted for planted in PLANTED if any(form in kept for form in forms_of(planted))]


def written_out(value):
    """What people would write where a commitment is to stand."""
    if isinstance(value, dict):
        return {key: written_out(one) for key, one in value.items()}
    if isinstance(value, list):
        return [written_out(one) for one in value]
    return TOLD if value == TEXT else value


class Person:
    """Gives commands as the command line does: words go to the documents, their commitments to the cluster."""

    def __init__(self, programme, ledger, documents):
        self.programme, self.ledger, self.documents = programme, ledger, documents

    async def do(self, kind, actor, given, deliverable=None, *, is_careless=False):
        data = given if is_careless else filled(kind, given, deliverable, self.documents)
        now = datetime.now(UTC)
        await self.programme.submit(
            Envelope(id=command_id(now), cluster=CLUSTER, type=kind, occurred_at=now, actor=actor, data=data)
        )

    async def do_what_is_offered(self, most):
        """The forms of the first stage, with words in every field that takes some."""
        for _ in range(most):
            cluster = load(self.ledger.snapshot(STREAM).state_json, READ)
            ways = offers(cluster, cluster.calendar.day_of(datetime.now(UTC)))
            if (offer := next((one for one in ways if one.forward), None)) is None:
                return
            role = READ.methodology.role_by_key[offer.role]
            scope = {"nation": "nation", "province": "province/qom", "cluster": STREAM}[role.scope]
            person = next(iter(offer.persons), f"p-{offer.role.replace('_', '-')}")
            given = written_out(answered(offer.model_dump(mode="json"), [f"p-member-{n}" for n in range(5)]))
            asked = READ.methodology.deliverable_by_key.get(given.get("duty", "").partition(".")[0])
            await self.do(offer.type, Actor(person=person, role=role.key, scope=scope), given, asked and asked[1])

    async def is_careless(self):
        """Words where codes and commitments belong, past everything that would have put them in the store."""
        careless = (
            ("OpenFinding", {"level": TOLD, "text": TEXT}),
            ("OpenFinding", {"level": "note", "text": TOLD}),
            ("OpenFinding", {"level": "note", "text": TEXT, "phone": PHONE}),
            ("RemindNow", {"duty": TOLD}),
            ("RemindNow", {"duty": "cluster_profile", PHONE: TOLD}),
            ("RemindNow", {"duty": "cluster_profile", NAME: TOLD}),
            (LATIN, {"duty": TOLD}),
            ("WithdrawCluster", {"reason": NAME}),
            ("SubmitDeliverable", {"duty": "cluster_profile", "values": {"summary": TOLD, LATIN: PHONE}}),
        )
        for kind, given in careless:
            with pytest.raises(Refused):
                await self.do(kind, OFFICE, given, is_careless=True)


def kept_files(data: Path) -> dict[str, bytes]:
    """Ledger, engine, logs: every file but the documents."""
    return {
        str(place.relative_to(data)): place.read_bytes()
        for place in data.rglob("*") if place.is_file() and "documents" not in place.parts
    }  # fmt: skip


def forget_everything(machine, documents):
    """Every text of the cluster is forgotten, for two who may; the record is whole as before."""
    signed = Signed(OFFICE, "p-0002")
    with machine.ledger() as ledger:
        forgetting = Forgetting(ledger, documents, machine.data / "sent", build="b1")
        facts = [fact_of(leaf) for leaf in ledger.entries(STREAM)]
        for seal in {seal for fact in facts for _, seal in commitments_in(fact.data)}:
            assert forgetting.document(seal, "court_order", signed).values == 1
        assert all(verify_chain(stream, ledger.entries(stream)) == head for stream, head in ledger.streams())


async def test_what_people_write_is_in_no_entry_history_log_or_search_attribute(tmp_path):
    machine = Machine(tmp_path, log_level="debug")
    documents = DocumentFolder(tmp_path / "documents")
    try:
        await machine.start_engine()
        machine.start_worker()
        await open_some(machine, 1)
        client = await machine.connected()
        with machine.ledger() as ledger:
            person = Person(machine.programme(client, ledger), ledger, documents)
            await person.do("OpenFinding", OFFICE, {"level": "note", "text": TOLD})
            await person.is_careless()
            await person.do_what_is_offered(most=8)
            entries = b"".join(leaf.raw for stream, _ in ledger.streams() for leaf in ledger.entries(stream))
            told = {fact_of(leaf).type for leaf in ledger.entries(STREAM)}
        described = await client.get_workflow_handle(STREAM).describe()
        recorded = b"".join(
            event.SerializeToString() for history in await histories(client, STREAM) for event in history.events
        )
        assert {"finding.opened", "deliverable.submitted"} <= told
        assert found_in(entries) == []
        assert found_in(recorded) == []
        assert found_in(described.raw_description.SerializeToString()) == []
    finally:
        await machine.stop()
    files = kept_files(tmp_path)
    assert {"ledger.sqlite", "engine.sqlite", "worker.log", "worker.out", "engine.out"} <= files.keys()
    assert {name: found for name, kept in files.items() if (found := found_in(kept))} == {}
    stored = b"".join(place.read_bytes() for place in (tmp_path / "documents").rglob("*") if place.is_file())
    assert found_in(stored) == list(PLANTED)
    forget_everything(machine, documents)
    whole = {str(place.relative_to(tmp_path)): place.read_bytes() for place in tmp_path.rglob("*") if place.is_file()}
    assert {"ledger.sqlite", "engine.sqlite", "worker.log"} <= whole.keys()
    assert {name: found for name, kept in whole.items() if (found := found_in(kept))} == {}
