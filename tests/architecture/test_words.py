from pathlib import Path

from tests.architecture.tree import tracked

# A name that fits any module says nothing about this one (docs/glossary.md has the words that do).
EMPTY_WORDS = frozenset({
    "util", "utils", "helper", "helpers", "common", "manager", "managers", "service", "services",
    "base", "data", "info", "kpi", "kpis", "misc", "shared",
})  # fmt: skip


def empty_words_in(path: Path) -> list[str]:
    words = [word for part in path.with_suffix("").parts for word in part.lower().split("_")]
    return [word for word in words if word in EMPTY_WORDS]


def test_a_module_is_named_by_what_it_holds():
    assert [path for path in tracked("*.py") if empty_words_in(path)] == []


def test_an_empty_name_is_found():
    assert empty_words_in(Path("client/data_helpers.py")) == ["data", "helpers"]
    assert empty_words_in(Path("common/gates.py")) == ["common"]
    assert empty_words_in(Path("adapters/database.py")) == []
