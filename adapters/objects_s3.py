"""The archive store in an S3 bucket, of Amazon or of any server that honours `If-None-Match: *`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from obstore import exceptions
from obstore.store import S3Store

from ledger.objects import ObjectDiffers, ObjectsUnusable, checked

PROBE = ".created-once"
"""No object's name begins with a dot: it is never listed. It stays, as a bucket with Object Lock lets nothing go."""
PATIENCE = timedelta(seconds=20)
RETRIES = 3


class ObjectBucket:
    """`ledger.objects.Objects` under `s3://bucket/prefix`; any thread may ask.

    Endpoint, region and keys are as `AWS_…` say (`AWS_ENDPOINT_URL`, `AWS_REGION`, …). Opening it writes one empty
    object twice: ObjectsUnusable `not_write_once` where the second is taken, `unreachable` where nothing is.
    """

    def __init__(self, address: str, **options: Any) -> None:
        place = urlsplit(address)
        self._address = address
        self._store = S3Store(
            place.netloc,
            prefix=place.path.strip("/") or None,
            retry_config={"max_retries": RETRIES, "retry_timeout": PATIENCE},
            # Without TLS only where the endpoint itself says `http://`.
            client_options={"timeout": PATIENCE, "connect_timeout": PATIENCE / 4, "allow_http": True},
            **options,
        )
        self._check_written_once()

    def put(self, name: str, content: bytes) -> None:
        if not self._create(checked(name), content) and self.get(name) != content:
            raise ObjectDiffers(name)

    def get(self, name: str) -> bytes:
        try:
            return bytes(self._store.get(checked(name)).bytes())
        except FileNotFoundError:
            raise LookupError(name) from None

    def has(self, name: str) -> bool:
        try:
            self._store.head(checked(name))
        except FileNotFoundError:
            return False
        return True

    def names(self, prefix: str = "") -> Iterator[str]:
        # S3 lists by folders, and what was asked for may be half of a name.
        folder = prefix.rpartition("/")[0]
        found = (meta["path"] for page in self._store.list(folder or None) for meta in page)
        return iter(sorted(name for name in found if name.startswith(prefix) and "." not in _firsts(name)))

    def _create(self, name: str, content: bytes) -> bool:
        """False when there was one by that name."""
        try:
            self._store.put(name, content, mode="create", use_multipart=False)
        except exceptions.AlreadyExistsError:
            return False
        return True

    def _check_written_once(self) -> None:
        try:
            self._create(PROBE, b"")
            is_new_again = self._create(PROBE, b"")
        except (exceptions.BaseError, OSError) as fault:
            raise ObjectsUnusable("unreachable", f"{self._address}: {_first_line(fault)}") from fault
        if is_new_again:
            raise ObjectsUnusable("not_write_once", self._address)


def _firsts(name: str) -> set[str]:
    return {part[:1] for part in name.split("/")}


def _first_line(fault: Exception) -> str:
    return str(fault).partition("\n")[0]
