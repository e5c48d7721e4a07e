import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOMS, ROOT

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def test_rooms_import_only_what_the_contracts_allow():
    checked = subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("room", "line", "contract"),
    [
        ("domain", "import os", "domain and ledger reach no engine"),
        ("domain", "import ledger", "Rooms look inward"),
        ("ledger", "import sqlite3", "domain and ledger reach no engine"),
        ("workflows", "import structlog", "workflows know no database"),
        ("activities", "import adapters", "Rooms look inward"),
        ("client", "import starter", "Nobody imports the edges"),
        ("adapters", "import i18n", "i18n is a leaf"),
        ("i18n", "import domain", "i18n knows no room"),
        ("domain/decisions", "import domain.decisions.gates", "Decisions are independent"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(tmp_path, room, line, contract):
    """On a skeleton of empty rooms, so that only the planted line can be what breaks."""
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(config, encoding="utf-8")
    for name in ROOMS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    for name in ("worker", "starter"):
        (tmp_path / f"{name}.py").touch()
    decisions = tmp_path / "domain" / "decisions"
    decisions.mkdir()
    for name in ("__init__", "gates", "funds"):
        (decisions / f"{name}.py").touch()
    (tmp_path / room / "planted.py").write_text(line + "\n", encoding="utf-8")
    checked = subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    broken = [row for row in checked.stdout.splitlines() if row.endswith("BROKEN")]
    assert len(broken) == 1, checked.stdout + checked.stderr
    assert broken[0].startswith(contract)
