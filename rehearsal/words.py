"""The words of a rehearsal's report in both languages, by key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from i18n.dates import Lang


def said(key: str, lang: Lang, **values: object) -> str:
    """The words under `key` with `values` in their places. KeyError when nobody has written any."""
    return words()[key][lang].format(**values)


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[Lang, str]]:
    """Every text, in each language."""
    found: Mapping[str, Mapping[Lang, str]] = tomllib.loads(
        Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    )
    return found
