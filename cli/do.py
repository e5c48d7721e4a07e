"""`do`: any command of the vocabulary, through the one door."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.acting import As, acting, person_id
from cli.command import command
from cli.errors import REFUSED, WrongUse, no_such, tell_refusal
from cli.office import OFFICE, Office, now
from cli.on_record import asked_by, refusals_on_record
from cli.reference import calendar, methodology
from cli.vocabulary import LISTING
from domain import commands
from domain.refusals import Refused

if TYPE_CHECKING:
    from cli.standing import Standing
    from domain.recording import Envelope, Receipt
    from domain.stages import Deliverable

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OPENING = ("IdentifyCluster", "ImportCluster")


@command
def do(
    office: Office,
    cluster: Annotated[str, typer.Argument(help="The cluster's id; `board` lists them.")],
    command: Annotated[str, typer.Argument(help="ConfirmStart or confirm-start; `vocabulary` lists them.")],
    fields: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="values.x=… for a form.")] = None,
    *,
    fields_json: Annotated[str | None, typer.Option("--fields", metavar="JSON", help="Fields as an object.")] = None,
    file: Annotated[Path | None, typer.Option(help="The fields in a .json, or a form of `show --form`.")] = None,
    person: As = None,
    command_id: Annotated[str | None, typer.Option(help="The id printed before: sent again, it is done once.")] = None,
) -> None:
    """Give one command to one cluster; `show CLUSTER` says what is allowed now, by whom, and what is to be filled in.

    Days are read as 1403/01/31, ۱۴۰۳/۰۱/۳۱ or 2024-04-19, lists with commas. Texts, persons and documents
    (@path reads a file) go to the document store; the record holds only their seals.

    Examples:
      khoosheh do qom-carpet confirm-start started_on=1403/02/01 --as p-0030
      khoosheh do qom-carpet submit-deliverable duty=concept_note values.summary="…" --as p-0030
    """
    type = _type(command)
    given = _given(fields or [], fields_json, file)
    id = command_id or _new_id()
    if not ID.fullmatch(id):
        raise WrongUse("command_id", field="--command-id", given=id)
    asyncio.run(_do(office, cluster, type, given, person=person, id=id))


def _type(written: str) -> str:
    plain = re.sub(r"[-_ ]", "", written).casefold()
    found = next((name for name in commands.TYPES if name.casefold() == plain), None)
    if found is None:
        raise no_such("command", written, commands.TYPES, LISTING)
    return found


def _given(pairs: list[str], fields: str | None, file: Path | None) -> dict[str, Any]:
    from adapters.tables import TableUnreadable, strict_json
    from client.filling import nested

    found: dict[str, Any] = {}
    if file is not None:
        found |= _of_file(file)
    if fields is not None:
        try:
            said = strict_json(fields)
        except TableUnreadable as fault:
            raise WrongUse("json", field="--fields", detail=fault.detail or fault.code) from None
        if not isinstance(said, dict):
            raise WrongUse("json", field="--fields", detail=fields[:40])
        found |= said
    split = []
    for pair in pairs:
        key, is_pair, value = pair.partition("=")
        if not is_pair or not re.fullmatch(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*", key):
            raise WrongUse("key_value", field="fields", given=pair)
        split.append((key, value))
    try:
        written = nested(split)
    except ValueError as fault:
        raise WrongUse("key_value", field="fields", given=str(fault)) from None
    for key, value in written.items():
        before = found.get(key)
        found[key] = before | value if isinstance(before, dict) and isinstance(value, dict) else value
    return found


def _of_file(file: Path) -> dict[str, Any]:
    from adapters.form_sheet import NotAForm, read_form
    from adapters.tables import TableUnreadable, decoded, read_limited, strict_json

    if not file.is_file():
        raise WrongUse("no_file", field="--file", given=file)
    try:
        if file.suffix.lower() == ".xlsx":
            return read_form(read_limited(file), methodology().methodology)
        found = strict_json(decoded(read_limited(file)))
    except NotAForm:
        raise WrongUse("form_file", field="--file", given=file) from None
    except TableUnreadable as fault:
        raise WrongUse("form_unread", field="--file", given=file, reason=fault.code, detail=fault.detail) from None
    if not isinstance(found, dict):
        raise WrongUse("form_file", field="--file", given=file)
    return found


def _new_id() -> str:
    from client.ids import command_id

    return command_id(now())


async def _do(office: Office, cluster: str, type: str, given: dict[str, Any], *, person: str | None, id: str) -> None:
    from client.filling import filled
    from client.refusals import CLUSTER
    from client.sent import SENT, sent_once
    from domain.recording import Envelope

    asked = asked_by(person_id(person) if person else OFFICE.person, type, cluster, id=id)
    with office.writing() as ledger, refusals_on_record(ledger, asked):
        found = _standing(ledger, cluster) if CLUSTER.fullmatch(cluster) else None
        if found is None and (type not in OPENING or not CLUSTER.fullmatch(cluster)):
            raise Refused("not_found", "cluster")  # the same words whether it is not there or not theirs
        today = found.today if found else calendar().day_of(now())
        directory = office.directory(ledger)
        inside, wanted = found.cluster if found else None, _wanted(type, given, found)
        actor = acting(person, cluster, inside, wanted, directory=directory, today=today)
        programme = await office.programme(ledger)

        def _made() -> Envelope:
            data = filled(type, given, _deliverable(given, found), office.documents)
            return Envelope(id=id, cluster=cluster, type=type, occurred_at=now(), actor=actor, data=data)

        words = {"cluster": cluster, "type": type, "given": given, "as": person}
        try:
            envelope, is_known = sent_once(office.settings.path(SENT), id, words, now(), _made)
        except OSError as fault:
            raise WrongUse("no_file", field="fields", given=fault.filename) from None
        # Before sending: whoever is cut off now can ask for the outcome by this id.
        office.screen.note(office.screen.say("screen.command_id", command_id=id))
        try:
            receipt = await _sent(programme, envelope, is_known=is_known)
        except Refused as refused:
            possible = dict.fromkeys(offer.type for offer in found.offers) if found else ()
            tell_refusal(office.screen, refused, tuple(possible))
            raise SystemExit(REFUSED) from None
        _show(office, ledger, envelope, receipt)


async def _sent(programme: Any, envelope: Envelope, *, is_known: bool) -> Receipt:
    """The receipt; a cluster that has no file yet is opened by the command that gives it one."""
    from cli.reference import rulebook

    if envelope.type in OPENING:
        done: Receipt = await programme.open(envelope, rulebook())
    else:
        before = await programme.receipt(envelope) if is_known else None
        done = before or await programme.submit(envelope)
    return done


def _standing(ledger: Any, cluster: str) -> Standing | None:
    from cli.standing import standing

    try:
        return standing(ledger, cluster, now())
    except Refused:
        return None


def _wanted(type: str, given: dict[str, Any], found: Standing | None) -> tuple[str, ...]:
    """The roles this command can be given in: those of the offers it fits, then those of the table."""
    from domain.people import MAY

    fitting = [offer for offer in found.offers if offer.type == type] if found else []
    exact = [offer.role for offer in fitting if all(given.get(key) == value for key, value in offer.fields.items())]
    table = [role for role in MAY[commands.TYPES[type]] if not role.startswith("@")]
    return tuple(dict.fromkeys([*exact, *(offer.role for offer in fitting), *table]))


def _deliverable(given: dict[str, Any], found: Standing | None) -> Deliverable | None:
    from domain.cluster import deliverable_of

    by_key = (found.cluster.methodology if found else methodology().methodology).deliverable_by_key
    named = by_key.get(deliverable_of(str(given.get("duty", ""))))
    return named[1] if named else None


def _show(office: Office, ledger: Any, envelope: Envelope, receipt: Receipt) -> None:
    from ledger.entry import fact_of, moment_text

    screen = office.screen
    facts = [fact_of(leaf) for leaf in ledger.entries(f"cluster/{envelope.cluster}", receipt.seq - 1, receipt.count)]
    screen.result({
        "cluster": envelope.cluster, "command_id": envelope.id, "seq": receipt.seq, "head": receipt.head.model_dump(),
        "events": [{"seq": fact.seq, "type": fact.type, "occurred_at": moment_text(fact.occurred_at),
                    "recorded_at": moment_text(fact.recorded_at), "data": fact.data} for fact in facts],
    })  # fmt: skip
    screen.line(screen.say("screen.done"), "bold green")
    headings = [screen.say("screen.seq"), screen.say("screen.event"), ""]
    rows = [(screen.count(fact.seq), screen.say(f"event.{fact.type}"), _about(office, fact.data)) for fact in facts]
    screen.table(headings, rows)
    screen.line(f"{screen.say('screen.seal')} {receipt.head.seq} · {receipt.head.digest}", "dim")


def _about(office: Office, data: dict[str, Any]) -> str:
    """What a fact is about, in the methodology's words."""
    from cli.reference import duty_title, title

    if "stage" in data:
        return title("stage", data["stage"], office.lang)
    if "duty" in data:
        named = duty_title(data["duty"], data.get("kind", ""), office.lang)
        due = data.get("due_on")
        return f"{named} · {office.screen.say('screen.due')} {office.screen.day(due)}" if due else named
    for kind in ("gate", "deliverable"):
        if kind in data:
            return title(kind, data[kind], office.lang)
    return title("role", data["body"], office.lang) if "body" in data else str(data.get("name_fa", ""))
