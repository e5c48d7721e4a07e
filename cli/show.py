"""`show`: one cluster, what it waits for first; or a form of one of its deliverables."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.command import command
from cli.errors import WrongUse, no_such
from cli.forgetting import erased_in
from cli.hindsight import AsOf, KnownOn, asked_sight, cluster_seen, last_day, record_of, seen_from
from cli.office import Office, now
from cli.reference import calendar, methodology, title
from domain.gates import missing
from ledger.entry import fact_of
from ledger.projection import viewed

if TYPE_CHECKING:
    from cli.standing import Standing
    from domain.cluster import Cluster
    from ledger.store import Entries


@command
def show(
    office: Office,
    cluster: Annotated[str, typer.Argument(help="The cluster's id; `board` lists them.")],
    *,
    form: Annotated[
        str | None,
        typer.Option(metavar="DELIVERABLE", help="Write an XLSX form to fill in; `do … --file` reads it back."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where the form is written.")] = None,
    as_of: AsOf = None,
    known_on: KnownOn = None,
) -> None:
    """One cluster: what it waits for, what can be done now and by whom, its duties, gates, people, plan and money.

    Of a day that lies behind, nothing can be done any more.

    Examples:
      khoosheh show qom-carpet
      khoosheh show qom-carpet --form concept_note
      khoosheh show qom-carpet --as-of 1404/06/31 --known-on 1404/07/15
    """
    from cli.standing import allowed, standing

    if form is not None and (as_of or known_on):
        raise WrongUse("form_of_the_past", field="--form")
    with office.reading() as ledger:
        if as_of or known_on:
            _past(office, ledger, cluster, as_of, known_on)
            return
        found = standing(ledger, cluster, now())
        if form is not None:
            _write_form(office, found, form, out)
            return
        possible = allowed(found, office.directory(ledger))
        owed = ledger.duties(stream=f"cluster/{cluster}")
        erased = erased_in(ledger, f"cluster/{cluster}")
    answer = _form(found, possible, owed) | {"erased": erased}
    office.screen.result(answer)
    if not office.screen.json:
        from cli.page import page

        page(office, found, answer)


def _past(office: Office, ledger: Entries, cluster: str, as_of: str | None, known_on: str | None) -> None:
    from cli.standing import Standing

    leaves = record_of(ledger, cluster)
    facts = [fact_of(leaf) for leaf in leaves]
    sight = asked_sight(as_of, known_on, last_day(facts))
    if sight is None:
        return
    state, facts_seen = cluster_seen(ledger, cluster, facts, sight)
    since = calendar().day_of(facts[0].recorded_at)
    found = Standing(state, leaves[state.seq - 1].digest, sight.as_of, since, [])
    answer = _form(found, [], viewed(state)[1])
    answer |= {"known_on": sight.known_on, "out_of_order": list(facts_seen.out_of_order)}
    # What is gone is gone, also where one looks back to when it was there.
    answer["erased"] = [one for one in erased_in(ledger, f"cluster/{cluster}") if one["entry"] <= state.seq]
    office.screen.result(answer)
    if not office.screen.json:
        from cli.page import page

        office.screen.line(seen_from(office, sight), "bold cyan")
        page(office, found, answer)
        if facts_seen.out_of_order:
            named = ", ".join(office.screen.count(seq) for seq in facts_seen.out_of_order)
            office.screen.line(office.screen.say("screen.out_of_order", facts=named), "yellow")


def _form(found: Standing, possible: list[dict[str, Any]], owed: list[Any]) -> dict[str, Any]:
    from cli.duties import duty_form
    from domain.waiting import waits_for

    c, today = found.cluster, found.today
    waiting = waits_for(c, today)
    profile = c.profile
    return {
        "id": c.id, "state": c.state, **(profile.model_dump() if profile else {}), "as_of": today, "known_on": now(),
        "opened_on": found.since,
        "stage": c.stage, "tracks": [_track(c, stage.key) for stage in c.methodology.stages if stage.key in c.stages],
        "waits_for": waiting.model_dump(mode="json") if waiting else None,
        "gates": _gates(c, today),
        "duties": [duty_form(row, today) for row in owed],
        "people": {"agent": c.agent.model_dump(mode="json") if c.agent else None, "candidates": list(c.candidates),
                   "bodies": {body: seat.model_dump(mode="json") for body, seat in c.bodies.items()}},
        "indicators": {key: measure.model_dump(mode="json") for key, measure in c.measures.items()},
        "evaluations": {"total": c.evaluation_total,
                        "sheets": {key: sorted(one.sheets) for key, one in c.evaluations.items()}},
        "plan": {"version": c.plan_version,
                 "milestones": {str(n): m.model_dump(mode="json") for n, m in c.milestones.items()}},
        "clock": c.clock.model_dump(mode="json") if c.clock else None,
        "funds": {str(n): tranche.model_dump(mode="json") for n, tranche in c.tranches.items()},
        "networks": {"count": c.networks, "umbrella_share": c.umbrella_share},
        "findings": {str(n): finding.model_dump(mode="json") for n, finding in c.findings.items()},
        "licence": c.licence.model_dump(mode="json") if c.licence else None,
        "methodology": {"id": c.methodology.id, "version": c.methodology.version, "digest": c.rulebook.digest},
        "seq": c.seq, "digest": found.digest, "allowed": possible,
    }  # fmt: skip


def _track(c: Cluster, key: str) -> dict[str, Any]:
    state, stage = c.stages[key], c.methodology.stage_by_key[key]
    return {"stage": key, "track": stage.track, "started_on": state.started_on, "ended_on": state.ended_on}


def _gates(c: Cluster, today: date) -> list[dict[str, Any]]:
    """The gates of the stages the cluster has come to, open ones with what they lack."""
    found = []
    for stage in c.methodology.stages:
        if stage.gate is None or stage.key not in c.stages:
            continue
        state = c.gates.get(stage.gate.key)
        is_passed = (state is not None and state.state == "passed") or c.stages[stage.key].ended_on is not None
        lacking = () if is_passed else missing(c, stage.gate, today)
        word = state.state if state else "passed" if is_passed else "closed" if lacking else "open"
        found.append({
            "key": stage.gate.key, "stage": stage.key, "state": word,
            "missing": [one.model_dump(mode="json") for one in lacking], "decides": list(stage.gate.decides),
        })  # fmt: skip
    return found


def _write_form(office: Office, found: Standing, wanted: str, out: Path | None) -> None:
    from adapters.form_sheet import Wording, form_of
    from domain.cluster import deliverable_of

    screen, c = office.screen, found.cluster
    open_duties = {offer.fields["duty"]: offer for offer in found.offers if offer.type == "SubmitDeliverable"}
    duty = wanted if wanted in open_duties else next((d for d in open_duties if deliverable_of(d) == wanted), None)
    if duty is None:
        raise no_such("deliverable", wanted, set(open_duties))
    kind = c.methodology.deliverable_by_key[deliverable_of(duty)][1]
    place = out or Path(f"{c.id}-{duty}.xlsx")
    named = c.profile.name_fa if c.profile else c.id
    if office.lang == "en" and c.profile:
        named = c.profile.name_en or named
    heading = screen.say("screen.form_heading", deliverable=title("deliverable", kind.key, office.lang), cluster=named)
    keys = ("form_help", "required", "optional", "yes", "no")
    said = Wording(heading, *(screen.say(f"screen.{key}") for key in keys))
    place.write_bytes(form_of(c.id, duty, kind, words=methodology().words, lang=office.lang, wording=said))
    screen.result({"form": str(place), "cluster": c.id, "duty": duty, "type": "SubmitDeliverable"})
    command = "submit-deliverable"
    screen.line(screen.say("screen.form_written", file=place, cluster=c.id, command=command), "bold")
