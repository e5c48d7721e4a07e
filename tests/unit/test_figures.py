"""What the report of a rehearsal counts."""

from datetime import date

import pytest

from domain import events as e
from domain.events import NAMES
from domain.recording import Cause, CommandRef, Fact
from rehearsal.figures import Figures, _Stream
from tests.scenario import DAY0, asked, noon
from tests.worlds import RULEBOOK, actor

OPENED = asked("handover_file", "deliverable", "cda", "handover_file")
CLOSED = e.DutyClosed(duty="handover_file", outcome="done", days_late=0)
RUNG = e.RungFired(duty="handover_file", rung="pre7", to=("cda",), level="", on=DAY0)


def moved(reason):
    return e.DueChanged(duty="handover_file", due_on=date(2027, 4, 4), reason=reason)


def counted(*events):
    facts = [
        Fact(seq=seq, type=NAMES[type(event)], occurred_at=noon(DAY0), recorded_at=noon(DAY0),
             command=CommandRef(id="given", n=1, of=1), actor=actor("provincial_coordinator"),
             cause=Cause(kind="command", ref="given"), authenticated_by="engine", build="test",
             data=event.model_dump(mode="json", exclude_none=True))
        for seq, event in enumerate(events, start=1)
    ]  # fmt: skip
    figures = Figures()
    _Stream(figures, RULEBOOK.methodology, "qom-footwear").count(facts, DAY0)
    return figures


def test_a_rung_that_fires_twice_for_one_date_is_doubled():
    assert counted(OPENED, RUNG, RUNG).doubled == 1


@pytest.mark.parametrize("reason", ["extension", "decision", "confirmed"])
def test_a_new_date_is_reminded_of_anew(reason):
    assert counted(OPENED, RUNG, moved(reason), RUNG).doubled == 0
    assert counted(OPENED, RUNG, moved(reason), RUNG, RUNG).doubled == 1


def test_a_pause_gives_no_new_date_to_be_reminded_of():
    assert counted(OPENED, RUNG, moved("pause"), RUNG).doubled == 1


def test_a_duty_opened_again_is_another_one():
    assert counted(OPENED, RUNG, CLOSED, OPENED, RUNG).doubled == 0
