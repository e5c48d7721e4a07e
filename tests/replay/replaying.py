"""Replays the golden histories, or those in a folder, and prints what became of each as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from client.ending import run_to_end
from client.retelling import Retold, retold
from tests.replay.stored import SUFFIX, committed, read
from workflows import chapter
from workflows.options import sandbox

WORDS = {"same": "same", "other_facts": "other facts"}


def outcome(told: Retold) -> str:
    """`same`, or what is different: `other facts`, or the kind of the error."""
    return WORDS.get(told.verdict) or told.detail.partition(":")[0]


def name_of(place: Path) -> str:
    """What a history is called in the answer: versions have histories of the same name."""
    return f"{place.parent.name}/{place.name}"


async def main(places: list[Path]) -> None:
    told = retold((read(place.read_bytes()) for place in places), sandbox())
    outcomes = [outcome(one) async for one in told]
    print(json.dumps(dict(zip(map(name_of, places), outcomes, strict=True))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--updates-a-chapter", type=int, default=chapter.UPDATES_A_CHAPTER)
    given = parser.parse_args()
    chapter.UPDATES_A_CHAPTER = given.updates_a_chapter  # recorded with shorter chapters, told with them
    folder: Path | None = given.folder
    places = sorted(folder.glob(f"*{SUFFIX}")) if folder else [golden.path for golden in committed()]
    run_to_end(lambda: asyncio.run(main(places)))
