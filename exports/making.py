"""Which files each format is made of, and how they are filled, case by case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import BinaryIO, NamedTuple, Protocol

from exports.case import Case
from exports.comma_separated import comma_separated
from exports.ocel import event_log
from exports.report.document import report
from exports.report.standing import Standing
from exports.tables import TABLES
from exports.wording import Wording
from exports.workbook import MOST_ROWS, workbook


class Part(NamedTuple):
    """One file of a format: what its fact calls it (None: the only one), and how its name ends."""

    key: str | None
    ending: str


class Made(Protocol):
    def add(self, case: Case) -> None: ...


PARTS: dict[str, tuple[Part, ...]] = {
    "bundle": (Part(None, ".zip"),),
    "csv": tuple(Part(table.key, f"-{table.key}.csv") for table in TABLES),
    "xlsx": (Part(None, ".xlsx"),),
    "ocel": (Part(None, ".ocel.json"),),
    "pdf": (Part(None, ".pdf"),),
}
MOST_ENTRIES = {"xlsx": MOST_ROWS}
"""What a format can hold."""


@contextmanager
def filling(
    format: str, files: Sequence[BinaryIO], wording: Wording, standing: Standing, told: Callable[[int], None]
) -> Iterator[Callable[[Case], None]]:
    """Each case given is written; afterwards the files are whole. `files` are those of `PARTS`, in their order.

    A bundle is not made of cases: `adapters.bundle` writes it.

    `told` hears the number of each page of a report that is being set, which takes longer than the cases.
    """
    with ExitStack() as stack:
        made: list[Made]
        match format:
            case "csv":
                pairs = zip(files, TABLES, strict=True)
                made = [stack.enter_context(comma_separated(file, table, wording)) for file, table in pairs]
            case "xlsx":
                made = [stack.enter_context(workbook(files[0], wording, standing.at))]
            case "ocel":
                made = [stack.enter_context(event_log(files[0], wording))]
            case "pdf":
                made = [stack.enter_context(report(files[0], wording, standing, told))]
            case _:
                raise ValueError(format)

        def _add(case: Case) -> None:
            for one in made:
                one.add(case)

        yield _add
