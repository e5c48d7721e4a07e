"""One line of the doctor's."""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    """`state` is ok, attention or broken; `mend` is what to do, empty when all is well."""

    name: str
    state: str
    detail: str
    mend: str = ""
