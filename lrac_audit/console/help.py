"""Commands and groups whose help rich draws in a terminal, and is plain text in a pipe."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from typing import Any, Literal

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.console.output import writing_output
from lrac_audit.console.terminal import is_capable
from lrac_audit.console.written_files import check_written_files

MAX_SUMMARY_LENGTH = 200
"""Summaries of commands are wrapped rather than cut."""


class Command(TyperCommand):
    """A command; its epilog holds examples, which are shown line by line."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **{**settings, "help": _unwrapped(settings.get("help"))})

    def get_params(self, ctx: Any) -> list[Any]:
        """Return arguments and options, with the names that help shows."""
        return _with_metavars(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse ``args``, which may ask for the help."""
        with writing_output():
            return super().parse_args(ctx, args)
        return ctx.exit()  # whoever read the help has closed the pipe

    def invoke(self, ctx: Any) -> Any:
        """Run the command, unless a file that it would write cannot be written or is an input."""
        check_written_files(ctx)
        return super().invoke(ctx)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help for where it is read."""
        self.rich_markup_mode = _markup_mode()
        super().format_help(ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options under the headings of their panels."""
        _write_parameters(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples as they are."""
        formatter.write(_plain_epilog(self.epilog))


class Group(TyperGroup):
    """A group of commands; named alone, it shows its help and counts as bad usage."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "help": _unwrapped(settings.get("help"))})

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options, with the names that help shows."""
        return _with_metavars(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse ``args``, or show the help where there are none."""
        with writing_output():
            if not args and not ctx.resilient_parsing:
                typer.echo(ctx.get_help())
                ctx.exit(ExitCode.BAD_INPUT)
            return super().parse_args(ctx, args)
        return ctx.exit()  # whoever read the help has closed the pipe

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help for where it is read."""
        self.rich_markup_mode = _markup_mode()
        super().format_help(ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write options and commands under the headings of their panels."""
        _write_parameters(self.get_params(ctx), ctx, formatter)
        panels = _Panels(formatter)
        for name, command in self.commands.items():
            panels.add(command, "Commands", name, command.get_short_help_str(MAX_SUMMARY_LENGTH))
        panels.write()

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the epilog as it is."""
        formatter.write(_plain_epilog(self.epilog))


def _with_metavars(parameters: list[Any]) -> list[Any]:
    """Name arguments in capitals, as the text of help does, and give flags no type."""
    for parameter in parameters:
        if parameter.metavar is None and isinstance(parameter, TyperArgument):
            parameter.metavar = parameter.name.upper()
        elif parameter.metavar is None and parameter.is_flag:
            parameter.metavar = ""
    return parameters


class _Panels:
    """Lines of plain help under headings, in the order in which each was first named."""

    def __init__(self, formatter: Any) -> None:
        self._formatter = formatter
        self._rows: dict[str, list[tuple[str, str]]] = {}

    def add(self, item: Any, default: str, name: str, text: str) -> None:
        """Put a line under the panel of ``item``, or else under ``default``."""
        panel = getattr(item, "rich_help_panel", None) or default
        self._rows.setdefault(panel, []).append((name, text))

    def write(self) -> None:
        """Write every panel."""
        for panel, rows in self._rows.items():
            with self._formatter.section(panel):
                self._formatter.write_dl(rows)


def _write_parameters(parameters: Iterable[Any], ctx: Any, formatter: Any) -> None:
    panels = _Panels(formatter)
    for parameter in parameters:
        record = parameter.get_help_record(ctx)
        if record is not None:
            default = "Arguments" if isinstance(parameter, TyperArgument) else "Options"
            panels.add(parameter, default, *record)
    panels.write()


def _markup_mode() -> Literal["rich"] | None:
    return "rich" if is_capable(sys.stdout) else None


def _plain_epilog(epilog: str | None) -> str:
    return f"\n{inspect.cleandoc(epilog)}\n" if epilog else ""


def _unwrapped(text: str | None) -> str | None:
    """Return paragraphs without the line breaks of the source, to be wrapped anew."""
    if text is None:
        return None
    return "\n\n".join(part.replace("\n", " ") for part in inspect.cleandoc(text).split("\n\n"))
