"""The words of an export in its reader's language; what a methodology calls its own comes from whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from i18n.dates import Lang
from i18n.text import text


@dataclass(frozen=True, slots=True)
class Wording:
    """`titles(kind, key, lang)`, `duties(duty, kind, lang)` and `places(slug, lang)` name what the reference names."""

    lang: Lang
    titles: Callable[[str, str, Lang], str]
    duties: Callable[[str, str, Lang], str]
    places: Callable[[str, Lang], str]

    def title(self, kind: str, key: str) -> str:
        """What the methodology calls it; the roles of our own programs have words of ours."""
        if kind == "role" and key in ("engine", "service"):
            return self.say(f"report.role_{key}")
        return self.titles(kind, key, self.lang) if key else ""

    def duty(self, duty: str, kind: str) -> str:
        return self.duties(duty, kind, self.lang)

    def place(self, slug: str) -> str:
        return self.places(slug, self.lang)

    def say(self, key: str, **values: object) -> str:
        return text(key, self.lang, **values)
