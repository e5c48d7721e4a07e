"""Where a ledger is kept: the path of a file, or the address of a database on a PostgreSQL server."""

from __future__ import annotations

import re

_ADDRESS = re.compile(
    r"postgresql://((?P<user>[^:@/?#\s]+)(:(?P<password>[^:@/?#\s]*))?@)?"
    r"(?P<host>([\w.-]*|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?)/(?P<database>[\w-]+)(\?[^@\s]*)?"
)
"""As RFC 3986 and libpq have it; what would end a part early (`:@/?#`) stands in it percent-encoded."""


def is_on_server(place: str) -> bool:
    """Whether `place` is meant as an address, right or wrong."""
    return "://" in place


def is_address(place: str) -> bool:
    """Whether `place` is `postgresql://user:password@host:port/database`; all but the database may be left out."""
    return _ADDRESS.fullmatch(place) is not None


def shown(place: str) -> str:
    """The place as it may be printed and logged: of an address neither password nor options, of a wrong one nothing."""
    if not is_on_server(place):
        return place
    found = _ADDRESS.fullmatch(place)
    if found is None:
        return "postgresql://…"
    user = f"{found['user']}@" if found["user"] else ""
    return f"postgresql://{user}{found['host']}/{found['database']}"
