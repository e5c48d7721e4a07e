"""On which day somebody does something: counted from when it is due, from when it was asked, or from chance."""

from __future__ import annotations

from datetime import date, timedelta

from domain.calendar import WorkingCalendar
from domain.cluster import Cluster
from domain.forms import Offer
from domain.records import Duty
from rehearsal.chance import Chance
from rehearsal.personas import Persona

UNDATED_DAYS = (20, 60)
"""What is owed without a date is done some weeks after it opened."""

ON_DEMAND_DAYS = (90, 240)
FINDING_DAYS = (140, 420)
CLOSING_DAYS = (3, 15)
ASKING_DAYS = (3, 12)
LEAVING_DAYS = (200, 800)


def work_day(duty: Duty, calendar: WorkingCalendar, persona: Persona, chance: Chance) -> date:
    """The working day on which the work is sent: not on the day it opened, and around its due date."""
    earliest = duty.opened_on + timedelta(days=1)
    if duty.due_on is None:
        day = duty.opened_on + timedelta(days=chance.between(*UNDATED_DAYS, "undated"))
    else:
        habit = persona.works[chance.place([habit.weight for habit in persona.works], "habit")]
        day = duty.due_on + timedelta(days=chance.between(habit.first, habit.last, "days"))
    return calendar.next_working(max(day, earliest))


def asked_day(asked_on: date, calendar: WorkingCalendar, persona: Persona, chance: Chance) -> date:
    """The working day on which somebody who was asked that day answers."""
    return calendar.add_working_days(asked_on, chance.between(*persona.decides, "answers"))


def beside_days(c: Cluster, offer: Offer, persona: Persona, chance: Chance) -> int | None:
    """How many days after it became possible somebody does what nobody owes; None: nobody ever does."""
    match offer.type, offer.role:
        case "SubmitDeliverable", _:
            return chance.between(*ON_DEMAND_DAYS, "on demand")
        case "OpenFinding", "technical_supervisor" if c.agent and not c.handed_over_on:
            return chance.between(*FINDING_DAYS, "finding") if chance.happens(persona.finds, "finds") else None
        case "CloseFinding", "technical_supervisor":
            return chance.between(*CLOSING_DAYS, "closing")
        case "AskExtension", "provincial_coordinator" if "term" in c.duties:
            return chance.between(*ASKING_DAYS, "asking")
        case "GiveNotice", role if role == c.methodology.term.agent_role and c.agent:
            leaves = chance.happens(persona.leaves, "leaves", c.agent.person, c.agent.since)
            return chance.between(*LEAVING_DAYS, "leaving", c.agent.person) if leaves else None
    return None
