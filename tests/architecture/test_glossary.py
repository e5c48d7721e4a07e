"""The words of the glossary are the words people are shown."""

import pytest

from i18n.text import words
from tests.architecture.tree import ROOT

SHOWN = {
    "stage": ("screen.stage", "screen.stages", "wrong.kind_stage"),
    "gate": ("screen.gates", "duty_kind.gate", "command.DecideGate", "event.gate.asked", "refusal.gate_closed"),
    "deliverable": ("duty_kind.deliverable", "wrong.kind_deliverable"),
    "duty": ("screen.duty", "screen.duties"),
    "command": ("screen.commands", "wrong.kind_command"),
    "cluster": ("screen.cluster",),
}


def terms():
    """English terms with the Persian of the glossary; of two words in one cell the first."""
    rows = [row.split("|") for row in (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()]
    return {row[1].split(",")[0].strip(): row[3].split("،")[0].strip() for row in rows if len(row) > 5}


@pytest.mark.parametrize("term", SHOWN)
def test_the_persian_of_the_glossary_is_what_people_read(term):
    shown = words("fa")
    assert [key for key in SHOWN[term] if terms()[term] not in shown[key]] == []


def test_the_methodology_calls_a_gate_what_the_glossary_calls_it():
    files = (ROOT / "reference/methodology/isipo-unido-default/1.0").glob("*.toml")
    titles = [line for path in files for line in path.read_text(encoding="utf-8").splitlines() if 'en = "G' in line]
    named = [line for line in titles if any(f'en = "G{number} ' in line for number in range(10))]
    assert len(named) > 5
    assert [line for line in named if terms()["gate"] not in line] == []
