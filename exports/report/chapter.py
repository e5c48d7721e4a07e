"""One cluster's chapter of the report: plain values with their words, ready to be set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from domain.cluster import deliverable_of
from domain.waiting import person_of, waits_for
from exports.case import Case
from exports.report.decided import Act, Judged, acts, gates, is_repeated, judged
from exports.wording import Wording


class Chapter(NamedTuple):
    """`rows` of each part are in the order they are read; a part without rows is left out."""

    id: str
    name: str
    place: str
    state: str
    waiting: dict[str, Any] | None
    stages: Sequence[dict[str, Any]]
    approvals: Sequence[dict[str, Any]]
    series: Sequence[dict[str, Any]]
    gates: Sequence[dict[str, Any]]
    duties: Sequence[dict[str, Any]]
    agents: Sequence[dict[str, Any]]
    milestones: Sequence[dict[str, Any]]
    tranches: Sequence[dict[str, Any]]
    licence: dict[str, Any] | None
    evaluation: int | None
    record: dict[str, Any]
    today: date


def chapter(case: Case, words: Wording) -> Chapter:
    """What the entries say of this cluster."""
    cluster, profile = case.cluster, case.cluster.profile
    versions = judged(case)
    once = [one for one in versions if not is_repeated(case, one)]
    repeated = [one for one in versions if is_repeated(case, one)]
    methodology = case.entries[-1].entry["methodology"]
    return Chapter(
        id=cluster.id, name=_name(case, words), state=cluster.state, today=case.today,
        place=" · ".join(part for part in (words.place(profile.province), profile.county, profile.product) if part)
        if profile else "",
        waiting=_waiting(case, words), stages=_stages(case, words),
        approvals=[_approval(one, words) for one in once], series=_series(repeated, words),
        gates=[_gate(one, words) for one in gates(case)], duties=_duties(case, words), agents=_agents(case, words),
        milestones=_milestones(case, words), tranches=_tranches(case),
        licence=_licence(case), evaluation=cluster.evaluation_total,
        record={"entries": case.head.seq, "head": case.head.digest, "methodology": methodology["id"],
                "version": methodology["version"], "digest": methodology["digest"]},
    )  # fmt: skip


def _name(case: Case, words: Wording) -> str:
    profile = case.cluster.profile
    if profile is None:
        return case.cluster.id
    return profile.name_fa if words.lang == "fa" else profile.name_en or profile.name_fa


def _waiting(case: Case, words: Wording) -> dict[str, Any] | None:
    found = waits_for(case.cluster, case.today)
    if found is None:
        return None
    kind = case.cluster.duties[found.duty].kind
    return {"who": words.title("role", found.role), "person": found.person, "what": words.duty(found.duty, kind),
            "since": found.since, "until": found.until, "overdue": found.overdue}  # fmt: skip


def _stages(case: Case, words: Wording) -> list[dict[str, Any]]:
    """Every stage of the methodology: `done`, `now`, `ahead`, or `before` this record began."""
    found, methodology = [], case.cluster.methodology
    main = [stage.key for stage in methodology.main_track]
    passed = main[: main.index(case.cluster.stage)] if case.cluster.stage in main else []
    for stage in methodology.stages:
        at = case.cluster.stages.get(stage.key)
        unseen = "before" if stage.key in passed else "ahead"
        state = unseen if at is None else "done" if at.ended_on else "now"
        found.append({"title": words.title("stage", stage.key), "track": stage.track, "state": state,
                      "began": at.started_on if at else None})  # fmt: skip
    return found


def _approval(one: Judged, words: Wording) -> dict[str, Any]:
    return {"what": words.duty(one.duty, "deliverable"), "version": one.version, "outcome": one.outcome,
            "sent": _told(one.sent, words), "judged": _told(one.judged, words), "late": not one.on_time}  # fmt: skip


def _series(versions: Sequence[Judged], words: Wording) -> list[dict[str, Any]]:
    """Of each repeated deliverable: how many were sent, approved, returned, late; the last; and who approved."""
    kinds: dict[str, list[Judged]] = {}
    for one in versions:
        kinds.setdefault(deliverable_of(one.duty), []).append(one)
    found = []
    for kind, series in kinds.items():
        approved = [one for one in series if one.outcome == "approved"]
        roles = dict.fromkeys(one.judged.role for one in approved if one.judged)
        persons = dict.fromkeys(person for one in approved if one.judged for person in one.judged.persons)
        found.append({
            "what": words.title("deliverable", kind), "sent": len(series), "approved": len(approved),
            "returned": sum(one.outcome == "returned" for one in series),
            "late": sum(not one.on_time for one in series),
            "last": max((one.sent.on for one in series if one.sent), default=None),
            "roles": [words.title("role", role) for role in roles], "persons": list(persons),
        })  # fmt: skip
    return found


def _gate(one: Any, words: Wording) -> dict[str, Any]:
    answer = words.title("answer", f"{one.gate}.{one.answer}") if one.answer else ""
    return {"title": words.title("gate", one.gate), "answer": answer, "passed": one.passed, "waiver": one.waiver,
            "act": _told(one.act, words)}  # fmt: skip


def _duties(case: Case, words: Wording) -> list[dict[str, Any]]:
    """What is owed, the longest overdue first."""
    open_ = sorted(case.cluster.duties.values(), key=lambda duty: (duty.due_on or date.max, duty.id))
    return [
        {"what": words.duty(duty.id, duty.kind), "who": words.title("role", duty.owner),
         "person": person_of(case.cluster, duty), "since": duty.opened_on, "due": duty.due_on,
         "late": max((case.today - duty.due_on).days, 0) if duty.due_on else 0}
        for duty in open_
    ]  # fmt: skip


def _agents(case: Case, words: Wording) -> list[dict[str, Any]]:
    types = ("agent.assigned", "agent.notice_given", "agent.interim_named", "agent.released")
    return [
        {"what": words.say(f"event.{type}"), "act": _told(act, words),
         "person": data.get("agent") or data.get("person")}
        for type in types for data, act in acts(case, (type,))
    ]  # fmt: skip


def _milestones(case: Case, words: Wording) -> list[dict[str, Any]]:
    return [
        {"number": number, "who": words.title("role", one.owner), "due": one.due_on, "budget": one.budget,
         "done": one.done_on, "spent": one.spent if one.done_on else None,
         "late": one.done_on is None and one.due_on < case.today}
        for number, one in case.cluster.milestones.items()
    ]  # fmt: skip


def _tranches(case: Case) -> list[dict[str, Any]]:
    return [
        {"number": number, "amount": one.amount, "planned": one.planned_on, "released": one.released_on,
         "accounted": one.accounted}
        for number, one in case.cluster.tranches.items()
    ]  # fmt: skip


def _licence(case: Case) -> dict[str, Any] | None:
    licence = case.cluster.licence
    if licence is None:
        return None
    return {"number": licence.number, "until": licence.valid_until, "handed_over": case.cluster.handed_over_on}


def _told(act: Act | None, words: Wording) -> dict[str, Any] | None:
    if act is None:
        return None
    return {"persons": act.persons, "role": words.title("role", act.role), "on": act.on, "seq": act.seq,
            "recorded": act.recorded_on if act.recorded_on != act.on else None}  # fmt: skip
