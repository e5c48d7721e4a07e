"""What is wrong with a text that people wrote: hidden characters, symbols, look-alikes. And how two are compared."""

from __future__ import annotations

import re
from unicodedata import category, combining, name, normalize

JOINERS = "\u200c\u200d"
"""Persian needs the first inside words; both are allowed between letters and nowhere else."""

MARKS = "\u200e\u200f\u2066\u2067\u2068\u2069\ufeff"
MOST_MARKS_ON_A_LETTER = 8

_FOLDED = str.maketrans({
    "ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "\u200c": " ", "\u200d": "", "_": " ", "\u00a0": " ",
    **{chr(base + n): str(n) for base in (0x6F0, 0x660) for n in range(10)},
})  # fmt: skip
_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "ARMENIAN")


def tidied(written: str) -> str:
    """In NFC, without blanks and direction marks around it: how a text is stored."""
    return normalize("NFC", written).strip(" \t\r\n\u00a0" + MARKS)


def folded(written: str) -> str:
    """The form in which two spellings of one word are equal."""
    return " ".join(normalize("NFC", written).translate(_FOLDED).casefold().split())


def fault_in_name(written: str, most: int) -> str | None:
    """The code of what must not stand in a name, or None. Sizes are looked at first: they cost nothing."""
    if len(written) > most:
        return "too_long"
    if any(category(letter) == "Cs" for letter in written):
        return "encoding"
    if any(is_hidden(letter) for letter in written) or _joins_nothing(written):
        return "invisible"
    if any(category(letter) in ("So", "Co", "Cn") for letter in written):
        return "symbol"
    marks = 0
    for letter in normalize("NFD", written):
        marks = marks + 1 if combining(letter) else 0
        if marks > MOST_MARKS_ON_A_LETTER:
            return "combining"
    return None


def fault_in_text(written: str, most: int) -> str | None:
    """The code of what must not stand in free text; direction marks may."""
    if len(written) > most:
        return "too_long"
    if any(category(letter) == "Cs" for letter in written):
        return "encoding"
    return "invisible" if any(category(letter) == "Cc" and letter not in "\t\r\n" for letter in written) else None


def is_hidden(letter: str) -> bool:
    """True for what a reader cannot see and what turns the direction of a line; joiners are judged by their place."""
    return category(letter) in ("Cc", "Cf", "Zl", "Zp") and letter not in JOINERS


def is_mixed(written: str) -> bool:
    """True when one word has letters of two alphabets: a Cyrillic а in a Latin name."""
    return any(len(_alphabets(word)) > 1 for word in re.split(r"[\s\d/()،,.-]+", written))


def _alphabets(word: str) -> set[str]:
    found = (name(letter, "").partition(" ")[0] for letter in word if letter.isalpha())
    return {alphabet for alphabet in found if alphabet in _ALPHABETS}


def _joins_nothing(written: str) -> bool:
    return any(
        letter in JOINERS and not (0 < place < len(written) - 1 and name(written[place - 1], "").startswith("ARABIC"))
        for place, letter in enumerate(written)
    )
