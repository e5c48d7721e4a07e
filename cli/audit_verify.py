"""`audit verify`: the whole record, checked: nothing changed, inserted, swapped, taken out, or judged by its author."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.audit_witness import HELD, Kept, held_in
from cli.command import command
from cli.errors import Findings, WrongUse
from cli.office import Office
from cli.output import visible
from cli.sealing import head_form

if TYPE_CHECKING:
    from client.verifying import Verified
    from ledger.witness import Held

MOST_SHOWN = 100


@command
def verify(
    office: Office,
    *,
    held: Kept = HELD,
    bundle: Annotated[Path | None, typer.Option(metavar="FILE", help="A bundle, instead of this office.")] = None,
) -> None:
    """Check every entry, chain and seal, the tiles in the archive, and that nobody decided on their own work.

    What you hold yourself (`audit witness add`) is compared too: without it, a check shows that the record agrees with
    itself and with who signed it, and not that you were never shown another. Ends with 1 on findings.

    Examples:
      khoosheh audit verify --json
      khoosheh audit verify --bundle khoosheh-412.zip
    """
    from adapters.objects_at import objects_at
    from client.verifying import verify as verified

    known = [one.held for one in held_in(held)]
    if bundle is not None:
        _check_bundle(office, bundle, known)
        return
    with office.reading() as ledger:
        size = ledger.extent().size
        with office.screen.progress(office.screen.say("verify.reading"), size) as bar:
            found = verified(ledger, objects_at(office.settings.archive_address), known,
                             lambda done: bar.update(bar.task_ids[0], completed=done))  # fmt: skip
    office.screen.result(_form(found))
    _show(office, found)
    if found.flaws:
        raise Findings


def _check_bundle(office: Office, bundle: Path, held: Sequence[Held]) -> None:
    """What the program says that travels in every bundle: it knows nothing of ours, and is the same for everybody."""
    from exports.bundle import PROGRAM
    from ledger.paper import groups
    from ledger.witness import as_paper

    if not bundle.is_file():
        raise WrongUse("no_file", field="--bundle", given=bundle)
    options = ["--lang", office.lang, *(["--json"] if office.screen.json else [])]
    options += [part for one in held for part in ("--groups", groups(as_paper(one)))]
    done = subprocess.run([sys.executable, "-I", str(PROGRAM), str(bundle), *options], check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def _form(found: Verified) -> dict[str, Any]:
    newest = found.newest
    form = {
        "ok": not found.flaws, "entries": found.entries, "streams": found.streams, "unsealed": found.unsealed,
        "size": newest.size if newest else 0, "root": found.root.hex(),
        "checkpoint": newest.text if newest else "", "sealed": head_form(newest) if newest else None,
        "held": found.compared,
        "findings": [flaw._asdict() for flaw in found.flaws[:MOST_SHOWN]],
        "erased": [one._asdict() for one in found.erased],
    }  # fmt: skip
    return form | ({"more": more} if (more := len(found.flaws) - MOST_SHOWN) > 0 else {})


def _show(office: Office, found: Verified) -> None:
    screen, say = office.screen, office.screen.say
    if found.flaws:
        headings = [say(f"verify.{key}") for key in ("where", "kind", "detail")]
        rows = [
            (_where(office, flaw), say(f"log_fault.{flaw.kind}"), visible(flaw.detail))
            for flaw in found.flaws[:MOST_SHOWN]
        ]
        title = say("verify.found", n=screen.count(len(found.flaws)))
        screen.table(headings, rows, title)
    else:
        screen.line(say("verify.clean", entries=screen.figure(found.entries), streams=screen.count(found.streams)),
                    "bold green")  # fmt: skip
    newest = found.newest
    if newest is None:
        screen.line(say("verify.unsealed"), "yellow")
    else:
        screen.line(say("verify.sealed", size=screen.figure(newest.size), origin=newest.origin))
        screen.line(head_form(newest)["groups"])
        if found.unsealed:
            screen.line(say("verify.waiting", n=screen.figure(found.unsealed)), "dim")
    held = found.compared
    screen.line(say("verify.held", n=screen.count(held)) if held else say("verify.nothing_held"), "dim")
    if found.erased:
        screen.line(say("verify.erased", n=screen.count(len(found.erased))), "dim")


def _where(office: Office, flaw: Any) -> str:
    number = office.screen.figure(flaw.seq)
    return f"{flaw.stream} {number}" if flaw.stream else office.screen.say("verify.place", place=number)
