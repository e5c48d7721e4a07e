"""What was sent under which id, kept for a while: sent again, a command says the same to the letter."""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from domain.recording import Envelope
from domain.refusals import Refused
from domain.values import Commitment
from ledger.erasure import COMMITMENT

SENT = "sent"
"""The folder for it, in the data folder."""

KEPT_FOR = timedelta(days=30)


def sent_once(
    folder: Path, id: str, asked: dict[str, Any], at: datetime, make: Callable[[], Envelope]
) -> tuple[Envelope, bool]:
    """The envelope of this id, and whether it was made before. Refused `id_reused` when other words were sent then."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / f"{id}.json"
    words = json.dumps(asked, ensure_ascii=False, sort_keys=True, default=str).encode()
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
        if not hmac.compare_digest(kept["asked"], _seal(kept["salt"], words)):
            raise Refused("id_reused", "id")
        return Envelope.model_validate(kept["envelope"]), True
    except FileNotFoundError:
        pass
    except (ValueError, KeyError):
        place.unlink()  # cut off while it was written, so before anything was sent
    envelope = make()
    salt = secrets.token_hex(32)
    kept = {"salt": salt, "asked": _seal(salt, words), "envelope": envelope.model_dump(mode="json")}
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(kept, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    _forget(folder, at)
    return envelope, False


def forget_sent(folder: Path, commitments: Collection[Commitment]) -> None:
    """Nothing that was sent with one of these values is kept: its seal would still let a short one be guessed."""
    gone = set(commitments)
    for place in folder.glob("*.json") if gone else ():
        if gone.intersection(COMMITMENT.findall(place.read_text(encoding="utf-8", errors="replace"))):
            place.unlink(missing_ok=True)


def _seal(salt: str, words: bytes) -> str:
    # Salted: free text is among the words, and a short one could be guessed from its bare digest.
    return hmac.digest(bytes.fromhex(salt), words, "sha256").hex()


def _forget(folder: Path, at: datetime) -> None:
    oldest = (at - KEPT_FOR).timestamp()
    for place in folder.glob("*.json"):
        if place.stat().st_mtime < oldest:
            place.unlink(missing_ok=True)
