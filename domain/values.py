"""The small values everything else is made of, and the frozen form all records share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Frozen(BaseModel):
    """A record that is never changed, only replaced; unknown keys are refused."""

    # What was given stays out of error messages: they end in logs, and people's words may be among it.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset from UTC")
    return moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""An instant, kept in UTC; naive input is refused."""

Day = date
"""A civil date of the programme's zone."""

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A key of the methodology: stage, deliverable, role, indicator, field, answer."""

ClusterId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{2,63}$")]
PersonId = Annotated[str, Field(pattern=r"^(p-|svc:)[a-z0-9-]{1,48}$")]
"""An opaque person (`p-…`), or one of our own services (`svc:…`)."""

CommandId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""A UUID in lower case, made by the caller before sending (version 7 in life, 5 in rehearsals)."""

Decimal = Annotated[str, Field(pattern=r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?$")]
"""A decimal as text: the ledger knows no floats."""

Rial = Annotated[int, Field(ge=0, le=2**53 - 1)]

Commitment = Annotated[str, Field(pattern=r"^hmac-sha256:[0-9a-f]{64}$")]
"""What stands in a fact for free text, a person, a contact or a file: the value and its salt are
in the document store and can be forgotten there (design decision 8)."""

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
