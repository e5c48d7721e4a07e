"""What a log may sign after what it signed last: only that the log has grown, proven."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.checkpoint import MOST_ENTRIES, Checkpoint
from ledger.tree import ProofRefused, check_consistency


class NotSigned(Exception):
    """`code`: sign_other_log, sign_nothing, sign_shrunk, sign_forked, sign_unproven. `last`: what stands signed."""

    def __init__(self, code: str, last: Checkpoint | None) -> None:
        super().__init__(code, last)
        self.code, self.last = code, last


def check_succession(last: Checkpoint | None, asked: Checkpoint, proof: Sequence[bytes]) -> None:
    """Nothing, if `asked` is `last` again or provably goes on from it; the first one goes on from nothing."""
    if last is not None and asked.origin != last.origin:
        raise NotSigned("sign_other_log", last)
    if not 0 < asked.size <= MOST_ENTRIES or len(asked.root) != 32:
        raise NotSigned("sign_nothing", last)
    if last is None or asked == last:
        return
    if asked.size < last.size:
        raise NotSigned("sign_shrunk", last)
    if asked.size == last.size:
        raise NotSigned("sign_forked", last)
    try:
        check_consistency(last.size, asked.size, last.root, asked.root, proof)
    except ProofRefused as fault:
        # A proof that leads to another past is worse than one that leads nowhere: somebody rewrote the log.
        raise NotSigned("sign_forked" if fault.code == "wrong_old_root" else "sign_unproven", last) from None
