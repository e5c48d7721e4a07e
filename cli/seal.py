"""`seal`: the newest entries get their tiles, their signature and their checkpoint; the keeper of the log's key."""

from __future__ import annotations

import signal
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.acting import As, person_id
from cli.command import command
from cli.errors import WrongUse
from cli.office import OFFICE, Office, now
from cli.reference import calendar
from cli.sealing import head_form, sealing_of, sealing_told, signer_of

if TYPE_CHECKING:
    from adapters.sealing import Sealing
    from ledger.checkpoint import Checkpoint

EVERY, AT_LEAST_EVERY = 60.0, 86_400.0
LOCK = "sealing.lock"
MAY_BREAK = ("national_office",)


@command
def seal(
    office: Office,
    *,
    once: Annotated[bool, typer.Option("--once", help="One round, then end.")] = False,
    rotate_key: Annotated[bool, typer.Option("--rotate-key", help="Sign with a new key from now on.")] = False,
    begin_epoch: Annotated[bool, typer.Option("--begin-epoch", help="Begin a new log: the old one is lost.")] = False,
    second: Annotated[str | None, typer.Option(metavar="PERSON", help="Who signs for the break beside --as.")] = None,
    person: As = None,
) -> None:
    """Seal what is new: tiles into the archive, a signed checkpoint over them; once a minute while there is news.

    `up` runs this by itself. A changed key is recorded in the directory, and both keys sign the change. A new epoch is
    for the day when ledger and archive are both lost: two people of the national office answer for the break.

    Example:
      khoosheh seal --once
      khoosheh seal --rotate-key
      khoosheh seal --begin-epoch --as p-0001 --second p-0002
    """
    from adapters.sealing import alone

    if begin_epoch and second is None:
        raise WrongUse("second_missing", field="--second")
    with sealing_told(office), office.writing() as ledger:
        if rotate_key:
            # Whoever seals meanwhile puts the new key into the log at its next round.
            signer_of(office).standing("rotate")
        with alone(office.data / LOCK):
            if begin_epoch:
                _begin_epoch(office, ledger, person or OFFICE.person, person_id(second or "", "--second"))
            sealing = sealing_of(office, ledger)
            _seal(office, sealing, once=once or rotate_key or begin_epoch)


def _seal(office: Office, sealing: Sealing, *, once: bool) -> None:
    if once:
        _tell(office, sealing.round())
    else:
        _keep_sealing(office, sealing)


def _keep_sealing(office: Office, sealing: Sealing) -> None:
    """Until it is told to stop; then what is new is sealed before it ends."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    signed = monotonic() - AT_LEAST_EVERY
    while True:
        is_last = stop.is_set()
        head = sealing.round(again=monotonic() - signed >= AT_LEAST_EVERY)
        if head is not None:
            signed = monotonic()
            _tell(office, head)
        if is_last:
            return
        stop.wait(EVERY)


def _begin_epoch(office: Office, ledger: Any, first: str, other: str) -> None:
    """The signer signs for the next epoch, and the log says what was known of the last and who answers for it."""
    from adapters.directory import DirectoryStream
    from adapters.office_stream import Stamp
    from client.signatories import signed_by
    from domain.recording import Cause
    from ledger.checkpoint import next_epoch
    from ledger.directory import LogEpochBegan, LogHead

    signed = signed_by(ledger, first, other, calendar().day_of(now()), may=MAY_BREAK, may_confirm=MAY_BREAK)
    last = _last_known(office, ledger)
    if last is None:
        raise WrongUse("nothing_to_break", field="--begin-epoch")
    began = LogEpochBegan(
        origin=next_epoch(last.origin), signed_by=(signed.first.person, signed.second),
        previous=LogHead(origin=last.origin, size=last.size, root=last.root.hex()),
    )  # fmt: skip
    stamp = Stamp(signed.first, Cause(kind="command", ref="seal"), now(), "local_key")
    # First the entry: were this broken off here, the signer would still refuse, and the command can be given again.
    DirectoryStream(ledger, office.settings.build).change(lambda _: [began], stamp)
    signer_of(office).standing("epoch", "--origin", began.origin)


def _last_known(office: Office, ledger: Any) -> Checkpoint | None:
    """What the signer remembers, or when nothing is left of it, the newest checkpoint in the archive."""
    from adapters.objects_at import objects_at
    from adapters.signer_folder import SignerUnusable
    from ledger.newest import newest

    try:
        return signer_of(office).standing().last
    except SignerUnusable as unusable:
        found = newest(ledger, objects_at(office.settings.archive_address), ledger.extent().size)
        if found is None:
            raise unusable from None
        return found.checkpoint


def _tell(office: Office, head: Checkpoint | None) -> None:
    screen = office.screen
    screen.result({"sealed": head_form(head) if head else None})
    if head is None:
        screen.line(screen.say("sealing.nothing_new"))
        return
    form = head_form(head)
    screen.line(screen.say("sealing.sealed", size=screen.figure(head.size), origin=head.origin), "bold green")
    screen.line(form["groups"])
