"""Replays kept histories with nothing but this folder and its packages: no ledger, no server, no network.

`python replay.py [--entries entries.jsonl] HISTORY|FOLDER …` in the folder of a released build. Histories are the
objects `history/<sha256>` of an archive, or `<sha256>.pb.zst` of a bundle. With the bundle's entries, each fact of the
replay is held against the sealed one. Prints JSON; ends with 0 when every history was told again, 1 when one was not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import re
import sys
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from client.ending import run_to_end
from client.history import HistoryUnfit, chapter_of, unpacked
from client.replay_findings import faults_of_facts
from client.replayers import Run
from client.replaying import answer
from ledger.canonical import NotCanonical
from ledger.entry import Leaf, NotAnEntry, digest_of, entry_in
from workflows.chapter import stream_of

NAMED = re.compile(r"[0-9a-f]{64}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("histories", nargs="+", type=Path, metavar="HISTORY|FOLDER")
    parser.add_argument("--entries", type=Path, help="the entries of a bundle, one a line")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    told = asyncio.run(_told(_files(given.histories), _sealed(given.entries) if given.entries else None))
    json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
    return 0 if told["ok"] else 1


async def _told(files: Iterable[Path], sealed: Mapping[str, list[Leaf]] | None) -> dict[str, Any]:
    read = [_read(file) for file in files]
    broken = [one for one in read if "fault" in one]
    whole = sorted((one for one in read if "fault" not in one), key=lambda one: (one["cluster"], one["number"]))
    clusters = []
    for cluster, histories in groupby(whole, key=lambda one: str(one["cluster"])):
        clusters.append(await _replayed(cluster, list(histories), sealed))
    return {"ok": not broken and all(one["ok"] for one in clusters), "clusters": clusters, "broken": broken}


async def _replayed(cluster: str, histories: list[dict[str, Any]], sealed: Mapping[str, list[Leaf]] | None) -> Any:
    """What became of the histories of one cluster."""
    told = await answer({"histories": [one.pop("kept") for one in histories]})
    if "unfit" in told:
        return {"id": cluster, "ok": False, "unfit": told["unfit"], "detail": told["detail"]}
    runs = [Run(**run) for run in told["runs"]]
    leaves = None if sealed is None else sealed.get(stream_of(cluster), [])
    findings = [] if leaves is None else [asdict(one) for one in faults_of_facts(runs, leaves)]
    shown = [
        {**history, "verdict": run.verdict, "detail": run.detail, "seq": run.seq, "state": run.digest,
         "facts": sum(len(leaves) for _, leaves in run.leaves)}
        for history, run in zip(histories, runs, strict=True)
    ]  # fmt: skip
    ok = not findings and all(run.verdict == "same" for run in runs)
    return {"id": cluster, "ok": ok, "histories": shown, "findings": findings}


def _files(places: Iterable[Path]) -> list[Path]:
    """Files that were named, and of folders all that are named by a digest."""
    return [
        file
        for place in places
        for file in (sorted(path for path in place.rglob("*") if NAMED.match(path.name)) if place.is_dir() else [place])
    ]


def _read(file: Path) -> dict[str, Any]:
    """The history with its cluster and chapter, or what is wrong with the file."""
    content, named = file.read_bytes(), NAMED.match(file.name)
    if named and sha256(content).hexdigest() != named[0]:
        return {"file": str(file), "fault": "not what its name says"}
    try:
        history = unpacked(content)
        chapter = chapter_of(history.events)
    except HistoryUnfit as unfit:
        return {"file": str(file), "fault": f"{unfit.code} {unfit.detail}".strip()}
    return {"file": str(file), "cluster": chapter.cluster, "number": chapter.number, "events": len(history.events),
            "kept": b64encode(content).decode()}  # fmt: skip


def _sealed(entries: Path) -> dict[str, list[Leaf]]:
    """The leaves of each stream in their order. Lines that are none are left to `verify.py`."""
    streams: dict[str, list[Leaf]] = {}
    with entries.open("rb") as lines:
        for line in lines:
            raw = line.rstrip(b"\n")
            try:
                streams.setdefault(entry_in(raw)["stream"], []).append(Leaf(raw, digest_of(raw)))
            except (NotCanonical, NotAnEntry):
                continue
    return streams


def _main() -> None:
    sys.exit(main())


if __name__ == "__main__":
    run_to_end(_main)
