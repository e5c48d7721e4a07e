"""The office's log and who signs for it, put together from its settings; and how a "no" of theirs is told."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.errors import Findings, Unreachable
from cli.office import Office, now

if TYPE_CHECKING:
    from adapters.sealing import Sealing
    from adapters.signer import AskedSigner
    from cli.output import Screen
    from ledger.checkpoint import Checkpoint
    from ledger.store import Entries

_LETTERS = "abcdefghjkmnpqrstvwxyz"


def signer_of(office: Office) -> AskedSigner:
    """The signer, as a process of its own."""
    from adapters.signer import AskedSigner, own_signer

    settings = office.settings
    return AskedSigner(settings.signer_command) if settings.signer_command else own_signer(settings.signer_folder)


def sealing_of(office: Office, ledger: Any) -> Sealing:
    """Sealing of the office's log. A signer is made where there never was one."""
    from adapters.objects_at import objects_at
    from adapters.sealing import Sealing

    settings = office.settings
    signer = signer_of(office)
    if not settings.signer_command and not settings.signer_folder.exists():
        _check_never_sealed(ledger, office)
        signer.standing("init", "--origin", settings.log_name or f"khoosheh/{_drawn()}")
    return Sealing(ledger, objects_at(settings.archive_address), signer, settings.build, now)


def lacks_entries(office: Office, ledger: Entries) -> bool:
    """Whether the ledger ends before what was published of it: an older one was restored, and must not be added to."""
    from adapters.objects_at import objects_at
    from client.published_log import PublishedLog

    published = PublishedLog(ledger, lambda: objects_at(office.settings.archive_address))
    return published.end() > ledger.log_size()


def seal_rehearsal(data: Path, screen: Screen) -> Checkpoint:
    """The record of a rehearsal that is kept is sealed like an office's, with a key of its own."""
    from adapters.objects_at import objects_at
    from adapters.sealing import Sealing
    from adapters.signer_folder import SignerFolder

    kept = Office(data, screen)
    with kept.writing() as ledger:
        signer = SignerFolder(kept.settings.signer_folder)
        signer.begin(f"rehearsal/{_drawn()}")
        objects = objects_at(kept.settings.archive_address)
        head = Sealing(ledger, objects, signer, kept.settings.build, now).round(again=True)
    if head is None:
        raise RuntimeError("asked again, and not sealed")
    return head


def head_form(head: Checkpoint) -> dict[str, Any]:
    """A head of the log as programs read it, with the groups that people copy."""
    from ledger.paper import groups, paper_of

    return {"origin": head.origin, "size": head.size, "root": head.root.hex(), "groups": groups(paper_of(head))}


@contextmanager
def sealing_told(office: Office) -> Iterator[None]:
    """Why nothing is signed, told with what to do."""
    from adapters.sealing import SealingStopped
    from ledger.objects import ObjectDiffers
    from ledger.succession import NotSigned

    try:
        yield
    except (NotSigned, SealingStopped, ObjectDiffers) as fault:
        code = "seal_object_differs" if isinstance(fault, ObjectDiffers) else fault.code
        said = office.screen.say(f"sealing.{code}", detail=_detail(fault))
        office.screen.result({"error": {"code": code, "message": said}})
        if not office.screen.json:
            office.screen.fault(said)
        raise Findings from None


def _detail(fault: Any) -> str:
    last = getattr(fault, "last", None)
    return f"{last.origin} {last.size}" if last else str(getattr(fault, "detail", fault))


def _check_never_sealed(ledger: Any, office: Office) -> None:
    """A log that was signed once does not get a second signer because a folder is gone."""
    from ledger.directory import log_origin

    if origin := log_origin(ledger):
        raise Unreachable("signer_lost", origin=origin, folder=office.settings.signer_folder)


def _drawn() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(10))
