"""What docs/howto/first-cluster says is typed as it stands, in both languages, against a started office."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("first-cluster.md", "first-cluster.fa.md")


@contextmanager
def started(data: Path) -> Iterator[None]:
    argv = [sys.executable, str(ROOT / "starter.py"), "up", "--data", str(data), "--json"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT) as up:
        try:
            assert up.stdout is not None
            assert json.loads(up.stdout.readline())["pids"]
            yield
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(60)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", PAGES)
def test_the_page_leads_to_the_feasibility_study(page, tmp_path):
    typed = re.findall(
        r"^```bash\n(.*?)^```", (ROOT / "docs/howto" / page).read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    clone = tmp_path / "clone"
    clone.mkdir()
    for name, place in {
        ".venv": Path(sys.executable).parents[1],
        "starter.py": ROOT / "starter.py",
        "reference": ROOT / "reference",
    }.items():
        (clone / name).symlink_to(place)
    data = tmp_path / "data"
    environment = os.environ | {"KHOOSHEH_DATA": str(data)}
    with started(data):
        said = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(typed)],
            cwd=clone, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert said.returncode == 0, said.stdout + said.stderr
        shown = subprocess.run(
            [sys.executable, str(ROOT / "starter.py"), "show", "qom-footwear", "--json"],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert json.loads(shown.stdout)["stage"] == "feasibility"
    assert said.stderr.count("Refused") + said.stderr.count("self_approval") + said.stdout.count("رد شد") >= 1
