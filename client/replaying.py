"""A process that replays histories: `python -m client.replaying`. Its code may be another build's than its parent's.

Standard input takes questions, standard output gives answers: eight bytes of length, then that much JSON. A question is
`{"histories": [base64 …]}`, histories as kept, of one cluster and in their order. The answer is `{"runs": […]}`: what
each handed to the ledger, sealed as the ledger would behind the entry `began` that the run began with, and whose run it
is by its own history: `verdict`, `detail`, `seq`, `digest`, `leaves` (`[[after, [leaf …]] …]`), `began`, `from_fold`,
`cluster`, `number`, `events`, `before`, `after`, `closed`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import sys
from base64 import b64decode
from typing import Any, BinaryIO

import orjson
from temporalio.client import WorkflowHistory

from client.ending import run_to_end
from client.history import HistoryUnfit, chapter_of, check, links, unpacked
from client.retelling import Retold, retold
from ledger.canonical import NotCanonical
from ledger.entry import seal

LENGTH = 8
MEMORY = 4 << 30
"""Bytes that a history may take to replay: one that never ends must not take the machine with it."""


def message(content: bytes) -> bytes:
    """The content as it travels."""
    return len(content).to_bytes(LENGTH, "big") + content


async def answer(question: Any) -> dict[str, Any]:
    """What became of each history."""
    try:
        histories = [unpacked(b64decode(kept)) for kept in question["histories"]]
        for history in histories:
            check(history.events)
        told = [one async for one in retold(histories)]
        return {"runs": [_form(history, one) for history, one in zip(histories, told, strict=True)]}
    except HistoryUnfit as unfit:
        return {"unfit": unfit.code, "detail": unfit.detail}


def _form(history: WorkflowHistory, told: Retold) -> dict[str, Any]:
    chapter = chapter_of(history.events)
    digest, leaves = chapter.head.digest, []
    try:
        for batch in told.batches:
            sealed = []
            for fact in batch.facts:
                leaf = seal(chapter.stream, digest, fact)
                digest = leaf.digest
                sealed.append(leaf.raw.decode())
            leaves.append((batch.after, sealed))
    except NotCanonical as fault:
        told = told._replace(verdict="other_facts", detail=f"{fault.code} {fault.path}")
    place = links(history.events)
    return {
        "verdict": told.verdict, "detail": told.detail, "seq": told.seq, "digest": told.digest, "leaves": leaves,
        "began": chapter.head.seq, "from_fold": chapter.from_fold, "cluster": chapter.cluster,
        "number": chapter.number, "events": len(history.events),
        "before": place.before, "after": place.after, "closed": place.closed,
    }  # fmt: skip


def main(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answers until there are no more questions."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    # What the engine's library has to say of a history is in the answer.
    logging.disable(logging.CRITICAL)
    while head := questions.read(LENGTH):
        question = orjson.loads(questions.read(int.from_bytes(head, "big")))
        answers.write(message(orjson.dumps(asyncio.run(answer(question)))))
        answers.flush()


if __name__ == "__main__":
    # Nothing else may write where answers are read: the engine's library prints what it finds.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    run_to_end(lambda: main(sys.stdin.buffer, out))
