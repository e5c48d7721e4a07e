"""The folder of this build, from which histories of today are replayed in ten years: `deploy/release.py OUT`.

OUT then holds the source, the list of packages with the digest of every wheel, `SHA256SUMS` over both, `build.json`,
`replay.py`, and a README in Persian and English. With `--wheels` also the wheels for this machine, fetched by their
digests. The digest of `SHA256SUMS` is what a worker of this build puts on record as `build.released`.
"""  # noqa: INP001 - a script

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from client.build import KEPT_LOCK, SUMS, files_of, released, sums_of
from settings import Settings

BESIDE = Path(__file__).resolve().parent / "released"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT", help="a new folder")
    parser.add_argument("--wheels", action="store_true", help="fetch the wheels too")
    given = parser.parse_args()
    if given.out.exists():
        parser.error(f"{given.out} is there already")
    sys.stdout.write(write(given.out) + "\n")
    if given.wheels:
        fetch_wheels(given.out)


def write(out: Path) -> str:
    """The folder is there, whole; returns its digest."""
    for name, path in files_of():
        place = out / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    (out / SUMS).write_bytes(sums_of())
    build = released(Settings.model_fields["build"].default)
    (out / "build.json").write_text(json.dumps(build.model_dump(), indent=1) + "\n", encoding="utf-8")
    for beside in sorted(BESIDE.iterdir()):
        shutil.copyfile(beside, out / beside.name)
    return build.digest


def fetch_wheels(out: Path) -> None:
    """Every package of the list lies in `wheels`, each with a digest that the list names."""
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:",
         "--requirement", str(out / KEPT_LOCK), "--dest", str(out / "wheels")],
        check=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
