"""Scripted people: they see what is offered, decide on which day they will do it, and then do it.

Nothing here is remembered but the day on which something that nobody owes was first offered. All else
follows from the seed, the cluster, the duty and the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from domain.cluster import Cluster, deliverable_of
from domain.forms import Offer
from domain.offers import offers
from domain.records import Duty
from domain.values import PersonId
from rehearsal.cast import Cast
from rehearsal.chance import Chance
from rehearsal.checks import agreed
from rehearsal.filling import Commit, Form
from rehearsal.habits import asked_day, beside_days, work_day
from rehearsal.personas import Persona
from rehearsal.statements import confirmed_start, stated_licence

WORK = ("deliverable", "milestone")
STALL_DAYS = (15, 45)
TERM = "term"


class Plan(NamedTuple):
    """What one person will do from the day `on`; `answer` where several are possible."""

    on: date
    key: str
    offer: Offer
    person: PersonId
    answer: str = ""


class People:
    """Everybody of one cluster."""

    def __init__(self, cluster: str, chance: Chance, persona: Persona, cast: Cast, commit: Commit) -> None:
        self._cluster, self._chance, self._persona = cluster, chance, persona
        self._cast, self._commit = cast, commit
        self._first_seen: dict[str, date] = {}

    def plans(self, c: Cluster, today: date) -> list[Plan]:
        """Who will do what of all that is offered now, the earliest first."""
        found, offered = list[Plan](), offers(c, today)
        returnable = {offer.duty for offer in offered if offer.type == "ReturnDeliverable"}
        for offer in offered:
            duty = c.duties.get(offer.duty)
            if duty is None:
                found += self._beside(c, offer, today)
            else:
                found += self._owed(c, offer, duty, today, returnable=offer.duty in returnable)
        return sorted(found, key=lambda plan: (plan.on, plan.key))

    def filled(self, c: Cluster, plan: Plan, today: date) -> dict[str, Any]:
        """The data of the request, every required field filled in."""
        offer = plan.offer
        about = self._about(offer, c.duties.get(offer.duty)).of(offer.type)
        match offer.type:
            case "ConfirmStart":
                return confirmed_start(c, self._chance, today)
            case "StateLicence":
                return stated_licence(self._chance, today)
        members = self._members(c, offer, today)
        subject = deliverable_of(offer.duty or str(offer.fields.get("duty", "")))
        form = Form(about, today, self._commit, members=members, subject=subject, who=plan.person)
        data: dict[str, Any] = dict(offer.fields)
        for asked in offer.missing:
            self._fill(data, asked, plan, form, c)
        if offer.type == "SubmitDeliverable":
            _, kind = c.methodology.deliverable_by_key[deliverable_of(str(data["duty"]))]
            data["values"] = agreed(data.get("values", {}), kind.checks, about)
        if data.get("answer") == "give_new_date":
            data["due_on"] = str(today + timedelta(days=about.between(*STALL_DAYS)))
        return data

    def _fill(self, data: dict[str, Any], asked: dict[str, Any], plan: Plan, form: Form, c: Cluster) -> None:
        name = asked["field"]
        place, _, key = name.partition(".")
        if name in ("answer", "agent") and plan.answer:
            data[name] = plan.answer
        elif name == "agent" or asked.get("one"):
            able = [agent for agent in self._cast.agents if c.agent is None or agent != c.agent.person]
            data[name] = form.value({**asked, "kind": "choice", "choices": able})
        elif name == "reason" and (asked["required"] or plan.answer):
            data[name] = form.value(asked)
        elif asked["required"] and key:
            data.setdefault(place, {})[key] = form.value(asked)
        elif asked["required"]:
            data[name] = form.value(asked)

    def _members(self, c: Cluster, offer: Offer, today: date) -> list[PersonId]:
        province = c.profile.province if c.profile else ""
        for asked in offer.missing:
            if asked["kind"] == "persons" and asked.get("role") in self._cast.bodies:
                return list(self._cast.who(asked["role"], c.id, province, today))[: asked.get("max", 15)]
        return []

    # ---------------------------------------------------------------- what is owed

    def _owed(self, c: Cluster, offer: Offer, duty: Duty, today: date, *, returnable: bool) -> Iterator[Plan]:
        about = self._about(offer, duty)
        returned = about.happens(self._persona.returns, "returns")
        if duty.kind == TERM:
            if c.clock and c.clock.extended_months >= c.methodology.term.extension_months:
                yield from self._one(c, offer, duty, about, today)
        elif offer.role != duty.owner:
            return  # somebody above may do it too; who owes it does
        elif offer.type == "CastVote":
            yield from self._votes(c, offer, duty, about, returned=returned)
        elif offer.type == "ReturnDeliverable":
            if returned:
                yield from self._one(c, offer, duty, about, today)
        elif not (offer.type == "ApproveDeliverable" and returned and returnable):
            yield from self._one(c, offer, duty, about, today)

    def _one(self, c: Cluster, offer: Offer, duty: Duty, about: Chance, today: date) -> Iterator[Plan]:
        person = self._person(c, offer, about, today)
        if person is None:
            return
        mine = about.of(person)
        work = duty.kind in WORK or duty.due_on is None
        on = work_day(duty, c.calendar, self._persona, mine) if work else asked_day(
            duty.opened_on, c.calendar, self._persona, mine
        )  # fmt: skip
        yield Plan(on, f"{duty.id}/{offer.type}/{person}", offer, person, self._answer(offer, about))

    def _votes(self, c: Cluster, offer: Offer, duty: Duty, about: Chance, *, returned: bool) -> Iterator[Plan]:
        """The body tends to one answer; a few of its members to another."""
        choices = _choices(offer)
        forward = [choice for choice in choices if choice != "return"]
        if not forward and not returned:
            return  # nothing can be approved yet: it waits
        tends = "return" if returned and "return" in choices else self._lean(forward, about)
        for person in offer.persons:
            mine = about.of(person)
            answer = forward[0] if forward and mine.happens(self._persona.dissents, "dissents") else tends
            on = asked_day(duty.opened_on, c.calendar, self._persona, mine)
            yield Plan(on, f"{duty.id}/{offer.type}/{person}", offer, person, answer)

    def _person(self, c: Cluster, offer: Offer, about: Chance, today: date) -> PersonId | None:
        if offer.persons:
            return offer.persons[0]
        province = c.profile.province if c.profile else ""
        not_by = [person for asked in offer.missing for person in asked.get("not_by", ())]
        if offer.type in ("ApproveDeliverable", "ReturnDeliverable") and offer.duty in c.duties:
            sent = c.sent.get(c.duties[offer.duty].ref)
            not_by += sent.by if sent else ()
        return self._cast.one(offer.role, c.id, province, today, chance=about, not_by=not_by)

    def _answer(self, offer: Offer, about: Chance) -> str:
        """Where there is a choice of answers: mostly the one that goes on."""
        choices = _choices(offer)
        return self._lean(choices, about) if choices else ""

    def _lean(self, choices: list[str], about: Chance) -> str:
        doubt = self._persona.hesitates
        weights = [100 - doubt - doubt // 4, doubt, *(1 for _ in choices[2:])][: len(choices)]
        return choices[about.place(weights, "answer")]

    # ---------------------------------------------------------------- what nobody owes

    def _beside(self, c: Cluster, offer: Offer, today: date) -> Iterator[Plan]:
        key = f"{offer.type}/{offer.role}/{offer.duty or offer.fields.get('finding', c.findings_opened)}"
        days = beside_days(c, offer, self._persona, self._chance.of(key))
        if days is None:
            return
        about = self._chance.of(key)
        person = self._person(c, offer, about, today)
        if person is None:
            return
        first = self._first_seen.setdefault(key, today)
        on = c.calendar.next_working(first + timedelta(days=days))
        yield Plan(on, key, offer, person)

    def _about(self, offer: Offer, duty: Duty | None) -> Chance:
        if duty is None:
            return self._chance.of(offer.type, offer.duty, *sorted(map(str, offer.fields.values())))
        return self._chance.of(duty.id, duty.opened_on, duty.round)


def _choices(offer: Offer) -> list[str]:
    return next((list(a["choices"]) for a in offer.missing if a["field"] in ("answer", "agent") and "choices" in a), [])
