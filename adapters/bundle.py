"""The bundle: the whole log with its proofs in one ZIP file that an auditor takes home (docs: ledger format §18).

Written in one pass and a constant amount of memory; equal content makes equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, LargeZipFile, ZipFile, ZipInfo

from domain.values import Digest
from ledger.archive import STREAM as ARCHIVE
from ledger.archive import archived_in, name_of
from ledger.entry import fact_of
from ledger.log_keys import LogKeys
from ledger.newest import Newest
from ledger.objects import Objects
from ledger.published import Published
from ledger.store import Entries
from ledger.tree import Frontier, leaf_hash

KIND, FORM = "khoosheh-bundle", 1
AT_ONCE = 4_096
MOST_MEMBERS, MOST_BYTES = 2**16 - 2, 2**32 - 2
OTHER_CHECKPOINTS = 1_000
"""How many checkpoints are given along besides those that must be there."""
METHODOLOGY = re.compile(rb'"methodology":\{"digest":"(sha256:[0-9a-f]{64})"')
NO_DIGEST = b"sha256:" + b"0" * 64


class BundleImpossible(Exception):
    """`code`: bundle_root_differs (the ledger is not what was signed), bundle_too_large (for one ZIP file)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes into every bundle beside the log: the page for whoever opens it, and the program that checks it."""

    readme: bytes
    program: bytes


@dataclass(slots=True)
class Bundle:
    """A bundle being written; `told` hears how many entries are in it."""

    file: BinaryIO
    ledger: Entries
    objects: Objects
    newest: Newest
    told: Callable[[int], None]
    _digests: dict[str, str] = field(default_factory=dict)

    def write(self, enclosed: Enclosed, *, histories: bool = True) -> None:
        """All of it is in the file, from its first byte on. BundleImpossible; then the file is of no use."""
        try:
            with ZipFile(self.file, "w", ZIP_DEFLATED, allowZip64=False) as archive:
                archive.comment = NO_DIGEST
                self._write(archive, enclosed, histories=histories)
        except LargeZipFile:
            raise BundleImpossible("bundle_too_large") from None
        if len(self._digests) + 1 > MOST_MEMBERS or self.file.tell() > MOST_BYTES:
            raise BundleImpossible("bundle_too_large")
        self._write_digest()

    def _write(self, archive: ZipFile, enclosed: Enclosed, *, histories: bool) -> None:
        size, origin = self.newest.checkpoint.size, self.newest.checkpoint.origin
        self._add(archive, "README.md", [enclosed.readme])
        self._add(archive, "verify.py", [enclosed.program])
        told = _until(self.newest.keys, size)
        self._add(archive, "keys.txt", [f"{key}\n".encode() for key in told])
        texts: set[Digest] = set()
        self._add(archive, "entries.jsonl", self._lines(texts))
        published = Published(self.objects, origin)
        for one in _chosen(published.sizes(), self.newest):
            self._add(archive, f"checkpoints/{one}.txt", [published.checkpoint(one)])
        for digest in sorted(texts):
            if (text := self._text(digest)) is not None:
                self._add(archive, f"texts/{digest.removeprefix('sha256:')}.json", [text])
        self._add_histories(archive, histories=histories)
        files = {name: f"sha256:{digest}" for name, digest in self._digests.items()}
        manifest = {"files": files, "kind": KIND, "origin": origin, "root": self.newest.checkpoint.root.hex(),
                    "size": size, "v": FORM}  # fmt: skip
        self._add(archive, "manifest.json", [_spelled(manifest)])

    def _lines(self, texts: set[Digest]) -> Iterator[bytes]:
        """Every entry under the checkpoint, a line each; the methodologies they name are in `texts` then."""
        place, checkpoint, frontier = 0, self.newest.checkpoint, Frontier()
        while place < checkpoint.size:
            found = self.ledger.log(place, min(AT_ONCE, checkpoint.size - place))
            if not found or found[-1].place != place + len(found):
                raise BundleImpossible("bundle_root_differs")
            for placed in found:
                frontier.add(leaf_hash(placed.leaf.raw))
                texts.update(digest.decode() for digest in METHODOLOGY.findall(placed.leaf.raw))
                yield placed.leaf.raw + b"\n"
            place = found[-1].place
            self.told(place)
        if frontier.root() != checkpoint.root:
            raise BundleImpossible("bundle_root_differs")

    def _add_histories(self, archive: ZipFile, *, histories: bool) -> None:
        sealed = self._archived() if histories else {}
        kept = {digest: seq for digest, seq in sealed.items() if self.objects.has(name_of(digest))}
        index = {digest.removeprefix("sha256:"): seq for digest, seq in kept.items()}
        self._add(archive, "histories/index.json", [_spelled(index)])
        for hexadecimal in sorted(index):
            content = self.objects.get(name_of(f"sha256:{hexadecimal}"))
            self._add(archive, f"histories/{hexadecimal}.pb.zst", [content], packed=False)

    def _archived(self) -> dict[Digest, int]:
        """Digest → seq in the stream `archive`, of the best object of each run under the checkpoint."""
        size = self.newest.checkpoint.size
        leaves = [placed.leaf for placed in self.ledger.log(stream=ARCHIVE) if placed.place <= size]
        best = {one.digest for runs in archived_in(leaves).values() for one in runs}
        seqs: dict[Digest, int] = {}
        for fact in map(fact_of, leaves):
            if fact.data.get("digest") in best:
                seqs.setdefault(fact.data["digest"], fact.seq)
        return seqs

    def _text(self, digest: Digest) -> bytes | None:
        """None where nobody ever put it: a check of the bundle says so."""
        try:
            return self.ledger.text(digest)
        except LookupError:
            return None

    def _add(self, archive: ZipFile, name: str, parts: Iterable[bytes], *, packed: bool = True) -> None:
        member = ZipInfo(name)  # of 1980, which is no time at all
        member.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        member.create_system, member.create_version, member.extract_version = 3, 20, 20
        member.external_attr = 0o644 << 16
        digest = hashlib.sha256()
        with archive.open(member, "w") as opened:
            for part in parts:
                digest.update(part)
                opened.write(part)
        self._digests[name] = digest.hexdigest()

    def _write_digest(self) -> None:
        """The comment of the archive is the digest of all bytes before it."""
        self.file.flush()
        end = self.file.seek(-len(NO_DIGEST), 2)
        self.file.seek(0)
        digest, left = hashlib.sha256(), end
        while left:
            part = self.file.read(min(left, 1 << 20))
            digest.update(part)
            left -= len(part)
        self.file.seek(end)
        self.file.write(b"sha256:" + digest.hexdigest().encode())


def _until(keys: LogKeys, size: int) -> list[str]:
    """The keys told before that size."""
    return [change.key.text for change in keys.changes if change.index < size]


def _chosen(sizes: Sequence[int], newest: Newest) -> list[int]:
    """The bundle's own size, the first ones that cover a change of keys, and others evenly from all the years."""
    size = newest.checkpoint.size
    under = [one for one in sizes if one <= size]
    first_over = (next((one for one in under if one > change.index), size) for change in newest.keys.changes)
    step = max(len(under) // OTHER_CHECKPOINTS, 1)
    return sorted({size, *(one for one in first_over if one <= size), *under[::-step]})


def _spelled(value: object) -> bytes:
    """In the form of an entry, without its limit on size."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
