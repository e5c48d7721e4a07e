"""What this build is: its files by their digests, in the form that `sha256sum --check` reads, and its entry."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from adapters.office_stream import OfficeLedger, OfficeStream, by_service
from domain.values import Frozen
from ledger import archive
from ledger.archive import Archived, BuildReleased
from ledger.entry import digest_of

HOME = Path(__file__).resolve().parent.parent
PARTS = (
    "worker.py", "starter.py", "settings.py", "telemetry.py", "domain", "ledger", "workflows", "activities", "adapters",
    "client", "exports", "cli", "rehearsal", "i18n", "reference",
)  # fmt: skip
"""What is installed, as `pyproject.toml` names it."""
LOCK = "requirements/runtime.lock"
SUMS, SOURCE, KEPT_LOCK = "SHA256SUMS", "source", "requirements.lock"
"""Names in the folder of a released build."""


def files_of(home: Path = HOME) -> Iterator[tuple[str, Path]]:
    """Each file of the build: its path in a released folder, and where it is now; in the order of paths."""
    found = [(f"{SOURCE}/{path.relative_to(home).as_posix()}", path) for part in PARTS for path in _files(home / part)]
    if (home / LOCK).is_file():
        found.append((KEPT_LOCK, home / LOCK))
    yield from sorted(found)


def sums_of(home: Path = HOME) -> bytes:
    """The digest and path of each file, a line each."""
    return "".join(f"{sha256(path.read_bytes()).hexdigest()}  {name}\n" for name, path in files_of(home)).encode()


def released(build: str, home: Path = HOME) -> BuildReleased:
    """This build as it goes on record."""
    sums, lock = sums_of(home), home / LOCK
    return BuildReleased(
        build=build, digest=digest_of(sums), files=sums.count(b"\n"),
        lock=digest_of(lock.read_bytes()) if lock.is_file() else None,
        python=platform.python_version(), temporalio=version("temporalio"),
    )  # fmt: skip


def record_build(ledger: OfficeLedger, build: str, at: datetime, home: Path = HOME) -> BuildReleased:
    """This build is on record; the same files again change nothing."""
    this = released(build, home)

    def _once(_: Archived) -> Sequence[Frozen]:
        return [this]

    stream = OfficeStream(ledger, archive.STREAM, archive.NAMES, Archived(), build)
    (fact,) = stream.record(_once, by_service("archive", archive.build_key(build, this.digest), at))
    return BuildReleased.model_validate(fact.data)


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    else:
        yield from (path for path in place.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
