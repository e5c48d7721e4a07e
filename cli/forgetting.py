"""What `directory forget` and `documents forget` share: the reason, the two who sign, and how it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.acting import person_id
from cli.errors import no_such
from cli.office import OFFICE, Office, now
from cli.on_record import asked_by, refusals_on_record
from cli.reference import calendar
from ledger.retention import MAY_CONFIRM, MAY_FORGET, REASONS

if TYPE_CHECKING:
    from cli.output import Screen

Reason = Annotated[str, typer.Option(metavar="|".join(REASONS), help="Why it is forgotten; goes on record.")]
Second = Annotated[str, typer.Option(metavar="PERSON", help="The second person who signs, not the one of --as.")]


def erase(office: Office, asked: str, what: str, reason: str, *, first: str | None, second: str) -> None:
    """The person or the document is forgotten, for two who may, and it is told under which entry."""
    from client.forgetting import Forgetting
    from client.sent import SENT
    from client.signatories import signed_by

    if reason not in REASONS:
        raise no_such("--reason", reason, REASONS)
    one = person_id(first) if first else OFFICE.person
    other = person_id(second, "--second")
    with office.writing() as ledger, refusals_on_record(ledger, asked_by(one, asked)):
        on = calendar().day_of(now())
        signed = signed_by(ledger, one, other, on, may=MAY_FORGET, may_confirm=MAY_CONFIRM)
        forgetting = Forgetting(ledger, office.documents, office.settings.path(SENT), build=office.settings.build)
        done = (forgetting.person if asked == "ForgetPerson" else forgetting.document)(what, reason, signed)
    screen, under = office.screen, done.under._asdict()
    screen.result({"forgotten": what, "erased": under, "values": done.values, "already": done.already})
    screen.line(erased_words(screen, under), "bold green")
    screen.line(screen.say(f"erasure.{reason}"))
    screen.line(screen.say("screen.erased_values", n=screen.count(done.values)), "dim")


def complete_erasures(office: Office, ledger: Any) -> tuple[int, int]:
    """How many values are erased on record, and how many of them a kill had left here: these are gone now."""
    from client.forgetting import complete
    from client.sent import SENT
    from ledger.erasure import erasures

    erased = len(erasures(ledger))
    return erased, complete(ledger, office.documents, office.settings.path(SENT)) if erased else 0


def erased_in(ledger: Any, stream: str) -> list[dict[str, Any]]:
    """What of a stream was erased: which value of which entry, its seal, and the entry under which it was erased."""
    from ledger.entry import fact_of
    from ledger.erasure import commitments_in, erasures

    gone = erasures(ledger)
    facts = [fact_of(leaf) for leaf in ledger.entries(stream)] if gone else []
    return [
        {"entry": fact.seq, "path": path, "commitment": commitment, "under": gone[commitment]._asdict()}
        for fact in facts for path, commitment in commitments_in(fact.data) if commitment in gone
    ]  # fmt: skip


def erased_words(screen: Screen, under: dict[str, Any]) -> str:
    """«erased under entry #12 (directory)»."""
    return screen.say("screen.erased_under", seq=screen.count(under["seq"]), stream=under["stream"])
