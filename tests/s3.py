"""A real S3 server for tests: moto's, on loopback, with buckets in memory."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from moto.server import ThreadedMotoServer

KEYS = {"AWS_ACCESS_KEY_ID": "synthetic", "AWS_SECRET_ACCESS_KEY": "synthetic", "AWS_REGION": "us-east-1"}


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of a server that runs meanwhile."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def environment(server: str) -> dict[str, str]:
    """What a program needs to find that server."""
    return {**KEYS, "AWS_ENDPOINT_URL": server}


def new_bucket(server: str) -> str:
    """The name of an empty bucket."""
    name = f"archive-{uuid4().hex}"
    made = urllib.request.Request(f"{server}/{name}", method="PUT")  # noqa: S310 - our own server - our own server on loopback
    urllib.request.urlopen(made).close()  # noqa: S310 - our own server
    return name
