"""What is wrong with reference data: every fault at once, so that one reading mends a whole folder."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to mend: `file` inside the folder read, `key` inside the file ("" for the whole file)."""

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.message) if part)


class ReferenceFaults(Exception):
    """Reference data that cannot be used, with every fault found, in order of file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
