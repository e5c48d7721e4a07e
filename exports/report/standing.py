"""What the title page says of the report itself: whose it is, of what, when, and on what part of the log it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import segno

from adapters.office_stream import day_of


class Witnessed(NamedTuple):
    """A checkpoint as it leaves the building: the signed note, and the same as groups to be typed."""

    size: int
    note: str
    groups: Sequence[str]

    def picture(self) -> str:
        """The note as a QR code: SVG without any text."""
        return str(segno.make(self.note, error="m").svg_inline(border=2, omitsize=True))


class Standing(NamedTuple):
    """`scope` is in words; `read_until` the length of the log; `checkpoint` None: the log has none yet."""

    scope: Sequence[str]
    at: datetime
    by: str
    role: str
    read_until: int
    checkpoint: Witnessed | None = None

    @property
    def made_on(self) -> date:
        """The day in the office's zone."""
        return day_of(self.at)
