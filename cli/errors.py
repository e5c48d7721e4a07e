"""How a "no" reaches people and programs: what is printed, and the exit code that scripts read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from domain.refusals import Refused
from i18n.dates import Lang
from i18n.text import rule as rule_words
from i18n.text import words

if TYPE_CHECKING:
    from cli.output import Screen

DONE, REFUSED, WRONG_USE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130
MOST_SHOWN = 100
MOST_NEAR, NEAR = 3, 0.5
"""How many words are proposed for one that is unknown, and how alike they are to it (0 to 1)."""

_NOTHING_OPENED: Mapping[str, Any] = {"job": None, "opened": 0, "already": 0, "clusters": []}


class WrongUse(Exception):
    """The command line cannot be carried out as written; `key` names the words, `field` what to mend.

    `code` is what programs read: `key`, unless several wordings say the same.
    """

    def __init__(
        self, key: str, *, code: str = "", field: str = "", allowed: Collection[str] = (), **values: object
    ) -> None:
        super().__init__(key)
        self.key, self.values = key, values
        self.code, self.field, self.allowed = code or key, field, allowed


class Unreachable(Exception):
    """Engine or ledger cannot be used; `key` names the words. `sending`: a command was to be sent, and was not."""

    sending = False

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


class Findings(Exception):
    """All was said; the exit code tells that there is something to mend."""


def no_such(kind: str, given: str, known: Collection[str], listing: str = "") -> WrongUse:
    """Wrong use that names the nearest words there are; where none is near, all of them.

    `listing` is the command that lists them: people are then not shown all, programs are.
    """
    lowered = {word.casefold(): word for word in known}
    near = get_close_matches(given.casefold(), lowered, n=MOST_NEAR, cutoff=0.0 if listing else NEAR)
    said = {"kind": kind, "given": given, "nearest": ", ".join(lowered[word] for word in near)}
    key = "nearest_listed" if listing else "nearest" if near else "unknown"
    words = said | {"listing": listing, "known": ", ".join(sorted(known))}
    return WrongUse(key, code="unknown", field=kind, allowed=sorted(known), **words)


@contextmanager
def told(screen: Screen) -> Iterator[None]:
    """What goes wrong inside is told in the reader's language, without a stack trace; ends with the exit code."""
    from adapters.tables import TableUnreadable
    from client.directory_sheet import SheetFault, SheetRefused
    from client.signing import KeyUnusable

    try:
        with _reached(screen):
            yield
    except Refused as refused:
        tell_refusal(screen, refused)
        raise SystemExit(REFUSED) from None
    except SheetRefused as refused:
        tell_faults(screen, refused.faults, result=_NOTHING_OPENED)
        raise SystemExit(REFUSED) from None
    except TableUnreadable as fault:
        faults = [SheetFault(fault.row, "", fault.code)]
        tell_faults(screen, faults, detail=fault.detail[:MOST_SHOWN], result=_NOTHING_OPENED)
        raise SystemExit(REFUSED) from None
    except Findings:
        raise SystemExit(REFUSED) from None
    except WrongUse as wrong:
        _tell(screen, wrong.code, _wrong_words(screen, wrong), field=wrong.field, allowed=list(wrong.allowed))
        raise SystemExit(WRONG_USE) from None
    except KeyUnusable as unusable:
        _tell(screen, unusable.code, screen.say(f"wrong.{unusable.code}", detail=unusable.detail))
        raise SystemExit(WRONG_USE) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        raise  # whoever read what we write has left: nobody is there to be told
    except OSError as fault:
        _tell_file(screen, fault)
        raise SystemExit(WRONG_USE if fault.filename else UNREACHABLE) from None


@contextmanager
def _reached(screen: Screen) -> Iterator[None]:
    """Engine or ledger could not be used: says so, and whether a command was sent."""
    from adapters.signer_folder import SignerUnusable
    from client.connection import EngineMissing
    from client.opening import JobUnknown
    from client.programme import Unknown
    from ledger.objects import ObjectsUnusable
    from ledger.store import LedgerUnusable

    try:
        yield
    except Unreachable as unreachable:
        said = screen.say(f"reach.{unreachable.key}", **unreachable.values)
        if unreachable.sending:
            said = f"{screen.say('reach.not_sent')} {said}"
        _tell(screen, unreachable.key, said)
        raise SystemExit(UNREACHABLE) from None
    except EngineMissing as missing:
        _tell(screen, "engine_missing", screen.say("reach.engine_missing", detail=missing))
        raise SystemExit(UNREACHABLE) from None
    except LedgerUnusable as unusable:
        _tell(screen, unusable.code, ledger_words(screen, unusable.code, unusable.detail))
        raise SystemExit(WRONG_USE if unusable.code == "ledger_address" else UNREACHABLE) from None
    except SignerUnusable as unusable:
        _tell(screen, unusable.code, screen.say(f"reach.{unusable.code}", detail=unusable.detail))
        raise SystemExit(UNREACHABLE) from None
    except ObjectsUnusable as unusable:
        _tell(screen, unusable.code, screen.say(f"mend.archive_{unusable.code}", detail=unusable.detail))
        raise SystemExit(UNREACHABLE) from None
    except Unknown as unknown:
        screen.result({"unknown": True, "command_id": unknown.command_id})
        key = "reach.unknown_job" if isinstance(unknown, JobUnknown) else "reach.unknown"
        screen.fault(screen.say(key, command_id=unknown.command_id))
        raise SystemExit(UNREACHABLE) from None


