"""Which store an address means."""

from __future__ import annotations

from pathlib import Path

from adapters.objects_folder import ObjectFolder
from adapters.objects_s3 import ObjectBucket
from ledger.objects import Objects

S3 = "s3://"


def objects_at(address: str | Path) -> Objects:
    """The store in that folder, or of that form `s3://bucket/prefix`. ObjectsUnusable where it must not be used."""
    if isinstance(address, str) and address.startswith(S3):
        return ObjectBucket(address)
    return ObjectFolder(Path(address))
