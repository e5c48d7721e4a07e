"""`audit proof`: one entry, and the proof that it is in the log, for somebody who has neither."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.command import command
from cli.errors import WrongUse, no_such
from cli.office import Office


@command
def proof(
    office: Office,
    stream: Annotated[str, typer.Argument(metavar="STREAM", help="cluster/…, or a stream of the office.")],
    seq: Annotated[int, typer.Argument(metavar="SEQ", min=1, help="The entry's number, as a receipt says.")],
    *,
    out: Annotated[Path, typer.Option(help="The folder the files are written to.")] = Path(),
) -> None:
    """Write an entry and its proof (C2SP tlog-proof): whoever has the log's key can check both, without us.

    Example:
      khoosheh audit proof cluster/qom-carpet 12 --out /safe/place
    """
    from adapters.objects_at import objects_at
    from adapters.whole_file import write_whole
    from client.verifying import proven

    with office.reading() as ledger:
        found = ledger.log(0, seq, stream)
        if not found:
            raise no_such("stream", stream, [name for name, _ in ledger.streams()])
        if len(found) < seq:
            raise WrongUse("no_entry", field="SEQ", given=seq, last=len(found))
        made = proven(ledger, objects_at(office.settings.archive_address), found[-1])
    if made is None:
        raise WrongUse("not_sealed_yet", field="SEQ", given=seq)
    name = f"{stream.replace('/', '-')}-{seq}"
    files = {f"{name}.json": found[-1].leaf.raw, f"{name}.tlog-proof": made.proof.raw}
    for file, content in files.items():
        write_whole(out / file, content)
    screen = office.screen
    screen.result({
        "stream": stream, "seq": seq, "index": made.proof.index, "size": made.head.size, "key": made.key,
        "files": [str(out / file) for file in files],
    })  # fmt: skip
    screen.line(screen.say("witness.proven", files=", ".join(files), size=screen.figure(made.head.size)), "bold green")
    screen.line(made.key)
