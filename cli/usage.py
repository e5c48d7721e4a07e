"""Arguments that cannot be read, told like every other "no": in the reader's language, and as JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from typer import TyperException
from typer.core import TyperGroup

from cli.errors import WRONG_USE, WrongUse, no_such, told
from cli.help import PROGRAM, page, spoken_in
from cli.output import Screen


class Commands(TyperGroup):
    """A group of commands whose faults are ours to tell. Help that nobody asked for is still help."""

    def main(
        self, args: Sequence[str] | None = None, prog_name: str | None = None, complete_var: str | None = None,
        standalone_mode: bool = True, windows_expand_args: bool = True, **extra: Any,
    ) -> Any:  # fmt: skip
        """Runs the command and ends with its exit code; not standing alone, returns it and raises what is wrong."""
        given = sys.argv[1:] if args is None else list(args)
        lang = spoken_in(given)

        def _run() -> Any:
            return super(Commands, self).main(
                args=given, prog_name=prog_name, complete_var=complete_var, standalone_mode=False,
                windows_expand_args=windows_expand_args, obj=lang, **extra,
            )  # fmt: skip

        if not standalone_mode:
            return _run()
        with told(Screen(lang, json="--json" in given, quiet=False)):
            try:
                code = _run()
            except TyperException as fault:
                raise _wrong_use(fault) from None
        sys.exit(code if isinstance(code, int) else 0)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(page(self, ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is named; wrong use when there is none of that name."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            raise no_such("command", args[0], self.commands, _help_of(ctx))
        return super().resolve_command(ctx, args)


def _help_of(ctx: Any) -> str:
    """How help is asked for: `khoosheh do -h`."""
    words = ctx.command_path.split()[1:] if ctx is not None else []
    return " ".join([PROGRAM, *words, "-h"])


def _wrong_use(fault: TyperException) -> WrongUse:
    """What the library could not read, by the kind of its fault: those classes are not open to us, their names are."""
    kind, ctx, param = (getattr(fault, name, None) for name in ("__class__", "ctx", "param"))
    listing = _help_of(ctx)
    match kind.__name__ if kind else "":
        case "NoArgsIsHelpError":
            sys.stderr.write(fault.format_message() + "\n")
            raise SystemExit(WRONG_USE)
        case "NoSuchOption":
            return no_such("option", str(getattr(fault, "option_name", "")), _options(ctx), listing)
        case "MissingParameter" if param is not None:
            return WrongUse("missing_value", field=_field(param), given=_field(param), listing=listing)
        case "BadParameter" if param is not None and (form := _form(param)):
            field = _field(param)
            return WrongUse("bad_value", field=field, allowed=[form], given=field, known=form)
    return WrongUse("usage", detail=fault.format_message(), listing=listing)


def _options(ctx: Any) -> set[str]:
    """What may stand there: the options of the command, or, of a group, also its commands."""
    found = {word for param in ctx.command.params for word in param.opts if word.startswith("-")}
    return found | {"--help", *getattr(ctx.command, "commands", ())}


def _field(param: Any) -> str:
    return str(max(param.opts, key=len))


def _form(param: Any) -> str:
    """What the option takes: `1–68`, `0, 1, 2 …`, `2024-04-19`; empty where only the library knows."""
    least, most, kind = param.min, param.max, param.type_descriptor.annotation
    if most is not None:
        return f"{least}–{most}" if most != least else f"{most}"
    if least is not None:
        return f"{least}, {least + 1}, {least + 2} …"
    return "0, 1, 2 …" if kind is int else "2024-04-19" if kind is datetime else ""
