"""Where a ledger is kept: the path of a file, or the address of a database on a server."""

from __future__ import annotations

from urllib.parse import urlsplit

SERVER = "postgresql"


def is_on_server(place: str) -> bool:
    """Whether `place` is an address, like `postgresql://user:password@host:port/database`."""
    return "://" in place


def shown(place: str) -> str:
    """The place as it may be printed and logged: of an address neither the password nor the options."""
    if not is_on_server(place):
        return place
    try:
        parts = urlsplit(place)
    except ValueError:
        return f"{SERVER}://…"
    user, at, host = parts.username or "", *parts.netloc.rpartition("@")[1:]
    return f"{parts.scheme}://{user}{at}{host}{parts.path}"
