"""Another build of ours: the same code in a folder of its own, but for one change."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("domain", "ledger", "workflows", "client", "adapters", "activities")


def build_with(folder: Path, file: str, old: str, new: str) -> Path:
    """The folder holds a build that says `new` where ours says `old`, once, in `file`."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "settings.py", folder)
    place = folder / file
    said = place.read_text(encoding="utf-8")
    assert said.count(old) == 1, (file, old)
    place.write_text(said.replace(old, new), encoding="utf-8")
    return folder
