"""Sizes start conversations; only the hard limits end them."""

import statistics
from pathlib import Path

from tests.architecture.tree import ROOT, lines_of, tracked

# Vocabularies are one file each on purpose.
EXEMPT = (Path("domain/events.py"), Path("domain/commands.py"))
LIMITS = {
    "worker.py": 80,
    "starter.py": 300,
    "workflows/cluster_development.py": 250,
    "domain/": 200,
    "tests/": 300,
}


def limit_of(path: Path) -> int | None:
    if path in EXEMPT:
        return None
    return next((most for place, most in LIMITS.items() if path.as_posix().startswith(place)), None)


def report() -> str:
    """Median and longest modules, each with its limit if any: `python -m tests.architecture.test_sizes`."""
    sizes = {path: lines_of(path) for path in tracked("*.py")}
    longest = sorted(sizes, key=lambda path: (-sizes[path], path))[:20]
    rows = [f"{sizes[path]:>5}  {path}  {limit_of(path) or ''}".rstrip() for path in longest]
    return "\n".join([f"{len(sizes)} modules, median {statistics.median(sizes.values()):g} lines", *rows])


def test_a_module_stays_below_its_hard_limit():
    limited = [(path, most) for path in tracked("*.py") if (most := limit_of(path))]
    longer = [f"{path} has {lines_of(path)} of {most}" for path, most in limited if lines_of(path) > most]
    assert longer == [], report()


def test_the_limits_reach_what_they_name():
    named = [place for place in LIMITS if place.endswith(".py") and (ROOT / place).exists()]
    assert [limit_of(Path(place)) for place in named] == [LIMITS[place] for place in named]
    assert limit_of(Path("domain/decisions/gates.py")) == LIMITS["domain/"]
    assert limit_of(EXEMPT[0]) is None


if __name__ == "__main__":
    print(report())
