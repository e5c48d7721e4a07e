"""The tracked tree, as the architecture tests read it."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("domain", "ledger", "workflows", "activities", "adapters", "client", "exports", "cli", "rehearsal", "i18n")
PURE = ("domain", "ledger")


def tracked(*patterns: str) -> list[Path]:
    """The files of the working tree that git knows or would add, relative to the root, sorted."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(Path(name) for name in set(listed.split("\0")) if name and (ROOT / name).is_file())


def lines_of(path: Path) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())
