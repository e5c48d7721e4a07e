"""A cluster's facts folded into its state, its portfolio row, its open duties and the notices they cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.cluster import Cluster, new_cluster
from domain.duties import moment, next_due, rungs_ahead
from domain.events import TYPES
from domain.evolution import apply, dump, load
from domain.reactions import notices_of
from domain.recording import Fact
from domain.records import Duty
from domain.rulebook import read
from domain.values import Digest
from domain.waiting import person_of, waits_for
from ledger.entry import moment_text
from ledger.store import Prior, Projected, Row
from ledger.views import Viewed

PREFIX = "cluster/"


def cluster_projection(stream: str, prior: Prior, facts: Sequence[Fact], text: Callable[[Digest], bytes]) -> Projected:
    """The state after `facts` and the view rows that changed. The same inputs give the same bytes."""
    cluster, rows = _state(stream, prior, facts[0], text), []
    touched: dict[str, int] = {}
    for fact in facts:
        before, event = cluster, TYPES[fact.type].model_validate(fact.data)
        cluster = apply(cluster, event, fact)
        touched |= dict.fromkeys(_touched(before, cluster), fact.seq)
        for n, notice in enumerate(notices_of(event, cluster), start=1):
            rows.append(Row("notices", {"stream": stream, "seq": fact.seq, "n": n}, {
                "recipient_role": notice.role, "recipient_person": notice.person, "scope": _scope(cluster, notice.role),
                "rung": notice.rung, "level": notice.level, "subject": notice.subject, "words_key": notice.words_key,
                "created_at": moment_text(fact.recorded_at),
            }))  # fmt: skip
    rows += [_portfolio(stream, cluster), *_duties(stream, cluster, touched)]
    return Projected(state_json=dump(cluster), rows=tuple(rows), parsed=cluster)


def viewed(cluster: Cluster) -> tuple[Viewed, list[Viewed]]:
    """The row of the portfolio and those of the open duties by due day, as the views hold them at the record's end."""
    stream = PREFIX + cluster.id
    rows = (_portfolio(stream, cluster), *_duties(stream, cluster, dict.fromkeys(cluster.duties, cluster.seq)))
    found: list[Viewed] = [{**row.key, **(row.columns or {})} for row in rows]
    return found[0], sorted(found[1:], key=lambda duty: (duty["due_on"] or "", duty["duty_id"]))


def _state(stream: str, prior: Prior, first: Fact, text: Callable[[Digest], bytes]) -> Cluster:
    if isinstance(prior.parsed, Cluster):
        return prior.parsed
    if first.methodology is None:
        raise ValueError("a cluster's fact names its rulebook")
    rulebook = read(text(first.methodology.digest))
    if prior.state_json is None:
        return new_cluster(stream.removeprefix(PREFIX), rulebook)
    return load(prior.state_json, rulebook)


def _scope(cluster: Cluster, role: str) -> str:
    found = cluster.methodology.role_by_key.get(role)
    match found.scope if found else "nation":
        case "cluster":
            return f"cluster/{cluster.id}"
        case "province" if cluster.profile:
            return f"province/{cluster.profile.province}"
    return "nation"


def _portfolio(stream: str, cluster: Cluster) -> Row:
    profile, due = cluster.profile, next_due(cluster)
    today = cluster.calendar.day_of(cluster.last_at) if cluster.last_at else None
    waiting = waits_for(cluster, today) if today else None
    dues = [d.due_on for d in cluster.duties.values() if d.due_on]
    licence = cluster.licence
    return Row("portfolio", {"stream": stream}, {
        "cluster_id": cluster.id,
        "name_fa": profile.name_fa if profile else "",
        "name_en": profile.name_en if profile else "",
        "province": profile.province if profile else "",
        "county": profile.county if profile else "",
        "product": profile.product if profile else "",
        "stage": cluster.stage,
        "state": cluster.state,
        "agent": cluster.agent.person if cluster.agent else None,
        "waits_for_role": waiting.role if waiting else None,
        "waits_for_person": waiting.person if waiting else None,
        "waiting_since": str(waiting.since) if waiting else None,
        "next_due": moment_text(due) if due else None,
        "overdue_from": str(min(dues)) if dues else None,
        "handed_over_on": str(cluster.handed_over_on) if cluster.handed_over_on else None,
        "licence_until": str(licence.valid_until) if licence and licence.valid_until else None,
        "rehearsal": bool(profile and profile.rehearsal),
        "seq": cluster.seq,
        "detail": {"verdict": cluster.verdict, "licence": licence.number if licence else None,
                   "on_time": cluster.on_time, "late": cluster.late,
                   "status": profile.status if profile else ""},
    })  # fmt: skip


def _touched(before: Cluster, after: Cluster) -> list[str]:
    """The duties whose rows say something else after one fact."""
    if before.duties is after.duties and before.agent is after.agent:
        return []
    moved = before.agent != after.agent
    gone = [duty_id for duty_id in before.duties if duty_id not in after.duties]
    return gone + [d.id for d in after.duties.values() if moved or before.duties.get(d.id) is not d]


def _duties(stream: str, cluster: Cluster, touched: dict[str, int]) -> list[Row]:
    """The rows of these duties, each on the fact that touched it last: the same in whatever batches facts came."""
    return [
        _duty(stream, cluster, cluster.duties[duty_id], seq) if duty_id in cluster.duties
        else Row("duties", {"stream": stream, "duty_id": duty_id}, None)
        for duty_id, seq in sorted(touched.items(), key=lambda one: one[0] in cluster.duties)
    ]  # fmt: skip


def _duty(stream: str, cluster: Cluster, duty: Duty, seq: int) -> Row:
    following = min(rungs_ahead(cluster, duty), key=lambda rung: rung.on, default=None)
    person = person_of(cluster, duty)
    return Row("duties", {"stream": stream, "duty_id": duty.id}, {
        "kind": duty.kind, "ref": duty.ref, "owner_role": duty.owner, "owner_person": person,
        "waits_for_role": duty.owner, "waits_for_person": person,
        "opened_on": str(duty.opened_on), "due_on": str(duty.due_on) if duty.due_on else None,
        "reason": duty.reason, "provisional": duty.provisional, "rungs": list(duty.rungs),
        "next_rung": following.rung.key if following else None,
        "next_rung_at": moment_text(moment(cluster, following.on)) if following else None, "seq": seq,
    })  # fmt: skip
