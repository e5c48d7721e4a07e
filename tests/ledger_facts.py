"""Synthetic facts for the tests of the ledger."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from domain.recording import Actor, Cause, CommandRef, Fact, MethodologyRef
from ledger.entry import Leaf, seal

NINE = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)


def command_id(number: int) -> str:
    return str(uuid5(NAMESPACE_OID, str(number)))


def fact(seq: int, **data: Any) -> Fact:
    """Fact `seq` of a stream, from a command of its own."""
    return Fact(
        seq=seq,
        type="deliverable.approved",
        occurred_at=NINE,
        recorded_at=NINE + timedelta(seconds=seq),
        command=CommandRef(id=command_id(seq), n=1, of=1),
        actor=Actor(person="p-91", role="provincial_coordinator", scope="province/07"),
        cause=Cause(kind="command", ref=command_id(seq)),
        methodology=MethodologyRef(id="unido", version="1405.1", digest="sha256:" + "0" * 64),
        authenticated_by="session",
        build="b1",
        data={"deliverable": "action_plan", "version": seq, **data},
    )


def facts(first: int, last: int, **data: Any) -> list[Fact]:
    return [fact(seq, **data) for seq in range(first, last + 1)]


def of_one_command(number: int, first: int, last: int) -> list[Fact]:
    """Facts `first … last`, all caused by command `number`."""
    of = last - first + 1
    return [
        fact(seq).model_copy(update={"command": CommandRef(id=command_id(number), n=n, of=of)})
        for n, seq in enumerate(range(first, last + 1), 1)
    ]


def chained(stream: str, sealed: Sequence[Fact]) -> list[Leaf]:
    leaves: list[Leaf] = []
    for each in sealed:
        leaves.append(seal(stream, leaves[-1].digest if leaves else "", each))
    return leaves
