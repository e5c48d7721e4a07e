"""The stream `accesses`: what of the record somebody looked at, and for which purpose."""

from __future__ import annotations

from pydantic import Field

from domain.values import ClusterId, Code, Frozen

STREAM = "accesses"
TYPE = "record.accessed"
PURPOSES = ("audit", "complaint", "court", "research")


class RecordAccessed(Frozen):
    """Somebody was about to be shown this: clusters by name, or all of a scope."""

    what: Code
    clusters: tuple[ClusterId, ...] = ()
    scope: str = Field(default="nation", pattern=r"^(nation|province/[a-z0-9-]{1,40})$")
    purpose: Code
