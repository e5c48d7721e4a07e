"""The archive store in a folder, best on another disk than the ledger's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from adapters.whole_file import write_whole
from ledger.objects import ObjectDiffers, checked


class ObjectFolder:
    """`ledger.objects.Objects` in a folder of one machine, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        try:
            write_whole(self._place(name), content, anew=True)
        except FileExistsError:
            if self.get(name) != content:
                raise ObjectDiffers(name) from None

    def get(self, name: str) -> bytes:
        try:
            return self._place(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise LookupError(name) from None

    def has(self, name: str) -> bool:
        return self._place(name).is_file()

    def names(self, prefix: str = "") -> Iterator[str]:
        found = (
            Path(folder, file).relative_to(self._folder).as_posix()
            for folder, _, files in os.walk(self._folder / prefix.rpartition("/")[0])
            for file in files
            if not file.startswith(".")  # one that is being written
        )
        return iter(sorted(name for name in found if name.startswith(prefix)))

    def _place(self, name: str) -> Path:
        return self._folder / checked(name)
