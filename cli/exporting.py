"""Making the files of an export: filled from what was read, recorded, and only then named."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cli.errors import Findings, WrongUse
from cli.office import Office
from cli.reference import duty_title, province_name, title
from domain.recording import Actor, Cause, Fact
from ledger.exports import ExportMade, Stood

if TYPE_CHECKING:
    from adapters.exports import About
    from adapters.ledger_sql import SqlLedger
    from adapters.whole_file import Draft
    from exports.report.standing import Standing
    from ledger.newest import Newest
    from ledger.objects import Objects
    from ledger.store import Extent


class Wanted(NamedTuple):
    """What is exported: the clusters by id, and the same in the words of the record, as of the extent.

    `newest` is the checkpoint it stands on, None before the first; `histories`: they go into a bundle too.
    """

    format: str
    clusters: tuple[str, ...]
    scope: tuple[str, ...]
    extent: Extent
    newest: Newest | None
    actor: Actor
    at: datetime
    histories: bool

    @property
    def read_until(self) -> int:
        """A bundle ends with its checkpoint: what is not sealed cannot be proven."""
        return self.newest.checkpoint.size if self.format == "bundle" and self.newest else self.extent.size

    @property
    def stood(self) -> Stood | None:
        if self.newest is None:
            return None
        return Stood(size=self.newest.checkpoint.size, root=self.newest.checkpoint.root.hex())


def make(office: Office, ledger: SqlLedger, objects: Objects, wanted: Wanted, places: Sequence[Path]) -> list[Fact]:
    """The files have their names, and there are facts about them."""
    from adapters.exports import ExportStream
    from adapters.office_stream import Stamp
    from adapters.whole_file import Draft
    from exports.making import PARTS

    stamp = Stamp(wanted.actor, Cause(kind="command", ref="audit export"), wanted.at, "local_key")
    with ExitStack() as stack:
        drafts = [stack.enter_context(Draft(place)) for place in places]
        if wanted.format == "bundle":
            _fill_bundle(office, ledger, objects, wanted, drafts[0])
        else:
            _fill(office, ledger, wanted, drafts)
        abouts = [_about(wanted, part.key) for part in PARTS[wanted.format]]
        stream = ExportStream(ledger, office.settings.build)
        return stream.hand_out(list(zip(drafts, abouts, strict=True)), stamp)


def _about(wanted: Wanted, part: str | None) -> About:
    return lambda digest, size: ExportMade.model_validate({
        "format": wanted.format, "part": part, "digest": digest, "size": size, "scope": wanted.scope,
        "read_until": wanted.read_until, "checkpoint": wanted.stood,
    })  # fmt: skip


def _fill(office: Office, ledger: SqlLedger, wanted: Wanted, drafts: Sequence[Draft]) -> None:
    from exports.case import cases
    from exports.making import filling
    from exports.wording import Wording

    screen, wording = office.screen, Wording(office.lang, title, duty_title, province_name)
    bar = screen.progress(screen.say("export.reading"), len(wanted.clusters))

    def _told(page: int) -> None:
        bar.update(bar.task_ids[0], description=screen.say("export.setting", page=screen.count(page)))

    files, standing = [draft.file for draft in drafts], _standing(office, wanted)
    with bar, filling(wanted.format, files, wording, standing, _told) as add:
        for case in cases(ledger, wanted.extent, wanted.clusters, wanted.at):
            add(case)
            bar.advance(bar.task_ids[0])


def _fill_bundle(office: Office, ledger: SqlLedger, objects: Objects, wanted: Wanted, draft: Draft) -> None:
    from adapters.bundle import Bundle, BundleImpossible
    from exports.bundle import enclosed

    if wanted.newest is None:
        raise WrongUse("not_sealed", field="--format")
    screen = office.screen
    bar = screen.progress(screen.say("export.writing"), wanted.read_until)

    def told(place: int) -> None:
        bar.update(bar.task_ids[0], completed=place)

    try:
        with bar:
            Bundle(draft.file, ledger, objects, wanted.newest, told).write(enclosed(), histories=wanted.histories)
    except BundleImpossible as fault:
        said = screen.say(f"export.{fault.code}")
        screen.result({"error": {"code": fault.code, "message": said}})
        if not screen.json:
            screen.fault(said)
        raise Findings from None


def _standing(office: Office, wanted: Wanted) -> Standing:
    from exports.report.standing import Standing, Witnessed
    from ledger.paper import groups, paper_of

    sealed = wanted.newest and Witnessed(
        wanted.newest.checkpoint.size, wanted.newest.note.decode(), groups(paper_of(wanted.newest.checkpoint)).split()
    )
    role = title("role", wanted.actor.role, office.lang)
    return Standing(_scope_words(office, wanted), wanted.at, wanted.actor.person, role, wanted.extent.size, sealed)


def _scope_words(office: Office, wanted: Wanted) -> list[str]:
    """What the report is of, as its title page says it."""
    level, _, place = wanted.scope[0].partition("/")
    if level == "cluster":
        return list(wanted.clusters)
    name = province_name(place, office.lang) if level == "province" else office.screen.say("report.scope_all")
    return [f"{name} ({office.screen.count(len(wanted.clusters))})"]
