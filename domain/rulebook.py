"""What one cluster is run by: a methodology and a calendar, carried in its own history.

A worker in ten years must decide as today's did, so a running workflow reads no file: the whole rulebook
travels as one text in the command that adopts it, and its digest stands in every fact decided under it.
"""

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass
from functools import lru_cache

from domain.calendar import WorkingCalendar
from domain.methodology import Methodology

MOST_BYTES = 4_000_000
"""A text that grows beyond this is refused before it fills a worker's memory; the default takes 40 kB."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules and the days they count, under one digest."""

    methodology: Methodology
    calendar: WorkingCalendar
    digest: str


def carried(methodology: Methodology, calendar: WorkingCalendar) -> tuple[str, str]:
    """The digest of a rulebook and the text that carries it.

    The digest is taken over the JSON and not over the text: another zlib may compress to other bytes.
    Keys at their default are left out, so a key added to the model later leaves old digests as they are;
    for the same reason a default, once released, never changes.
    """
    content = _json_of(methodology, calendar)
    return _digest_of(content), text_of(content)


def pack(methodology: Methodology, calendar: WorkingCalendar) -> str:
    """The text that `unpack` reads back."""
    return carried(methodology, calendar)[1]


def text_of(content: bytes) -> str:
    """The text that carries this JSON, as `content_of` gives it back."""
    return base64.b64encode(zlib.compress(content, 9)).decode("ascii")


def unpack(text: str) -> Rulebook:
    """The rulebook in `text`, parsed once a process. ValueError when it is none."""
    return read(content_of(text))


@lru_cache(maxsize=16)
def content_of(text: str) -> bytes:
    """The JSON in `text`, which the digest is taken over. ValueError when it is none."""
    return _inflated(text)


@lru_cache(maxsize=16)
def read(content: bytes) -> Rulebook:
    """The rulebook in that JSON, parsed once a process. ValueError when it is none."""
    parts = json.loads(content)
    if not isinstance(parts, dict) or set(parts) != {"methodology", "calendar"}:
        raise ValueError("rulebook_unreadable")
    return Rulebook(
        methodology=Methodology.model_validate(parts["methodology"]),
        calendar=WorkingCalendar.model_validate(parts["calendar"]),
        digest=_digest_of(content),
    )


def _json_of(methodology: Methodology, calendar: WorkingCalendar) -> bytes:
    parts = {
        "methodology": methodology.model_dump(mode="json", exclude_defaults=True),
        "calendar": calendar.model_dump(mode="json", exclude_defaults=True),
    }
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _inflated(text: str) -> bytes:
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(base64.b64decode(text, validate=True), MOST_BYTES)
    except (ValueError, zlib.error) as error:
        raise ValueError("rulebook_unreadable") from error
    if not inflater.eof or inflater.unused_data:
        raise ValueError("rulebook_unreadable")
    return content