def ledger_words(screen: Screen, code: str, detail: str) -> str:
    """Why the ledger cannot be used, and what to do."""
    if (key := f"reach.{code}") in words(screen.lang):
        return screen.say(key, detail=detail)
    return screen.say("reach.ledger", detail=f"{code}: {detail}")


def refusal_words(screen: Screen, code: str, field: str, rule: str) -> str:
    """The refusal as a sentence of the reader's language."""
    return screen.say(f"refusal.{code}", field=field, rule=rule_words(rule, screen.lang))


def refusal_form(screen: Screen, refused: Refused) -> dict[str, Any]:
    """The refusal as programs read it."""
    return {"code": refused.code, "field": refused.field, "rule": refused.rule, "allowed": list(refused.allowed),
            "message": refusal_words(screen, refused.code, refused.field, refused.rule)}  # fmt: skip


def tell_refusal(screen: Screen, refused: Refused, now: Collection[str] = ()) -> None:
    """Code, field, rule and what would do; `now` are the commands allowed at present."""
    form = refusal_form(screen, refused)
    screen.result({"refused": form | ({"allowed_now": list(now)} if now else {})})
    if screen.json:
        return
    screen.fault(f"{screen.say('screen.refused')} ({refused.code}): {form['message']}")
    rows = [
        ("screen.field", refused.field),
        ("screen.rule", rule_words(refused.rule, screen.lang)),
        ("screen.allowed_now", ", ".join(_allowed_words(one, screen.lang) for one in refused.allowed)),
        ("screen.allowed_commands", ", ".join(now)),
    ]
    screen.table(("", ""), [(screen.say(key), value) for key, value in rows if value], fault=True)


def _allowed_words(one: str, lang: Lang) -> str:
    """What would do; of a form that is `field: rule`."""
    field, colon, said = one.partition(": ")
    return f"{field}{colon}{rule_words(said, lang)}"


def fault_rows(screen: Screen, faults: Collection[Any], table: str = "fault") -> list[dict[str, Any]]:
    """Faults of a sheet with their words; those of `table` come first."""
    said = words(screen.lang)
    return [
        {"row": one.row, "field": one.field, "code": one.code,
         "message": said.get(f"{table}.{one.code}") or screen.say(f"fault.{one.code}")}
        for one in list(faults)[:MOST_SHOWN]
    ]  # fmt: skip


def tell_faults(
    screen: Screen, faults: Collection[Any], *, said: str = "screen.faults", table: str = "fault", detail: str = "",
    result: Mapping[str, Any],
) -> None:  # fmt: skip
    """Every fault of a sheet, and the words that would do where a word is unknown; `result` is the rest of the JSON."""
    rows = fault_rows(screen, faults, table)
    allowed = {code: known for code, known in _allowed().items() if any(row["code"] == code for row in rows)}
    more = {"detail": detail} if detail else {}
    screen.result({**result, "refused": [row | more for row in rows], "faults": len(faults), "allowed": allowed})
    if screen.json:
        return
    screen.fault(screen.say(said, n=screen.count(len(faults))))
    headings = [screen.say(f"screen.{key}") for key in ("row", "column", "problem", "code")]
    shown = f" ({detail})" if detail else ""
    screen.table(headings, [
        (screen.count(row["row"]) if row["row"] else "—", row["field"], row["message"] + shown, (row["code"], "dim"))
        for row in rows
    ], fault=True)  # fmt: skip
    if allowed:
        headings = [screen.say(f"screen.{key}") for key in ("code", "allowed_now")]
        screen.table(headings, [(code, ", ".join(known)) for code, known in allowed.items()], fault=True)
    if len(faults) > len(rows):
        screen.note(screen.say("screen.faults_capped", n=screen.count(len(rows))))


def _allowed() -> dict[str, list[str]]:
    """The words a sheet may use, by the code of the fault when it uses others."""
    from cli.reference import methodology, provinces

    loaded = methodology().methodology
    return {
        "unknown_province": sorted(one["province"] for one in provinces()),
        "unknown_status": sorted(opening.status for opening in loaded.opening),
        "unknown_role": sorted(loaded.role_by_key),
    }


def _wrong_words(screen: Screen, wrong: WrongUse) -> str:
    values = dict(wrong.values)
    kind = f"wrong.kind_{values.get('kind')}"
    if kind in words(screen.lang):
        values["kind"] = screen.say(kind)
    if "reason" in values:
        values["reason"] = screen.say(f"fault.{values['reason']}")
    return screen.say(f"wrong.{wrong.key}", **values)


def _tell_file(screen: Screen, fault: OSError) -> None:
    given, detail = str(fault.filename or ""), fault.strerror or str(fault)
    _tell(screen, "file_unusable", screen.say("wrong.file_unusable", given=given, detail=detail), field=given)


def _tell(screen: Screen, code: str, said: str, **more: Any) -> None:
    """`more` is told to programs alone, as far as there is any; the words hold it for people."""
    screen.result({"error": {"code": code, **{key: value for key, value in more.items() if value}, "message": said}})
    if not screen.json:
        screen.fault(said)
