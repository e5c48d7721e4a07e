"""The committed form of every event: what was recorded once is read for ever, and written the same.

A failing snapshot means that the record of the past no longer means what it says. A new event gets its forms by
`python -m tests.contracts.test_event_forms`; an existing one is never written anew.
"""

import json
from pathlib import Path

import pytest

from domain.events import TYPES
from domain.evolution import apply
from tests.samples import sample
from tests.scenario import standing_in
from tests.worlds import identified

FORMS = Path(__file__).parent / "event_forms.json"
COMMITTED = json.loads(FORMS.read_text(encoding="utf-8")) if FORMS.exists() else {}


def test_every_event_has_its_committed_forms():
    assert sorted(COMMITTED) == sorted(TYPES)
    assert all(set(forms) == {"minimal", "full"} for forms in COMMITTED.values())


@pytest.mark.parametrize("name", sorted(COMMITTED))
def test_an_old_form_is_read_and_written_the_same(name):
    cls = TYPES[name]
    minimal, full = (cls.model_validate(COMMITTED[name][form]) for form in ("minimal", "full"))
    # The ledger leaves out what is empty; what has a default is written with it.
    assert full.model_dump(mode="json", exclude_none=True) == COMMITTED[name]["full"]
    written = minimal.model_dump(mode="json", exclude_none=True)
    assert COMMITTED[name]["minimal"].keys() <= written.keys()
    assert cls.model_validate(written) == minimal


@pytest.mark.parametrize("name", sorted(COMMITTED))
def test_a_fact_without_its_ground_is_kept_and_breaks_nothing(name):
    for world in (identified(), standing_in("implementation").world):
        fact = world.facts[-1].model_copy(update={"seq": world.cluster.seq + 1, "type": name})
        after = apply(world.cluster, TYPES[name].model_validate(COMMITTED[name]["full"]), fact)
        assert after.seq == fact.seq


if __name__ == "__main__":
    new = {name: {"minimal": sample(cls, full=False), "full": sample(cls, full=True)}
           for name, cls in TYPES.items() if name not in COMMITTED}  # fmt: skip
    text = json.dumps(COMMITTED | new, ensure_ascii=False, indent=1, sort_keys=True)
    FORMS.write_text(text + "\n", encoding="utf-8")
