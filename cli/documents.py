"""`documents`: texts and files that stand in the record as commitments."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.acting import As
from cli.command import command
from cli.errors import WrongUse
from cli.forgetting import Reason, Second, erase
from cli.help import Command
from cli.office import Office
from cli.usage import Commands
from ledger.erasure import COMMITMENT

documents = typer.Typer(
    cls=Commands, help="Texts and files that stand in the record as seals.", no_args_is_help=True, rich_markup_mode=None
)


@documents.callback()
def _group() -> None:
    """A group also while it has one command."""


@command
def forget(
    office: Office,
    digest: Annotated[str, typer.Argument(metavar="DIGEST", help="The seal in the record, hmac-sha256:…")],
    *,
    reason: Reason,
    second: Second,
    person: As = None,
) -> None:
    """Forget a text or a file: the value and its salt are deleted, the seal stays on record and says so.

    Refused for a reason an official gave on record, for ten years, unless a court orders it; a name goes with its
    person. Two people sign. `audit timeline --json` gives the seals.

    Example:
      khoosheh documents forget hmac-sha256:… --reason request --as p-0001 --second p-0002
    """
    if not COMMITMENT.fullmatch(digest):
        raise WrongUse("digest", field="DIGEST", given=digest)
    erase(office, "ForgetDocument", digest, reason, first=person, second=second)


documents.command("forget", cls=Command)(forget)
