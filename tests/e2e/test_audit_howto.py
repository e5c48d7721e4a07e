"""What docs/howto/audit-a-cluster says is typed as it stands, in both languages, against the record it speaks of."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forecasts import forecast, wanted

ROOT = Path(__file__).parents[2]
SAID = {
    "audit-a-cluster.md": [
        "The action plan was fixed", "G5 Plan · Approve", "A vote was cast: Approval: Action plan document",
        "by what was known on 1404/01/20", "Nothing changed.", "No fact fits what was asked for.",
        "What is owed", "Decided with the office's key alone", "3 of 5 clusters",
    ],
    "audit-a-cluster.fa.md": [
        "برنامه عملیاتی تثبیت شد", "گلوگاه ۵", "رأی ثبت شد: تأیید: سند برنامه عمل", "۱۴۰۴/۰۱/۲۰",
        "چیزی تغییر نکرده است.", "ثبتی با این ویژگی‌ها نیست.", "تکلیف‌ها", "تصمیم تنها با کلید دفتر", "۳ خوشه از ۵ خوشه",
    ],
}  # fmt: skip


def typed_in(page: str) -> str:
    return "\n".join(re.findall(r"^```bash\n(.*?)^```", page, re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clone in which the rehearsal of the page has been made; here by the pure core, which makes the same facts."""
    clone = tmp_path_factory.mktemp("clone")
    for name, place in {".venv": Path(sys.executable).parents[1], "starter.py": ROOT / "starter.py"}.items():
        (clone / name).symlink_to(place)
    forecast(wanted(5, months=16), clone / "practice")
    return clone


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", SAID)
def test_the_page_leads_from_the_question_to_the_answer(page, clone):
    typed = typed_in((ROOT / "docs/howto" / page).read_text("utf-8"))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KHOOSHEH_")}
    said = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", typed],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert [words for words in SAID[page] if words not in said.stdout] == []
    assert {"408", "433", "437"} <= set(re.findall(r"\d+", said.stdout.translate(LATIN))), "the entries that it names"


LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")


def test_both_pages_type_the_same():
    pages = [typed_in((ROOT / "docs/howto" / page).read_text("utf-8")) for page in SAID]
    assert pages[0] == pages[1].replace("export KHOOSHEH_LANG=fa\n", "")
