"""What the client does with each answer the engine can give, one by one, without an engine."""

import asyncio
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import RPCError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCStatusCode

from adapters.ledger_sqlite import SqliteLedger
from client.ids import command_id, repeatable_id
from client.programme import PATIENCE, Programme, Unknown, now
from client.signing import Signer
from domain.recording import Envelope, Head, Receipt
from domain.refusals import Refusal, Refused
from ledger.projections import PROJECTIONS
from ledger.signatures import check
from tests.workflow.office import CLUSTER, COORDINATOR, IDENTITY

DONE = Receipt(seq=1, count=2, head=Head(seq=2, digest="sha256:" + "0" * 64))


def failed(kind: str, *details: object) -> WorkflowUpdateFailedError:
    return WorkflowUpdateFailedError(ApplicationError(kind, *details, type=kind))


def rpc(status: RPCStatusCode, message: str = "") -> RPCError:
    return RPCError(message, status, b"")


def said(error: Exception) -> str:
    match error:
        case WorkflowUpdateFailedError(cause=ApplicationError(type=kind)):
            return str(kind)
        case RPCError(status=status, message=message):
            return f"{status.name} {message}"
    return type(error).__name__


class Scripted:
    """A client whose updates give these answers in turn; the last one again and again."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.sent: list[Envelope] = []
        self.ids: list[str] = []

    def get_workflow_handle_for(self, _, id):
        assert id == f"cluster/{CLUSTER}"
        return self

    async def execute_update(self, _, envelope, *, id, rpc_timeout):
        self.sent.append(envelope)
        self.ids.append(id)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Sending:
    def __init__(self, folder, *answers):
        self.client, self.pauses = Scripted(*answers), []
        self.ledger = SqliteLedger(folder / "ledger.sqlite", PROJECTIONS)
        self.key = Ed25519PrivateKey.generate()
        self.programme = Programme(cast("Any", self.client), self.ledger, Signer(self.key, "k"), pause=self.pause)

    async def pause(self, seconds):
        self.pauses.append(seconds)

    def asks(self, id=""):
        return Envelope(id=id or command_id(now()), cluster=CLUSTER, type="IdentifyCluster", occurred_at=now(),
                        actor=COORDINATOR, data=IDENTITY)  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        failed("Closing"),
        failed("Busy"),
        failed("AcceptedUpdateCompletedWorkflow"),
        rpc(RPCStatusCode.UNAVAILABLE, "workflow update was aborted"),
        rpc(RPCStatusCode.RESOURCE_EXHAUSTED),
        rpc(RPCStatusCode.ABORTED),
        rpc(RPCStatusCode.DEADLINE_EXCEEDED),
        rpc(RPCStatusCode.NOT_FOUND, "workflow update was aborted by closing workflow"),
        rpc(RPCStatusCode.NOT_FOUND, "workflow execution already completed"),
        WorkflowUpdateRPCTimeoutOrCancelledError(),
    ],
    ids=said,
)
async def test_no_answer_is_asked_for_again_by_the_same_command_as_a_new_update(answer, tmp_path):
    sending = Sending(tmp_path, answer, DONE)
    command = sending.asks()
    assert await sending.programme.submit(command) == DONE
    assert {envelope.id for envelope in sending.client.sent} == {command.id}
    assert len(set(sending.client.ids)) == 2
    assert all(id.startswith(command.id) for id in sending.client.ids)
    for envelope in sending.client.sent:
        check(envelope, {"k": sending.key.public_key()}, now())
    assert sending.ledger.refusals() == []


async def test_a_refusal_is_told_recorded_and_never_tried_again(tmp_path):
    told = Refusal(code="not_owed", field="duty", rule="", allowed=("a", "b")).model_dump(mode="json")
    sending = Sending(tmp_path, failed("Refused:not_owed", told))
    with pytest.raises(Refused) as refused:
        await sending.programme.submit(sending.asks())
    assert (refused.value.code, refused.value.field, refused.value.allowed) == ("not_owed", "duty", ("a", "b"))
    assert len(sending.client.sent) == 1
    assert [row["code"] for row in sending.ledger.refusals()] == ["not_owed"]


@pytest.mark.parametrize(
    "answer",
    [failed("Frozen"), failed("ValueError"), rpc(RPCStatusCode.PERMISSION_DENIED), rpc(RPCStatusCode.INTERNAL)],
    ids=said,
)
async def test_what_trying_again_cannot_tell_is_said_to_be_unknown(answer, tmp_path):
    sending = Sending(tmp_path, answer)
    command = sending.asks()
    with pytest.raises(Unknown) as unknown:
        await sending.programme.submit(command)
    assert unknown.value.command_id == command.id
    assert len(sending.client.sent) == 1


async def test_patience_ends_with_unknown_and_not_with_failed(tmp_path):
    sending = Sending(tmp_path, failed("Busy"))
    with pytest.raises(Unknown):
        await sending.programme.submit(sending.asks())
    assert PATIENCE * 0.7 < sum(sending.pauses) < PATIENCE * 1.3
    assert max(sending.pauses) <= 1.2
    assert sending.pauses[0] < 0.03


async def test_a_closed_cluster_is_asked_twice_and_then_the_ledger_answers(tmp_path):
    sending = Sending(tmp_path, rpc(RPCStatusCode.NOT_FOUND, "workflow execution already completed"))
    with pytest.raises(Refused) as refused:
        await sending.programme.submit(sending.asks())
    assert refused.value.code == "not_found"
    assert len(sending.client.sent) == 2


async def test_a_cancelled_sender_stops(monkeypatch, tmp_path):
    sending = Sending(tmp_path, WorkflowUpdateRPCTimeoutOrCancelledError())
    task = asyncio.create_task(sending.programme.submit(sending.asks()))

    async def cancelled_meanwhile():
        task.cancel()
        # As the client library does: the cancel comes out as an error of the call.
        raise WorkflowUpdateRPCTimeoutOrCancelledError

    monkeypatch.setattr(sending.client, "execute_update", lambda *_, **__: cancelled_meanwhile())
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sending.pauses == []


async def test_an_id_without_a_time_in_it_is_looked_up_before_it_is_sent(monkeypatch, tmp_path):
    sending = Sending(tmp_path, DONE)
    command = sending.asks(repeatable_id("job", 1))
    known = Receipt(seq=7, count=1, head=Head(seq=7))

    async def receipt(envelope):
        return known if envelope == command else None

    monkeypatch.setattr(sending.programme, "receipt", receipt)
    assert await sending.programme.submit(command) == known
    assert sending.client.sent == []
