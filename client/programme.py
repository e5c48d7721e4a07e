"""The one way into a cluster: send a command, and be told whether it is done, refused, or not known yet."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from temporalio.client import (
    Client,
    RPCError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)  # fmt: skip
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCStatusCode

from client.refusals import asked_in, record_refusal
from client.signing import Signer
from domain.recording import Envelope, Receipt
from domain.refusals import Refusal, Refused
from domain.rulebook import content_of, unpack
from ledger.canonical import NotCanonical
from ledger.entry import entry_in
from ledger.office import SharedLedger
from ledger.signatures import SignedIn
from workflows.chapter import Chapter, stream_of
from workflows.cluster_development import ClusterDevelopment
from workflows.seen import milliseconds_in

FIRST_DELAY, LONGEST_DELAY, GROWTH = 0.02, 1.0, 1.6
PATIENCE = 60.0
ONE_CALL = timedelta(seconds=10)

ASK_AGAIN = frozenset({"Closing", "Busy", "AcceptedUpdateCompletedWorkflow"})
"""Failures of an update after which the same command is sent again, as a new update."""

NO_ANSWER = frozenset({
    RPCStatusCode.UNAVAILABLE, RPCStatusCode.RESOURCE_EXHAUSTED, RPCStatusCode.ABORTED,
    RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED,
})  # fmt: skip
"""The command may be done or not: only its id can tell."""


class Unknown(Exception):
    """Whether the command is done is not known. Sent again under the same id it is done once."""

    def __init__(self, command_id: str) -> None:
        super().__init__(command_id)
        self.command_id = command_id


def now() -> datetime:
    return datetime.now(UTC)


class Programme:
    """Opens clusters and sends them commands; `pause` is how it waits between two attempts."""

    def __init__(
        self, client: Client, ledger: SharedLedger, signer: Signer, clock: Callable[[], datetime] = now, *,
        task_queue: str = "khoosheh", pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._client, self._ledger, self._signer, self._clock = client, ledger, signer, clock
        self._task_queue, self._pause = task_queue, pause

    async def open(self, envelope: Envelope, rulebook: str, *, rehearsal: bool = False) -> Receipt:
        """The cluster lives by `rulebook` (as `domain.rulebook.pack` writes it) and has done its first command.

        `envelope` identifies or imports it. Opened before, the cluster keeps its rulebook and decides itself
        whether the command is the same one again. Raises as `submit` does.
        """
        await asyncio.to_thread(self._ledger.put_text, unpack(rulebook).digest, content_of(rulebook))
        # Already started and ended: its life is over, and the command below is told so.
        with suppress(WorkflowAlreadyStartedError):
            await self._client.start_workflow(
                ClusterDevelopment.run,
                Chapter(cluster=envelope.cluster, rulebook=rulebook, rehearsal=rehearsal),
                id=stream_of(envelope.cluster),
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
        return await self.submit(envelope)

    async def submit(self, envelope: Envelope, signed_in: SignedIn = "local_key") -> Receipt:
        """The command is done and sealed; sent again under its id, it is done once and the receipt the same.

        Raises Refused (nothing is done, and the refusal is on record), Unknown, or CancelledError (as Unknown).
        """
        if milliseconds_in(envelope.id) is None and (known := await self.receipt(envelope)):
            return known
        try:
            return await self._until_answered(envelope, signed_in)
        except Refused as refused:
            if refused.code == "too_old" and (known := await self.receipt(envelope)):
                return known
            await asyncio.to_thread(record_refusal, self._ledger, asked_in(envelope), refused.told(), self._clock)
            raise

    async def receipt(self, envelope: Envelope) -> Receipt | None:
        """What the ledger says of this command: its receipt, or None when it is not sealed there."""
        stream = stream_of(envelope.cluster)
        leaves = await asyncio.to_thread(self._ledger.command, envelope.id)
        places = [entry["seq"] for leaf in leaves if (entry := entry_in(leaf.raw))["stream"] == stream]
        if not places:
            return None
        head = await asyncio.to_thread(self._ledger.head, stream)
        return Receipt(seq=places[0], count=len(places), head=head)

    async def _until_answered(self, envelope: Envelope, signed_in: SignedIn) -> Receipt:
        started, waited, delay = asyncio.get_running_loop().time(), 0.0, FIRST_DELAY
        found_closed = False
        while True:
            try:
                return await self._attempt(envelope, signed_in)
            except WorkflowUpdateFailedError as error:
                _check_failure(error, envelope)
            except WorkflowUpdateRPCTimeoutOrCancelledError:
                _check_cancelled()
            except RPCError as error:
                _check_cancelled()
                if _says_closed(error):
                    if found_closed:
                        return await self._from_ledger(envelope, error)
                    found_closed, delay = True, LONGEST_DELAY
                elif error.status not in NO_ANSWER and not _says_aborted(error):
                    raise Unknown(envelope.id) from error
            if max(waited, asyncio.get_running_loop().time() - started) > PATIENCE:
                raise Unknown(envelope.id)
            await self._pause(delay * random.uniform(0.8, 1.2))  # noqa: S311 - not a secret
            waited, delay = waited + delay, min(delay * GROWTH, LONGEST_DELAY)

    async def _attempt(self, envelope: Envelope, signed_in: SignedIn) -> Receipt:
        # Never with a run id: the chapter may have changed. A new update id each time: the server answers an
        # old one without asking the cluster, though its run is closed or its content is another.
        handle = self._client.get_workflow_handle_for(ClusterDevelopment.run, stream_of(envelope.cluster))
        return await handle.execute_update(
            ClusterDevelopment.submit,
            self._signed(envelope, signed_in),
            id=f"{envelope.id}#{secrets.token_hex(3)}",
            rpc_timeout=ONE_CALL,
        )

    def _signed(self, envelope: Envelope, signed_in: SignedIn) -> Envelope:
        try:
            return self._signer.signed(envelope, self._clock(), signed_in)
        except NotCanonical as fault:  # what cannot be signed could not be sealed either
            code = "too_large" if fault.code in ("too_large", "too_deep") else "invalid_field"
            raise Refused(code, fault.path, fault.code) from fault

    async def _from_ledger(self, envelope: Envelope, error: RPCError) -> Receipt:
        if known := await self.receipt(envelope):
            return known
        was_there = await asyncio.to_thread(self._ledger.head, stream_of(envelope.cluster))
        raise Refused("not_open" if was_there.seq else "not_found", "cluster") from error


def _check_failure(error: WorkflowUpdateFailedError, envelope: Envelope) -> None:
    """Nothing, when the command is to be sent again; otherwise raises what is to be told."""
    cause = error.cause
    kind = cause.type or "" if isinstance(cause, ApplicationError) else ""
    if kind in ASK_AGAIN:
        return
    if isinstance(cause, ApplicationError) and kind.startswith("Refused:"):
        _raise_refused(cause, error)
    raise Unknown(envelope.id) from error


def _raise_refused(cause: ApplicationError, error: Exception) -> NoReturn:
    told = Refusal.model_validate(cause.details[0])
    raise Refused(told.code, told.field, told.rule, told.allowed) from error


def _check_cancelled() -> None:
    """Raises when it was we who were cancelled: the client library reports that as an error of the call."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _says_aborted(error: RPCError) -> bool:
    return error.status == RPCStatusCode.NOT_FOUND and "aborted by closing workflow" in error.message


def _says_closed(error: RPCError) -> bool:
    return error.status == RPCStatusCode.NOT_FOUND and not _says_aborted(error)
