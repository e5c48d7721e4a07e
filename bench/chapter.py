"""What one run hands to the next, in bytes, at its largest in a life."""

from __future__ import annotations

from bench.core import lived
from bench.figure import Figure
from bench.office import RULEBOOK as TEXT
from client.ids import command_id
from domain.cluster import new_cluster
from domain.evolution import dump, evolve
from domain.recording import Head
from domain.rulebook import content_of
from tests.unit.test_three_years import RULEBOOK, START
from workflows.chapter import Chapter
from workflows.seen import KEPT, Place, Seen

KILO = 1024


async def run() -> list[Figure]:
    cluster = new_cluster("qom-footwear", RULEBOOK)
    largest = b""
    for fact in lived().facts:
        cluster = evolve(cluster, fact)
        largest = max(largest, dump(cluster), key=len)
    seen = Seen((), 0)
    for n in range(KEPT + 1):
        seen.remember(command_id(START), Place(1_000 + n, 9, "0" * 16))
    chapter = Chapter(cluster="qom-footwear", rulebook=TEXT, number=9, state=largest.decode(), seen=seen.carried(),
                      head=Head(seq=999, digest="sha256:" + "0" * 64))  # fmt: skip
    parts = {name: len(chapter.model_dump_json(include={name})) for name in ("state", "rulebook", "seen")}
    return [
        Figure(what="state", reached=parts["state"] / KILO, unit="KiB", bound="≤", budget=32, floor=len(largest) / KILO,
               floor_is="the state's own JSON"),
        Figure(what="methodology and calendar", reached=parts["rulebook"] / KILO, unit="KiB", bound="≤", budget=16,
               floor=len(content_of(TEXT)) / KILO, floor_is="their JSON"),
        Figure(what=f"{KEPT} remembered commands", reached=parts["seen"] / KILO, unit="KiB", bound="≤", budget=16,
               floor=KEPT * (16 + 8) / KILO, floor_is="16 bytes of id and 8 of digest each"),
        Figure(what="the whole input", reached=len(chapter.model_dump_json()) / KILO, unit="KiB"),
    ]  # fmt: skip
