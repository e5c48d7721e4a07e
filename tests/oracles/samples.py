"""`python -m tests.oracles.samples FOLDER`: writes there what the oracles judge."""

import json
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from adapters.ledger_sqlite import SqliteReader
from cli.reference import duty_title, province_name, title
from exports.case import cases
from exports.ocel import event_log
from exports.wording import Wording
from ledger.projection import PREFIX
from ledger.tree import Frontier, consistency, inclusion, leaf_hash, node_hash
from tests.contracts.test_ledger_format_log import KEY, LEAVES, NOTE, PROOF
from tests.forecasts import forecast, wanted
from tests.ledger_facts import NINE

SIZES = (1, 2, 3, 4, 7, 8, 9, 31, 64, 100, 255, 256, 257)


def tree() -> str:
    """Leaves, the root at each size, and every proof there is among the sizes."""
    leaves = [f"entry {n}".encode() for n in range(max(SIZES))]
    hashes = [leaf_hash(leaf) for leaf in leaves]

    def nodes(level: int, n: int) -> bytes:
        return hashes[n] if level == 0 else node_hash(nodes(level - 1, 2 * n), nodes(level - 1, 2 * n + 1))

    frontier, roots = Frontier(), []
    for each in hashes:
        frontier.add(each)
        roots.append(frontier.root())

    def spelled(path: list[bytes]) -> list[str]:
        return [each.hex() for each in path]

    return json.dumps({
        "leaves": [leaf.decode() for leaf in leaves],
        "roots": [root.hex() for root in roots],
        "inclusion": [
            {"index": index, "size": size, "path": spelled(inclusion(index, size, nodes))}
            for size in SIZES
            for index in range(0, size, 1 + size // 9)
        ],
        "consistency": [
            {"old": old, "new": new, "path": spelled(consistency(old, new, nodes))}
            for new in SIZES
            for old in SIZES
            if old <= new
        ],
    })  # fmt: skip


def event_log_of(clusters: int, file: BinaryIO) -> None:
    """Months of some clusters as an event log."""
    words = Wording("en", title, duty_title, province_name)
    with TemporaryDirectory() as office:
        forecast(wanted(clusters), Path(office) / "office")
        with closing(SqliteReader(Path(office) / "office" / "ledger.sqlite")) as ledger, event_log(file, words) as made:
            extent = ledger.extent()
            ids = [stream.removeprefix(PREFIX) for stream in extent.heads if stream.startswith(PREFIX)]
            for case in cases(ledger, extent, ids, NINE):
                made.add(case)


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tree.json").write_text(tree(), encoding="utf-8")
    (folder / "key.txt").write_text(KEY.text, encoding="utf-8")
    (folder / "checkpoint.txt").write_bytes(NOTE)
    (folder / "entry.json").write_bytes(LEAVES[2])
    (folder / "entry.tlog-proof").write_bytes(PROOF.raw)
    with (folder / "ocel.json").open("wb") as file:
        event_log_of(5, file)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
