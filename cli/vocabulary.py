"""`vocabulary`: every command, event and refusal, in both languages, with its form."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.command import command
from cli.errors import no_such
from cli.office import Office
from cli.reference import title
from domain import commands, events
from domain.people import MAY
from domain.refusals import CODES, RETRYABLE
from i18n.text import text

LISTING = "khoosheh vocabulary"


@command
def vocabulary(
    office: Office,
    of: Annotated[str | None, typer.Argument(metavar="[COMMAND]", help="Only this one, with its fields.")] = None,
) -> None:
    """Every command, event and refusal code with titles, roles and (--json) JSON Schema.

    Example:
      khoosheh vocabulary DecideGate
    """
    if of is not None and of not in commands.TYPES:
        raise no_such("command", of, commands.TYPES, LISTING)
    office.screen.result({
        "commands": [_command(name) for name in commands.TYPES if of in (None, name)],
        "events": [] if of else [_titled("event", name) | {"schema": cls.model_json_schema()}
                                 for name, cls in events.TYPES.items()],
        "refusals": [] if of else [
            {"code": code, "title_fa": _title("refusal", code, "fa"), "title_en": _title("refusal", code, "en"),
             "retryable": code in RETRYABLE} for code in CODES
        ],
    })  # fmt: skip
    _show(office, of)


def _command(name: str) -> dict[str, Any]:
    cls = commands.TYPES[name]
    return _titled("command", name) | {"roles": list(MAY[cls]), "schema": cls.model_json_schema()}


def _titled(table: str, name: str) -> dict[str, Any]:
    return {"type": name, "title_fa": _title(table, name, "fa"), "title_en": _title(table, name, "en")}


def _title(table: str, name: str, lang: Any) -> str:
    return text(f"{table}.{name}", lang, field="field", rule="rule")


def _role(office: Office, role: str) -> str:
    """A role of the methodology, or whom the decision finds: `@owner` is who owes the duty."""
    if role.startswith("@"):
        return office.screen.say(f"relation.{role[1:]}")
    return title("role", role, office.lang)


def _show(office: Office, of: str | None) -> None:
    screen, lang = office.screen, office.lang
    say = screen.say
    rows = [
        (name, say(f"command.{name}"), ", ".join(_role(office, role) for role in MAY[cls]),
         ", ".join(key if field.is_required() else f"[{key}]" for key, field in cls.model_fields.items()))
        for name, cls in commands.TYPES.items() if of in (None, name)
    ]  # fmt: skip
    screen.table((say("screen.commands"), say("screen.title"), say("screen.roles"), say("screen.field")), rows)
    if of is None:
        named = [(name, say(f"event.{name}")) for name in events.TYPES]
        screen.table((say("screen.events"), say("screen.title")), named)
        screen.table((say("screen.refusals"), say("screen.title"), ""), [
            (code, _title("refusal", code, lang), say("screen.again") if code in RETRYABLE else "") for code in CODES
        ])  # fmt: skip
